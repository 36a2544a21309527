import { defaultPort, mediaTypes, routes, type RouteName } from '../../main/device/index.ts';
import { productVersion } from '../../main/core/index.ts';

/** A schema beside the document. */
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
const mediaType = problem('The media type is not the one that the call takes. Its parameters are ignored.');
const stateLost = problem('The eNB cannot keep its state; nothing has changed.');

interface Operation {
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<number, object>>;
}

const operations: Readonly<Record<RouteName, Operation>> = {
  identity: {
    summary: 'Who the eNB is, and how it stands',
    description:
      'hwType and serialNumber must equal those in the TLS certificate; a client that finds another identity ends the connection. lastEpoch is the highest epoch of an accepted bundle and lastSequence the sequence number in it, both 0 when there is none.',
    responses: { 200: json('The identity.', 'identity') },
  },
  putBundle: {
    summary: 'Hand over a bundle',
    description:
      'The eNB makes every check of the acceptance. It replaces the accepted bundle and raises its sequence number in one atomic write, before it answers 200. A refused bundle changes nothing of what was accepted. The bundle that the eNB has already is accepted again.',
    parameters: [{ name: 'Content-Digest', in: 'header', ...contentDigest }],
    requestBody: {
      required: true,
      description: 'The bundle, DER, at most 1 MiB.',
      content: { [mediaTypes.pkcs7]: {} },
    },
    responses: {
      200: json('The bundle was accepted, and is stored.', 'verdict'),
      400: problem('Content-Digest is missing, or has no SHA-256 of the body.'),
      413: tooLarge,
      415: mediaType,
      422: json('The bundle was refused. The verdict says by which checks.', 'verdict'),
      500: stateLost,
    },
  },
  getBundle: {
    summary: 'Read the accepted bundle back',
    description: 'The octets that were accepted, so that they can be compared with those that were sent.',
    responses: { 200: pkcs7('The accepted bundle.'), 404: problem('No bundle was accepted yet.') },
  },
  receipt: {
    summary: 'Ask for a receipt',
    description:
      'The eNB signs a receipt about the last bundle that it was given, whether it accepted it or not, with its own key. Its number is greater than that of every earlier receipt.',
    requestBody: {
      required: true,
      content: { [mediaTypes.json]: { schema: schema('receipt-request') } },
    },
    responses: {
      200: pkcs7('The receipt: CMS SignedData over siteseal-receipt/1.'),
      400: problem('The body is not a request for a receipt.'),
      409: problem('No bundle was given yet, so that there is nothing to speak of.'),
      413: tooLarge,
      415: mediaType,
      500: stateLost,
    },
  },
  steps: {
    summary: 'How the steps after the bundle stand',
    description: 'All steps in their order; those that did not begin are waiting.',
    responses: { 200: json('The steps.', 'steps') },
  },
};

/** The commissioning interface as an OpenAPI 3.1 document. */
export const openApi = {
  openapi: '3.1.1',
  info: {
    title: 'Siteseal: eNB commissioning interface',
    version: productVersion(),
    summary: 'How a bundle is handed to an eNB on its local maintenance port.',
    description:
      'HTTP/1.1 in TLS 1.3 on the local maintenance port only. The eNB is the server and proves itself with its vendor certificate; there are no pre-shared keys, tickets or early data, so that every connection proves possession of the key. The client judges path and identity of that certificate, never a host name. The client is not authenticated: bundles authenticate themselves. Bodies have at most 1 MiB. Another path is answered 404, another method on one of these paths 405 with Allow, each with a problem. An eNB may end a connection on which nothing comes. Answers carry Cache-Control: no-store.',
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
