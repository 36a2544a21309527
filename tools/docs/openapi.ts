import { stepNames } from '../../main/bundle/index.ts';
import { defaultPort, mediaTypes, routes, startRefusals, type RouteName } from '../../main/device/index.ts';
import { productVersion } from '../../main/core/index.ts';

/** A schema file next to the document. */
const schema = (name: string) => ({ $ref: `schemas/${name}.schema.json` });

const contentDigest = {
  description: 'RFC 9530: the SHA-256 of the body. A request may carry other digests beside it.',
  required: true,
  schema: { type: 'string', pattern: '(^|,) *sha-256=:[A-Za-z0-9+/]{43}=: *(,|$)' },
};

const json = (description: string, name: string) => ({
  description,
  content: { [mediaTypes.json]: { schema: schema(name) } },
});
const pkcs7 = (description: string) => ({
  description,
  headers: { 'Content-Digest': contentDigest },
  content: { [mediaTypes.pkcs7]: {} },
});
const problem = (description: string) => ({
  description,
  content: { [mediaTypes.problem]: { schema: schema('problem') } },
});

const tooLarge = problem('The body is larger than 1 MiB. The connection is closed.');
const mediaType = problem('The media type is not the one that the call accepts. Its parameters are ignored.');
const stateLost = problem('The eNB cannot store its state. Nothing has changed.');

interface Operation {
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<number, object>>;
}

const operations: Readonly<Record<RouteName, Operation>> = {
  identity: {
    summary: 'The identity and state of the eNB',
    description:
      'hwType and serialNumber must equal those in the TLS certificate. A client that finds another identity closes the connection. lastEpoch is the highest epoch of an accepted bundle, and lastSequence is the sequence number in it. Both are 0 if no bundle was accepted.',
    responses: { 200: json('The identity.', 'identity') },
  },
  putBundle: {
    summary: 'Deliver a bundle',
    description:
      'The eNB makes every check of the acceptance. It replaces the accepted bundle and raises its sequence number in one atomic write, before it answers 200. A refused bundle does not change the accepted one. A bundle that the eNB already has is accepted again.',
    parameters: [{ name: 'Content-Digest', in: 'header', ...contentDigest }],
    requestBody: {
      required: true,
      description: 'The bundle, DER, at most 1 MiB.',
      content: { [mediaTypes.pkcs7]: {} },
    },
    responses: {
      200: json('The bundle was accepted and stored.', 'verdict'),
      400: problem('Content-Digest is missing, or does not contain the SHA-256 of the body.'),
      413: tooLarge,
      415: mediaType,
      422: json('The bundle was refused. The verdict lists the checks that failed.', 'verdict'),
      500: stateLost,
    },
  },
  getBundle: {
    summary: 'Read the accepted bundle back',
    description:
      'Returns the accepted bytes, so that the client can compare them with the bytes that it sent.',
    responses: { 200: pkcs7('The accepted bundle.'), 404: problem('No bundle has been accepted yet.') },
  },
  receipt: {
    summary: 'Request a receipt',
    description:
      'The eNB signs a receipt with its own key. The receipt is about the last bundle that the eNB received, accepted or not. Its number is greater than that of every earlier receipt.',
    requestBody: {
      required: true,
      content: { [mediaTypes.json]: { schema: schema('receipt-request') } },
    },
    responses: {
      200: pkcs7('The receipt: CMS SignedData over siteseal-receipt/1.'),
      400: problem('The body is not a request for a receipt.'),
      409: problem('The eNB has received no bundle yet, so there is nothing to sign.'),
      413: tooLarge,
      415: mediaType,
      500: stateLost,
    },
  },
  steps: {
    summary: 'The state of the steps after the bundle',
    description:
      'All steps in order. A step that has not started is waiting. Over TCP, a client may accept text/event-stream: the steps now and after each change, until no step runs. On another connection the client asks at most once a second.',
    responses: {
      200: {
        description: 'The steps.',
        content: {
          [mediaTypes.json]: { schema: schema('steps') },
          [mediaTypes.events]: {
            schema: { type: 'string', description: 'Each data line has the steps as JSON.' },
          },
        },
      },
    },
  },
  startStep: {
    summary: 'Start a step of the accepted bundle',
    description:
      'Starts the step in the background, without a body. GET /v1/steps reports how it goes. One step runs at a time. A client that never saw the answer to its start may find that the step is running.',
    parameters: [{ name: 'step', in: 'path', required: true, schema: { enum: stepNames } }],
    responses: {
      202: json('The step has started, or is already done. The states of all steps.', 'steps'),
      409: problem(`The step was not started. The member "code" says why: ${startRefusals.join(', ')}.`),
      500: stateLost,
      501: problem('This eNB does not make the step.'),
      503: problem(
        'The same step was started less than 30 s ago. Retry-After has the seconds to wait. The next step after a done one can start at once.',
      ),
    },
  },
  checkPath: {
    summary: 'Check the path to the security gateways',
    description:
      'The eNB checks the path to the gateways of the accepted bundle from its own position, without a body in the request. It changes nothing, so an eNB in service does it too. It sends each gateway at most one full IKE_SA_INIT, and otherwise messages that leave no state there. The answer may take 20 s. Requests that arrive meanwhile get the same answer.',
    responses: {
      200: json('The checks.', 'path'),
      409: problem('The eNB has no accepted bundle. The member "code" is not-provisioned.'),
      501: problem('This eNB does not check its path.'),
      503: problem('The last check ended less than 30 s ago. Retry-After has the seconds to wait.'),
    },
  },
};

/** The commissioning interface as an OpenAPI 3.1 document. */
export const openApi = {
  openapi: '3.1.1',
  info: {
    title: 'Siteseal: eNB commissioning interface',
    version: productVersion(),
    summary: 'Delivers a bundle to an eNB on its local maintenance port.',
    description:
      'HTTP/1.1 in TLS 1.3, on the local maintenance port only. The eNB is the server and proves its identity with its vendor certificate. There are no pre-shared keys, tickets or early data, so every connection proves possession of the key. The client checks the path and identity of that certificate, never a host name. The client is not authenticated: bundles authenticate themselves. Bodies have at most 1 MiB. Another path is answered with 404, and another method on one of these paths with 405 and Allow. Both answers contain a problem. An eNB may close an idle connection. Answers have Cache-Control: no-store.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [
    {
      url: 'https://{address}:{port}',
      description: 'The eNB on the local link or the maintenance network.',
      variables: { address: { default: '192.0.2.1' }, port: { default: String(defaultPort) } },
    },
  ],
  security: [],
  paths: toPaths(),
};

function toPaths(): Record<string, Record<string, object>> {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, operation] of Object.entries(operations)) {
    const { method, path } = routes[name as RouteName];
    (paths[path] ??= {})[method.toLowerCase()] = { operationId: name, ...operation };
  }
  return paths;
}
