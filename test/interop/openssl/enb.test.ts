// The commissioning interface with TLS and HTTP of other makes at the other end: OpenSSL's s_client and s_server, curl.
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { verifyReceipt } from '../../../main/bundle/index.ts';
import { contentDigest, openSession } from '../../../main/device/index.ts';
import { bundleFor, identity, makeChallenge, makeScene } from '../../kit/bundle.ts';
import {
  deadlines,
  makeReferenceEnb,
  startEnb,
  temporaryFolder,
  transportTo,
  trustOf,
  writeFactoryFiles,
  type RunningEnb,
} from '../../kit/enb.ts';

const scene = makeScene();
const bundle = await bundleFor(scene);
const folder = temporaryFolder();
const files = writeFactoryFiles(scene, folder);
writeFileSync(join(folder, 'bundle'), bundle);
writeFileSync(join(folder, 'large'), Buffer.alloc(3 * 1024 * 1024, 0x30));

interface Ran {
  readonly code: number;
  readonly output: Buffer;
  readonly errors: string;
}

/** Runs a program of another make to its end, while the eNB in this process serves it. */
function run(program: string, args: readonly string[], input = ''): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd: folder, encoding: 'buffer' }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
      resolve({ code, output: stdout, errors: stderr.toString() });
    });
    child.stdin?.on('error', () => undefined).end(input);
  });
}

let enb: RunningEnb;
before(async () => (enb = await startEnb(scene)));
after(() => enb.close());

/** What `openssl s_client` says of a connection to the eNB; it sends a request and reads the answer. */
async function sClient(...args: readonly string[]): Promise<string> {
  const connection = [
    's_client',
    '-connect',
    `127.0.0.1:${enb.port}`,
    '-CAfile',
    files.vendorRoot,
    '-ign_eof',
  ];
  const request = 'GET /v1/identity HTTP/1.1\r\nHost: enb\r\nConnection: close\r\n\r\n';
  const { output, errors } = await run('openssl', [...connection, ...args], request);
  return output.toString() + errors;
}

describe('openssl s_client', () => {
  it('finds TLS 1.3, a path to the vendor root, and who the eNB is', async () => {
    const said = await sClient('-verify_return_error');
    assert.match(said, /^New, TLSv1\.3, Cipher is TLS_/m);
    assert.match(said, /Verification: OK/);
    assert.match(said, /HTTP\/1\.1 200 OK\r\n/);
    assert.match(said, /"serialNumber":"LAB0001"/);
  });

  it('finds nothing older than TLS 1.3', async () => {
    const said = await sClient('-tls1_2');
    assert.match(said, /^New, \(NONE\), Cipher is \(NONE\)/m);
    assert.doesNotMatch(said, /LAB0001/);
  });

  it('cannot resume a session', async () => {
    await sClient('-sess_out', 'session');
    assert.match(readFileSync(join(folder, 'session'), 'utf8'), /BEGIN SSL SESSION/);
    const said = await sClient('-sess_in', 'session');
    assert.match(said, /^New, TLSv1\.3/m);
    assert.doesNotMatch(said, /^Reused/m);
  });

  it('cannot use a key that was agreed on before, nor send early data', async () => {
    const said = await sClient('-psk', '00'.repeat(32), '-psk_identity', 'enb');
    assert.match(said, /^New, TLSv1\.3/m);
    assert.match(said, /Early data was not sent/);
    assert.match(said, /Max Early Data: 0/);
  });
});

const lacksCurl = spawnSync('curl', ['--version']).error !== undefined && 'there is no curl here';

