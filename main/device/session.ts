import type { z } from 'zod';
import type { Verdict } from '../bundle/index.ts';
import { ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { parseJson, readValue } from '../json/index.ts';
import {
  checkEnbKey,
  isSameEnb,
  readEnbIdentity,
  validateCertificate,
  type Certificate,
  type Clock,
  type Crl,
  type EnbIdentity,
} from '../pki/index.ts';
import { HttpClient, type HttpAnswer, type HttpBody, type HttpFaultCode } from './http.ts';
import {
  contentDigest,
  identitySchema,
  mediaTypes,
  problemSchema,
  stepsSchema,
  verdictSchema,
  type IdentityDocument,
  type ReceiptRequest,
  type RouteName,
} from './interface.ts';
import { connectTls, type TlsConnection, type TlsFaultCode } from './tls.ts';
import {
  defaultDeadlines,
  type Deadlines,
  type StreamTransport,
  type TransportFaultCode,
} from './transport.ts';

/** By what an eNB is believed. */
export interface EnbTrust {
  readonly vendorRoots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly crls: readonly Crl[];
  readonly clock: Clock;
}

export type CallFaultCode = HttpFaultCode | 'device-refused';

/** A connection to an eNB that has proven who it is. */
export interface EnbSession {
  readonly enb: EnbIdentity;
  readonly certificate: Certificate;
  /** What the eNB says of itself; its identity has been compared with the certificate's. */
  readonly identity: IdentityDocument;
  /** Hands over a bundle; the eNB answers what it thinks of it, and has stored it when it accepts. */
  putBundle(bytes: Uint8Array): Promise<Result<Verdict, CallFaultCode>>;
  /** The accepted bundle as the eNB has it, undefined when it has none. */
  getBundle(): Promise<Result<Uint8Array | undefined, CallFaultCode>>;
  /** Asks for a receipt (DER). */
  getReceipt(request: ReceiptRequest): Promise<Result<Uint8Array, CallFaultCode>>;
  getSteps(): Promise<Result<z.infer<typeof stepsSchema>, CallFaultCode>>;
  close(): void;
}

export type SessionFaultCode = TransportFaultCode | TlsFaultCode | CallFaultCode | 'enb-mismatch';

/**
 * Connects to an eNB and identifies it: TLS 1.3, then the path of its certificate to the vendor root and its identity,
 * before the first request. `onConnected` tells that the stream is open.
 */
export async function openSession(
  transport: StreamTransport,
  trust: EnbTrust,
  deadlines: Deadlines = defaultDeadlines,
  onConnected: () => void = () => undefined,
): Promise<Result<EnbSession, SessionFaultCode>> {
  const opened = await identify(transport, trust, deadlines, onConnected);
  return opened.ok ? opened : refused(prependWhere(opened.fault, { address: transport.name }));
}

async function identify(
  transport: StreamTransport,
  trust: EnbTrust,
  deadlines: Deadlines,
  onConnected: () => void,
): Promise<Result<EnbSession, SessionFaultCode>> {
  const stream = await transport.open(deadlines.connect);
  if (!stream.ok) return stream;
  onConnected();
  const tls = await connectTls(stream.value, deadlines.handshake);
  if (!tls.ok) {
    stream.value.destroy();
    return tls;
  }
  const enb = judgeEnb(tls.value, trust);
  if (!enb.ok) {
    tls.value.socket.destroy();
    return enb;
  }
  const client = new HttpClient(tls.value.socket, deadlines.request);
  const close = () => {
    client.close();
    tls.value.socket.destroy();
  };
  const identity = await call(client, 'identity', undefined, identitySchema);
  const isHonest = identity.ok && isSameEnb(identity.value, enb.value);
  if (!isHonest) close();
  if (!identity.ok) return identity;
  if (!isHonest) {
    return refuse('enb-mismatch', { expected: enb.value.serialNumber, found: identity.value.serialNumber });
  }
  return ok({
    enb: enb.value,
    certificate: tls.value.certificates[0],
    identity: identity.value,
    ...calls(client),
    close,
  });
}

/** Whether the peer is an eNB of the vendor: the path, the identity in its certificate, and a key that fits. */
function judgeEnb({ certificates }: TlsConnection, trust: EnbTrust): Result<EnbIdentity, 'enb-untrusted'> {
  const [certificate, ...chain] = certificates;
  const path = validateCertificate({
    target: certificate,
    trustAnchors: trust.vendorRoots,
    intermediates: [...chain, ...trust.intermediates],
    crls: trust.crls,
    requireCrl: false,
    clock: trust.clock,
  });
  if (!path.ok) return refuse('enb-untrusted', { because: path.fault });
  const fit = checkEnbKey(certificate);
  if (!fit.ok) return refuse('enb-untrusted', { because: fit.fault });
  const identity = readEnbIdentity(certificate);
  return identity.ok ? identity : refuse('enb-untrusted', { because: identity.fault });
}

function calls(client: HttpClient): Pick<EnbSession, 'putBundle' | 'getBundle' | 'getReceipt' | 'getSteps'> {
  return {
    putBundle: (bytes) => {
      const headers = { 'content-digest': contentDigest(bytes) };
      return call(
        client,
        'putBundle',
        { bytes, mediaType: mediaTypes.pkcs7, headers },
        verdictSchema,
        [200, 422],
      );
    },
    getBundle: async () => {
      const answer = await client.send('getBundle');
      if (!answer.ok) return answer;
      if (answer.value.status === 404) return ok(undefined);
      return answer.value.status === 200 ? ok(answer.value.body) : problem(answer.value);
    },
    getReceipt: async (request) => {
      const bytes = Buffer.from(JSON.stringify(request));
      const answer = await client.send('receipt', { bytes, mediaType: mediaTypes.json });
      if (!answer.ok) return answer;
      return answer.value.status === 200 ? ok(answer.value.body) : problem(answer.value);
    },
    getSteps: () => call(client, 'steps', undefined, stepsSchema),
  };
}

/** A request that is answered with JSON. */
async function call<Schema extends z.ZodType>(
  client: HttpClient,
  route: RouteName,
  body: HttpBody | undefined,
  schema: Schema,
  statuses: readonly number[] = [200],
): Promise<Result<z.infer<Schema>, CallFaultCode>> {
  const answer = await client.send(route, body);
  if (!answer.ok) return answer;
  if (!statuses.includes(answer.value.status)) return problem(answer.value);
  const value = parseJson(answer.value.body);
  const document = value.ok ? readValue(value.value, schema) : value;
  return document.ok ? document : refuse('device-garbage', { because: document.fault });
}

/** An answer that says no: a problem of RFC 9457, or something that is none. */
function problem({ status, mediaType, body }: HttpAnswer): Result<never, CallFaultCode> {
  const value = mediaType === mediaTypes.problem ? parseJson(body) : undefined;
  const document = value?.ok ? readValue(value.value, problemSchema) : undefined;
  if (!document?.ok) return refuse('device-garbage', { found: `HTTP ${status}` });
  const { title, detail } = document.value;
  return refuse('device-refused', {
    found: [`HTTP ${status}`, title, detail].filter(Boolean).join(': ').slice(0, 300),
  });
}
