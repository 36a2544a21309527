import type { z } from 'zod';
import type { StepName, Verdict } from '../bundle/index.ts';
import { ok, prependWhere, refuse, refused, type Refused, type Result } from '../faults/index.ts';
import { parseJson, readValue } from '../json/index.ts';
import {
  checkEnbKey,
  isSameEnb,
  isTrainingCertificate,
  readEnbIdentity,
  validateCertificate,
  type Certificate,
  type Clock,
  type Crl,
  type EnbIdentity,
} from '../pki/index.ts';
import { EnbConnection, type RequestFaultCode } from './connection.ts';
import type { HttpAnswer } from './http.ts';
import {
  contentDigest,
  identitySchema,
  mediaTypes,
  pathAnswerSchema,
  problemSchema,
  routes,
  startOf,
  startRefusals,
  stepsSchema,
  verdictAnswerSchema,
  type IdentityDocument,
  type PathAnswer,
  type ReceiptRequest,
  type StartRefusal,
  type StepsDocument,
} from './interface.ts';
import { defaultDeadlines, type Deadlines, type StreamTransport } from './transport.ts';

/** What decides whether an eNB is trusted. */
export interface EnbTrust {
  readonly vendorRoots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly crls: readonly Crl[];
  /** CRLs that can only revoke: those from the bundle. */
  readonly revokingCrls?: readonly Crl[];
  readonly clock: Clock;
}

/**
 * Why a request failed. `device-refused`: the eNB answered with a problem (RFC 9457). `device-busy`: at the deadline
 * the eNB still asks to wait.
 */
export type CallFaultCode = RequestFaultCode | 'device-refused' | 'device-busy';

/** Why a step was not started. */
export type StartFaultCode = CallFaultCode | StartRefusal;

/**
 * How many times longer than another call the eNB may take to check the path: it may first ask to wait for 30 s, and then
 * needs up to 20 s.
 */
const pathPatience = 2;

/** A connection to an eNB that has proven its identity. */
export interface EnbSession {
  readonly enb: EnbIdentity;
  readonly certificate: Certificate;
  /** The vendor's root at the top of the certificate's path. */
  readonly vendorRoot: Certificate;
  /** What the eNB reports about itself. Its identity and training mark match its certificate's path. */
  readonly identity: IdentityDocument;
  /** Delivers a bundle and returns the eNB's verdict. If the eNB accepts the bundle, it has stored it. */
  putBundle(bytes: Uint8Array): Promise<Result<Verdict, CallFaultCode>>;
  /** The bundle that the eNB has accepted; undefined if it has not accepted any. */
  getBundle(): Promise<Result<Uint8Array | undefined, CallFaultCode>>;
  /** Requests a receipt (DER). */
  getReceipt(request: ReceiptRequest): Promise<Result<Uint8Array, CallFaultCode>>;
  /** The eNB's progress with the steps after the bundle. */
  getSteps(): Promise<Result<StepsDocument, CallFaultCode>>;
  /** Starts a step in the background. Returns the states of all steps just afterwards. */
  startStep(step: StepName): Promise<Result<StepsDocument, StartFaultCode>>;
  /** Has the eNB check the path to its security gateways. It takes longer than other calls: see `pathPatience`. */
  checkPath(): Promise<Result<PathAnswer, StartFaultCode>>;
  close(): void;
  /** Waits until a closed connection is released, so that the next one can be opened. */
  released(): Promise<void>;
}

/** Why there is no session with an eNB. */
export type SessionFaultCode = CallFaultCode | 'enb-untrusted' | 'training-mismatch';

/**
 * Connects to an eNB and identifies it before the first request: TLS 1.3, then the path of its certificate to the
 * vendor root, and its identity. Calls `onConnected` when the stream is open. Aborting the signal hangs up, during and
 * after this call.
 */
export async function openSession(
  transport: StreamTransport,
  trust: EnbTrust,
  deadlines: Deadlines = defaultDeadlines,
  onConnected: () => void = () => undefined,
  signal?: AbortSignal,
): Promise<Result<EnbSession, SessionFaultCode>> {
  const opened = await identify(transport, trust, deadlines, onConnected, signal);
  return opened.ok ? opened : refused(prependWhere(opened.fault, { address: transport.name }));
}

