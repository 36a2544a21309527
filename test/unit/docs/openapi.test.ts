import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { connect } from 'node:tls';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { contentDigest, mediaTypes, routes, startOf, type RouteName } from '../../../main/device/index.ts';
import { CommissioningServer, ReferenceEnb, type ReferenceEnbOptions } from '../../../main/lab/index.ts';
import type { StepName } from '../../../main/bundle/index.ts';
import { root } from '../../../tools/docs/generate.ts';
import { openApi } from '../../../tools/docs/openapi.ts';
import { schemas } from '../../../tools/docs/schemas.ts';
import { bundleFor, configurationFor, identity, makeChallenge, makeScene, now } from '../../kit/bundle.ts';
import { makeEnroller } from '../../kit/enroller.ts';
import { noNetwork } from '../../kit/path.ts';

const ajv = new Ajv2020({ strict: true, strictTypes: false });
const scene = makeScene();

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Call {
  readonly route: RouteName;
  readonly step?: StepName;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A separate reference eNB, and calls to it over TLS as any client would make them. */
class Enb {
  readonly folder = mkdtempSync(join(tmpdir(), 'openapi-'));
  #server: Awaited<ReturnType<CommissioningServer['listen']>> | undefined;

  async start(lacksPath = false): Promise<void> {
    const options: ReferenceEnbOptions = {
      ...scene.enb,
      chain: [scene.vendor.issuing.certificate],
      vendorRoot: scene.vendor.root.certificate,
      folder: this.folder,
      now: () => now,
      steps: { enroller: makeEnroller(scene), later: () => () => undefined, uptime: () => 0 },
      ...(!lacksPath && { path: { network: noNetwork, uptime: () => 0 } }),
    };
    const enb = ReferenceEnb.start(options);
    assert(enb.ok);
    this.#server = await new CommissioningServer(enb.value, options).listen('127.0.0.1', 0);
  }

  call(
    { route, step = 'enrolment', body, headers }: Call,
    override: { method?: string; path?: string } = {},
  ): Promise<Answer> {
    const target = route === 'startStep' ? startOf(step) : routes[route];
    const { method, path } = { ...target, ...override };
    const port = this.#server?.port ?? 0;
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
    return new Promise((resolve, reject) => {
      const call = request({ createConnection: () => socket, method, path, headers: { ...headers } });
      call.once('response', (response) => {
        response.toArray().then((parts) => {
          socket.destroy();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts as Buffer[]),
          });
        }, reject);
      });
      call.on('error', reject);
      call.end(body);
    });
  }

  async close(): Promise<void> {
    await this.#server?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function putBundle(body: Uint8Array, headers: Readonly<Record<string, string>> = {}): Call {
  const all = { 'content-type': mediaTypes.pkcs7, 'content-digest': contentDigest(body), ...headers };
  return { route: 'putBundle', body, headers: all };
}

function askReceipt(body: string | Uint8Array, mediaType: string = mediaTypes.json): Call {
  return { route: 'receipt', body: Buffer.from(body), headers: { 'content-type': mediaType } };
}

const bundle = await bundleFor(scene);
const withoutIpsec = await bundleFor(scene, {
  initialIpsec: { ...configurationFor(scene).initialIpsec, required: false },
});
const tooLarge = new Uint8Array(1024 * 1024 + 1);
const challenge = JSON.stringify({ challenge: makeChallenge() });

interface Exchange extends Call {
  readonly status: number;
  /** What was called before. */
  readonly before?: Call | readonly Call[];
  /** The eNB cannot write its state any more. */
  readonly isBroken?: true;
  /** The eNB cannot check its path. */
  readonly lacksPath?: true;
}

/** One for each status of each operation. */
const exchanges: readonly Exchange[] = [
  { route: 'identity', status: 200 },
  { ...putBundle(bundle), status: 200 },
  { ...putBundle(bundle, { 'content-digest': contentDigest(challenge as never) }), status: 400 },
  { ...putBundle(tooLarge), status: 413 },
  { ...putBundle(bundle, { 'content-type': 'application/octet-stream' }), status: 415 },
  { ...putBundle(Buffer.from('not a bundle')), status: 422 },
  { ...putBundle(bundle), status: 500, isBroken: true },
  { route: 'getBundle', status: 200, before: putBundle(bundle) },
  { route: 'getBundle', status: 404 },
  { ...askReceipt(challenge), status: 200, before: putBundle(bundle) },
  { ...askReceipt('{"challenge":"short"}'), status: 400, before: putBundle(bundle) },
  { ...askReceipt(challenge), status: 409 },
  { ...askReceipt(tooLarge), status: 413 },
  { ...askReceipt(challenge, 'text/plain'), status: 415 },
  { ...askReceipt(challenge), status: 500, before: putBundle(bundle), isBroken: true },
  { route: 'steps', status: 200 },
  { route: 'startStep', status: 202, before: putBundle(withoutIpsec) },
  { route: 'startStep', status: 409 },
  { route: 'startStep', status: 500, before: putBundle(withoutIpsec), isBroken: true },
  { route: 'startStep', step: 'initial-ipsec', status: 501, before: putBundle(bundle) },
  {
    route: 'startStep',
    status: 503,
    before: [putBundle(withoutIpsec), { route: 'startStep' }, { route: 'steps' }],
  },
  { route: 'checkPath', status: 200, before: putBundle(bundle) },
  { route: 'checkPath', status: 409 },
  { route: 'checkPath', status: 501, lacksPath: true },
  { route: 'checkPath', status: 503, before: [putBundle(bundle), { route: 'checkPath' }] },
];