describe('curl', { skip: lacksCurl }, () => {
  /** The status and the body of an answer. */
  async function curl(path: string, ...args: readonly string[]): Promise<{ status: number; body: Buffer }> {
    const options = [
      '--silent',
      '--show-error',
      '--insecure',
      '--tlsv1.3',
      '--output',
      '-',
      '--write-out',
      '%{http_code}',
    ];
    const { code, output, errors } = await run('curl', [
      ...options,
      ...args,
      `https://127.0.0.1:${enb.port}${path}`,
    ]);
    assert.equal(code, 0, errors);
    return { status: Number(output.subarray(-3).toString()), body: output.subarray(0, -3) };
  }

  const putting = (file: string, digest: string) => [
    ...['--upload-file', file, '--header', 'Content-Type: application/pkcs7-mime'],
    ...['--header', `Content-Digest: ${digest}`],
  ];

  it('reads who the eNB is', async () => {
    const { status, body } = await curl('/v1/identity');
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(body.toString()), enb.enb.describe());
  });

  it('puts a bundle, with the digest from openssl, reads it back, and has a receipt that openssl verifies', async () => {
    const digest = await run('openssl', ['dgst', '-sha256', '-binary', 'bundle']);
    const header = `sha-256=:${digest.output.toString('base64')}:`;
    assert.equal(header, contentDigest(bundle));
    const put = await curl('/v1/bundle', ...putting('bundle', header));
    assert.equal(put.status, 200, put.body.toString());
    assert.deepEqual(await curl('/v1/bundle'), { status: 200, body: Buffer.from(bundle) });

    const challenge = makeChallenge();
    const asking = ['--json', JSON.stringify({ challenge })];
    const receipt = await curl('/v1/receipt', ...asking);
    assert.equal(receipt.status, 200, receipt.body.toString());
    const verified = verifyReceipt(receipt.body, { ...trustOf(scene), enb: identity, challenge });
    assert(verified.ok);
    writeFileSync(join(folder, 'receipt'), receipt.body);
    const cms = ['cms', '-verify', '-inform', 'DER', '-in', 'receipt', '-cades', '-binary'];
    const { code, output, errors } = await run('openssl', [
      ...cms,
      '-CAfile',
      files.vendorRoot,
      '-purpose',
      'any',
    ]);
    assert.equal(code, 0, errors);
    assert.deepEqual(JSON.parse(output.toString()), verified.value);
  });

  it('is refused a wrong digest, another media type, and what is too large', async () => {
    const wrong = contentDigest(Buffer.from('another'));
    assert.equal((await curl('/v1/bundle', ...putting('bundle', wrong))).status, 400);
    const plain = ['--upload-file', 'bundle', '--header', `Content-Digest: ${contentDigest(bundle)}`];
    assert.equal((await curl('/v1/bundle', ...plain)).status, 415);
    assert.equal((await curl('/v1/bundle', ...putting('large', wrong))).status, 413);
    const chunked = [...putting('large', wrong), '--header', 'Transfer-Encoding: chunked'];
    assert.equal((await curl('/v1/bundle', ...chunked)).status, 413);
  });

  it('is told about methods and paths that there are not', async () => {
    const head = await curl('/v1/bundle', '--request', 'DELETE', '--include');
    assert.equal(head.status, 405);
    assert.match(head.body.toString(), /\r\nallow: PUT, GET\r\n/i);
    assert.equal((await curl('/v2/identity')).status, 404);
  });

  it('cannot speak HTTP without TLS, nor an older TLS', async () => {
    const url = `://127.0.0.1:${enb.port}/v1/identity`;
    assert.notEqual((await run('curl', ['--silent', `http${url}`])).code, 0);
    assert.notEqual(
      (await run('curl', ['--silent', '--insecure', '--tls-max', '1.2', `https${url}`])).code,
      0,
    );
  });
});

describe('openssl s_server', () => {
  const enbFolder = join(folder, 'server');
  mkdirSync(join(enbFolder, 'v1'), { recursive: true });
  const description = JSON.stringify(makeReferenceEnb(scene).describe());
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n';
  writeFileSync(join(enbFolder, 'v1', 'identity'), head + description);

  /** What comes of a session with an s_server that has the certificate of the eNB and these options. */
  async function attempt(...args: readonly string[]) {
    const server = [
      's_server',
      '-accept',
      '127.0.0.1:0',
      '-HTTP',
      '-cert',
      files.identity,
      '-key',
      files.key,
    ];
    const child = spawn('openssl', [...server, '-cert_chain', files.chain, ...args], {
      cwd: enbFolder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    try {
      const port = await portOf(child.stdout);
      return await openSession(transportTo(port), trustOf(scene), deadlines);
    } finally {
      child.kill();
      await exited;
    }
  }

  async function portOf(output: NodeJS.ReadableStream): Promise<number> {
    for await (const line of createInterface({ input: output })) {
      const [, port] = /^ACCEPT .*:(\d+)/.exec(line) ?? [];
      if (port !== undefined) return Number(port);
    }
    return assert.fail('s_server does not listen');
  }

  it('is believed with the certificate and the key of the eNB', async () => {
    const session = await attempt();
    assert(session.ok, JSON.stringify(session));
    assert.deepEqual(session.value.enb, identity);
    session.value.close();
  });

  it('is not believed in TLS 1.2', async () => {
    const session = await attempt('-tls1_2');
    assert(!session.ok);
    assert.equal(session.fault.code, 'device-not-tls13');
  });
});