/** Runs an action with an eNB that has proven its identity. Always closes the connection afterwards. */
export async function withSession<Value>(
  transport: StreamTransport,
  trust: EnbTrust,
  deadlines: Deadlines | undefined,
  work: (session: EnbSession) => Result<Value> | Promise<Result<Value>>,
  signal?: AbortSignal,
): Promise<Result<Value>> {
  const session = await openSession(transport, trust, deadlines, undefined, signal);
  if (!session.ok) return session;
  try {
    return await work(session.value);
  } finally {
    session.value.close();
    await session.value.released();
  }
}

async function identify(
  transport: StreamTransport,
  trust: EnbTrust,
  deadlines: Deadlines,
  onConnected: () => void,
  signal: AbortSignal | undefined,
): Promise<Result<EnbSession, SessionFaultCode>> {
  const connection = new EnbConnection(transport, deadlines, signal);
  const certificates = await connection.open(onConnected);
  if (!certificates.ok) return certificates;
  const judged = judgeEnb(certificates.value, trust);
  if (!judged.ok) {
    connection.close();
    return judged;
  }
  const identity = await readIdentity(connection, judged.value);
  if (!identity.ok) {
    connection.close();
    return identity;
  }
  return ok({
    enb: judged.value.enb,
    certificate: certificates.value[0],
    vendorRoot: judged.value.vendorRoot,
    identity: identity.value,
    ...calls(connection, deadlines),
    close: () => connection.close(),
    released: () => connection.released(),
  });
}

/** What an eNB reports about itself, if it matches its certificate, and the root that vouches for it. */
async function readIdentity(
  connection: EnbConnection,
  { enb, vendorRoot }: ProvenEnb,
): Promise<Result<IdentityDocument, SessionFaultCode>> {
  const answer = await connection.send(routes.identity);
  const identity = answer.ok ? readJson(answer.value, identitySchema) : answer;
  if (!identity.ok) return identity;
  const { training } = identity.value;
  const isTraining = isTrainingCertificate(vendorRoot);
  if (!isSameEnb(identity.value, enb)) return enbMismatch(enb, identity.value);
  if (training === isTraining) return identity;
  return refuse('training-mismatch', { expected: String(isTraining), found: String(training) });
}

/** Refuses an eNB other than the expected one. Two hardware types can use the same serial number. */
export function enbMismatch(expected: EnbIdentity, found: EnbIdentity): Refused<'enb-mismatch'> {
  const name = ({ serialNumber, hwType }: EnbIdentity) => `${serialNumber} (${hwType})`;
  return refuse('enb-mismatch', { expected: name(expected), found: name(found) });
}

/** The identity in an eNB's certificate, and the root of its path. */
type ProvenEnb = Pick<EnbSession, 'enb' | 'vendorRoot'>;

/** Checks that the peer is an eNB of the vendor: the path, the identity in its certificate, and a suitable key. */
function judgeEnb(
  [certificate, ...chain]: readonly [Certificate, ...Certificate[]],
  trust: EnbTrust,
): Result<ProvenEnb, 'enb-untrusted'> {
  const path = validateCertificate({
    target: certificate,
    trustAnchors: trust.vendorRoots,
    intermediates: [...chain, ...trust.intermediates],
    crls: trust.crls,
    revokingCrls: trust.revokingCrls ?? [],
    requireCrl: false,
    clock: trust.clock,
  });
  if (!path.ok) return refuse('enb-untrusted', { because: path.fault });
  const fit = checkEnbKey(certificate);
  if (!fit.ok) return refuse('enb-untrusted', { because: fit.fault });
  const identity = readEnbIdentity(certificate);
  if (!identity.ok) return refuse('enb-untrusted', { because: identity.fault });
  return ok({ enb: identity.value, vendorRoot: path.value[0] });
}