interface DocumentedAnswer {
  readonly headers?: Readonly<Record<string, { readonly schema: object }>>;
  readonly content: Readonly<Record<string, { readonly schema?: { readonly $ref: string } }>>;
}

function documented(route: RouteName): Readonly<Record<string, DocumentedAnswer>> {
  const { method, path } = routes[route];
  const operation = openApi.paths[path]?.[method.toLowerCase()];
  assert(operation && 'responses' in operation, route);
  return operation.responses as Readonly<Record<string, DocumentedAnswer>>;
}

const validators = new Map<string, ValidateFunction>();
function validator(ref: string): ValidateFunction {
  const name = /^schemas\/(.+)\.schema\.json$/.exec(ref)?.[1] ?? '';
  const known = validators.get(ref) ?? ajv.compile(schemas[name] ?? assert.fail(ref));
  validators.set(ref, known);
  return known;
}

suite('docs/formats/openapi.json', () => {
  const started: Enb[] = [];
  after(() => Promise.all(started.map((enb) => enb.close())));
  const start = async (lacksPath?: boolean) => {
    const enb = new Enb();
    started.push(enb);
    await enb.start(lacksPath);
    return enb;
  };

  test('is an OpenAPI 3.1 document', async () => {
    const file = readFileSync(join(root, 'docs/formats/openapi.json'), 'utf8');
    const openApiValidator = new Validator();
    for (const [name, schema] of Object.entries(schemas))
      await openApiValidator.addSpecRef({ ...schema }, `schemas/${name}.schema.json`);
    const { valid, errors } = await openApiValidator.validate(JSON.parse(file) as Record<string, unknown>);
    assert.equal(valid, true, JSON.stringify(errors));
  });

  test('documents the statuses that the exchanges below bring about, and no others', () => {
    for (const route of Object.keys(routes) as RouteName[]) {
      const statuses = exchanges.filter((one) => one.route === route).map(({ status }) => String(status));
      assert.deepEqual(Object.keys(documented(route)), statuses, route);
    }
  });

  for (const { status, before, isBroken, lacksPath, ...call } of exchanges) {
    const { method, path } = routes[call.route];
    test(`${method} ${path} answers ${status} as it says`, async () => {
      const enb = await start(lacksPath);
      for (const call of [before ?? []].flat()) assert((await enb.call(call)).status < 300);
      if (isBroken) rmSync(enb.folder, { recursive: true });
      const answer = await enb.call(call);
      assert.equal(answer.status, status);
      assertAnswer(answer, documented(call.route)[status] ?? assert.fail());
    });
  }

  test('another path is answered 404, another method 405, each with a problem', async () => {
    const enb = await start();
    const answers = [
      await enb.call({ route: 'identity' }, { path: '/v2/identity' }),
      await enb.call({ route: 'identity' }, { method: 'DELETE' }),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [404, 405],
    );
    assert.equal(answers[1]?.headers.allow, 'GET');
    const content = { [mediaTypes.problem]: { schema: { $ref: 'schemas/problem.schema.json' } } };
    for (const answer of answers) assertAnswer(answer, { content });
  });

  test('the identity is the one in the certificate', async () => {
    const { body } = await (await start()).call({ route: 'identity' });
    const { hwType, serialNumber } = JSON.parse(body.toString()) as typeof identity;
    assert.deepEqual({ hwType, serialNumber }, identity);
  });
});

/** The media type, the body where it is JSON, and the headers are as documented. */
function assertAnswer(
  { headers, body }: Answer,
  { content, headers: expected = {} }: DocumentedAnswer,
): void {
  assert.equal(headers['cache-control'], 'no-store');
  const [mediaType = '', { schema } = {}] = Object.entries(content)[0] ?? [];
  assert.equal(headers['content-type'], mediaType);
  if (schema) {
    const validate = validator(schema.$ref);
    assert.equal(validate(JSON.parse(body.toString())), true, JSON.stringify(validate.errors));
  }
  for (const [name, header] of Object.entries(expected))
    assert.equal(ajv.validate(header.schema, headers[name.toLowerCase()]), true, name);
}