function calls(
  connection: EnbConnection,
  deadlines: Deadlines,
): Pick<EnbSession, 'putBundle' | 'getBundle' | 'getReceipt' | 'getSteps' | 'startStep' | 'checkPath'> {
  return {
    putBundle: async (bytes) => {
      const headers = { 'content-digest': contentDigest(bytes) };
      const answer = await connection.send(routes.putBundle, { bytes, mediaType: mediaTypes.pkcs7, headers });
      if (!answer.ok) return answer;
      const verdict = readJson(answer.value, verdictAnswerSchema, [200, 422]);
      const { status } = answer.value;
      const isContradiction = verdict.ok && verdict.value.accepted !== (status === 200);
      return isContradiction ? refuse('device-garbage', { found: `HTTP ${status}` }) : verdict;
    },
    getBundle: async () => {
      const answer = await connection.send(routes.getBundle);
      if (!answer.ok) return answer;
      return answer.value.status === 404 ? ok(undefined) : readBody(answer.value, mediaTypes.pkcs7);
    },
    getReceipt: async (request) => {
      const bytes = Buffer.from(JSON.stringify(request));
      const answer = await connection.send(routes.receipt, { bytes, mediaType: mediaTypes.json });
      return answer.ok ? readBody(answer.value, mediaTypes.pkcs7) : answer;
    },
    getSteps: async () => {
      const answer = await connection.send(routes.steps);
      return answer.ok ? readJson(answer.value, stepsSchema) : answer;
    },
    startStep: async (step) => {
      const answer = await connection.send(startOf(step));
      if (!answer.ok) return answer;
      return startRefusal(answer.value) ?? readJson(answer.value, stepsSchema, [202]);
    },
    checkPath: async () => {
      const answer = await connection.send(routes.checkPath, undefined, pathPatience * deadlines.request);
      if (!answer.ok) return answer;
      return startRefusal(answer.value) ?? readJson(answer.value, pathAnswerSchema);
    },
  };
}

/** The body of a successful answer of the expected type. */
function readBody(
  answer: HttpAnswer,
  mediaType: string,
  statuses: readonly number[] = [200],
): Result<Uint8Array, CallFaultCode> {
  if (!statuses.includes(answer.status)) return problem(answer);
  if (answer.mediaType === mediaType) return ok(answer.body);
  return refuse('device-garbage', { expected: mediaType, found: answer.mediaType });
}

function readJson<Schema extends z.ZodType>(
  answer: HttpAnswer,
  schema: Schema,
  statuses?: readonly number[],
): Result<z.infer<Schema>, CallFaultCode> {
  const body = readBody(answer, mediaTypes.json, statuses);
  if (!body.ok) return body;
  const value = parseJson(body.value);
  const document = value.ok ? readValue(value.value, schema) : value;
  return document.ok ? document : refuse('device-garbage', { because: document.fault });
}

/** The fault for an answer that names the reason why a step was not started; undefined for any other answer. */
function startRefusal(answer: HttpAnswer): Refused<StartRefusal> | undefined {
  const { code, found } = readProblem(answer);
  const known = answer.status === 409 && startRefusals.find((refusal) => refusal === code);
  return known ? refuse(known, { found }) : undefined;
}

/** The fault for any other answer: a busy eNB, a problem of RFC 9457, or something that is neither. */
function problem(answer: HttpAnswer): Result<never, CallFaultCode> {
  const { status, retryAfter } = answer;
  const { found, isProblem } = readProblem(answer);
  if (status === 503 && retryAfter !== undefined)
    return refuse('device-busy', { found: `${found} (Retry-After: ${Math.ceil(retryAfter / 1000)} s)` });
  return refuse(isProblem ? 'device-refused' : 'device-garbage', { found });
}

/** What an answer that is not a success says for itself. */
function readProblem({ status, mediaType, body }: HttpAnswer): {
  readonly isProblem: boolean;
  readonly code?: string | undefined;
  readonly found: string;
} {
  const value = mediaType === mediaTypes.problem ? parseJson(body) : undefined;
  const document = value?.ok ? readValue(value.value, problemSchema) : undefined;
  const { title, detail, code } = document?.ok ? document.value : {};
  const said = [`HTTP ${status}`, title, detail].filter(Boolean).join(': ').slice(0, 300);
  const found = said.replace(/\.$/, '');
  return { isProblem: document?.ok === true, code, found };
}
