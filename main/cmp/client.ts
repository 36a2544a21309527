import { createPublicKey, type KeyObject } from 'node:crypto';
import { decode, der, oids, tags } from '../asn1/index.ts';
import { ok, refuse, refused, type Fault, type Refused, type Result } from '../faults/index.ts';
import { keySigner } from '../keys/index.ts';
import {
  isSelfIssued,
  nameToText,
  parseCertificate,
  parseCrl,
  plainSpki,
  validateCertificate,
  verifySignature,
  writeGeneralNames,
  type Certificate,
  type Crl,
  type Name,
} from '../pki/index.ts';
import { certHashOf } from './cert-hash.ts';
import {
  contents,
  statusesOf,
  type Body,
  type BodyType,
  type CertResponse,
  type OutgoingBody,
} from './body.ts';
import {
  ClientTransaction,
  isCa,
  type Credentials,
  type OpenTransaction,
  type Peer,
  type TransactionFaultCode,
} from './client-transaction.ts';
import { makeCertReqMsg, writeTemplateOf } from './crmf.ts';
import type { Info } from './header.ts';
import { accepted, pkiStatus, rejection } from './status.ts';

export type CmpFaultCode = TransactionFaultCode | 'cmp-certificate-unfit' | 'cmp-waiting' | 'key-unfit';

/** What to ask a certificate for. The key is stored before. */
export interface CertificateOrder {
  /** `ir`: the first certificate. `kur`: another one for the holder of the certificate that signs. */
  readonly kind: 'ir' | 'kur';
  readonly key: KeyObject;
  readonly subject: Name;
  /** As a configuration writes them: `dns:`, `ip:`, `email:`, `uri:`. */
  readonly subjectAltNames: readonly string[];
}

/** A certificate that still has to be confirmed. It is JSON, to be stored with the certificate. */
export type PendingConfirmation = OpenTransaction;

/** A certificate that was issued for the key of the order, and whose path ends at a provisioned root. */
export interface Issued {
  readonly certificate: Certificate;
  /** From its issuer to the root. */
  readonly chain: readonly Certificate[];
  /** Absent where the RA/CA asks for no confirmation. */
  readonly pending?: PendingConfirmation;
}

/**
 * Asks for a certificate (RFC 9483 sections 4.1.1, 4.1.3 and 4.4): polls while the RA/CA has not decided, and judges
 * what it issues. A certificate for another key, or that leads to no provisioned root, is rejected with a certConf.
 *
 * It can be repeated after a crash with the same key: an RA/CA that binds credentials to keys answers the same
 * certificate.
 */
export async function requestCertificate(
  peer: Peer,
  credentials: Credentials,
  order: CertificateOrder,
): Promise<Result<Issued, CmpFaultCode>> {
  const signer = keySigner(order.key);
  if (!signer) return refuse('key-unfit');
  const spki = createPublicKey(order.key).export({ format: 'der', type: 'spki' });
  const old =
    order.kind === 'kur' && credentials.kind === 'signature' ? credentials.signer.certificate : undefined;
  const request = await makeCertReqMsg(
    {
      subject: order.subject,
      spki,
      subjectAltName: writeGeneralNames(order.subjectAltNames),
      ...(old && { oldCertificate: old }),
    },
    signer,
  );
  const transaction = new ClientTransaction(peer, credentials);
  const expected: BodyType = order.kind === 'ir' ? 'ip' : 'kup';
  peer.onPhase?.('requested');
  const body = { type: order.kind, content: contents.requests(request) };
  const answer = await converse(peer, transaction, body, expected);
  if (!answer.ok) return answer;
  const response = responseOf(answer.value);
  if (!response.ok) return response;
  const judged = judgeCertificate(peer, transaction, response.value, spki);
  if (!judged.ok) {
    if (judged.certificate) await reject(peer, transaction, judged.certificate, judged.fault);
    return refused(judged.fault);
  }
  peer.onPhase?.('issued');
  return ok({ ...judged.value, ...(!transaction.isConfirmed && { pending: transaction.open }) });
}

/** Between two polls, in milliseconds, whatever the RA/CA asks for. */
const shortestPause = 1_000;

/** Sends a message, and polls until the RA/CA has decided on it (RFC 9483 section 4.4). */
async function converse(
  { pause, patience, onPhase, signal }: Peer,
  transaction: ClientTransaction,
  body: OutgoingBody,
  expected: BodyType,
  options?: { readonly needs2021: boolean },
): Promise<Result<Body, CmpFaultCode>> {
  const sent = await transaction.send(body, [expected], options);
  const id = sent.ok ? waitingFor(sent.value) : undefined;
  if (id === undefined) return sent;
  if (expected !== 'pkiconf') onPhase?.('waiting');
  const start = performance.now();
  for (let waited = 0; ;) {
    const content = contents.pollReq(id);
    const answer = await transaction.send({ type: 'pollReq', content }, ['pollRep', expected]);
    if (!answer.ok || answer.value.type !== 'pollRep') return answer;
    const wanted = (answer.value.responses[0]?.checkAfter ?? 0) * 1_000;
    const delay = Math.max(wanted, shortestPause);
    waited += delay;
    // Answers can be slow, too.
    if (Math.max(waited, performance.now() - start) > patience)
      return refuse('cmp-waiting', { found: `${Math.round(wanted / 1_000)} s` });
    await pause(delay, signal);
    if (signal?.aborted) return refuse('cancelled');
  }
}

/** The certReqId to poll for, if the body says that a decision is waited for. */
function waitingFor(body: Body): number | undefined {
  if (body.type === 'error') return -1; // Any other error was a refusal.
  if (body.type !== 'ip' && body.type !== 'kup') return undefined;
  const [response] = body.responses;
  return response?.status.status === pkiStatus.waiting ? response.certReqId : undefined;
}

/** The one response, for the one request. */
function responseOf(body: Body): Result<CertResponse, CmpFaultCode> {
  if (body.type !== 'ip' && body.type !== 'kup') throw new Error('The type of the answer was checked');
  const [response, ...others] = body.responses;
  if (!response || others.length > 0 || response.certReqId !== 0)
    return refuse('cmp-unexpected', { rule: 'cmp-one-request', found: String(response?.certReqId ?? '-') });
  return ok(response);
}

type JudgedCertificate =
  | { readonly ok: true; readonly value: Omit<Issued, 'pending'> }
  | (Refused<CmpFaultCode> & { readonly certificate?: Certificate });

function judgeCertificate(
  { trustAnchors, clock }: Peer,
  { certificates }: ClientTransaction,
  { certificate: bytes, status: { status } }: CertResponse,
  spki: Uint8Array,
): JudgedCertificate {
  const isGranted = status === pkiStatus.accepted || status === pkiStatus.grantedWithMods;
  if (!bytes || !isGranted) return refuse('cmp-unexpected', { rule: 'cmp-status' });
  const parsed = parseCertificate(bytes);
  if (!parsed.ok) return refuse('cmp-certificate-unfit', { because: parsed.fault });
  const certificate = parsed.value;
  const where = { certificate: nameToText(certificate.subject) };
  if (Buffer.compare(plainSpki(certificate.publicKey), spki) !== 0)
    return { ...refuse('cmp-certificate-unfit', { rule: 'cmp-certificate-key', where }), certificate };
  const path = validateCertificate({
    target: certificate,
    trustAnchors,
    intermediates: certificates,
    crls: [],
    requireCrl: false,
    clock: clock(),
  });
  if (!path.ok)
    return {
      ...refuse('cmp-certificate-unfit', { rule: 'cmp-certificate-path', because: path.fault, where }),
      certificate,
    };
  return ok({ certificate, chain: path.value.slice(0, -1).toReversed() });
}

/** Says no to a certificate, so that the RA/CA revokes it. What it answers changes nothing. */
async function reject(
  peer: Peer,
  transaction: ClientTransaction,
  certificate: Certificate,
  { rule }: Fault,
): Promise<void> {
  if (transaction.isConfirmed) return;
  const text =
    rule === 'cmp-certificate-key'
      ? 'The certificate is for another key'
      : 'The certificate leads to no known root';
  await sendConfirmation(peer, transaction, certificate, rejection('incorrectData', text));
}

function sendConfirmation(
  peer: Peer,
  transaction: ClientTransaction,
  certificate: Certificate,
  statusInfo = accepted,
): Promise<Result<Body, CmpFaultCode>> {
  const { certHash, mustBeNamed } = certHashOf(certificate);
  const content = contents.certConf({
    certHash,
    certReqId: 0,
    statusInfo,
    ...(mustBeNamed && { hashAlgorithm: 'sha256' as const }),
  });
  const body = { type: 'certConf', content } as const;
  return converse(peer, transaction, body, 'pkiconf', { needs2021: mustBeNamed });
}

/**
 * Confirms a certificate that is stored (RFC 9810 section 5.3.18). It can be repeated: an RA/CA that says that the
 * certificate is confirmed already has confirmed it.
 */
export async function confirmCertificate(
  peer: Peer,
  credentials: Credentials,
  { certificate, chain, pending }: Issued,
): Promise<Result<void, CmpFaultCode>> {
  if (!pending) return ok(undefined);
  const intermediates = [...(peer.intermediates ?? []), ...chain];
  const transaction = new ClientTransaction({ ...peer, intermediates }, credentials, pending);
  peer.onPhase?.('confirming');
  const confirmed = await sendConfirmation(peer, transaction, certificate);
  return confirmed.ok || confirmed.fault.rule === 'cmp-fail-cert-confirmed' ? ok(undefined) : confirmed;
}

/** The statuses of an rp that say that the certificate is revoked, or soon will be. */
const revoking: ReadonlySet<number | undefined> = new Set([
  pkiStatus.accepted,
  pkiStatus.grantedWithMods,
  pkiStatus.revocationWarning,
  pkiStatus.revocationNotification,
]);

/** Revokes the certificate that signs (RFC 9483 section 4.2). `reason` is a CRLReason (RFC 5280 section 5.3.1). */
export async function revokeCertificate(
  peer: Peer,
  credentials: Extract<Credentials, { kind: 'signature' }>,
  reason: number,
): Promise<Result<void, CmpFaultCode>> {
  const transaction = new ClientTransaction(peer, credentials);
  const content = contents.revReq(writeTemplateOf(credentials.signer.certificate), reason);
  const answer = await converse(peer, transaction, { type: 'rr', content }, 'rp');
  if (!answer.ok) return answer;
  const [status, ...others] = statusesOf(answer.value);
  return others.length === 0 && revoking.has(status?.status)
    ? ok(undefined)
    : refuse('cmp-unexpected', { rule: 'cmp-status' });
}

/** The CA certificates that the RA/CA offers (RFC 9483 section 4.3.1). They are not trusted by that. */
export async function caCertificates(
  peer: Peer,
  credentials?: Credentials,
): Promise<Result<readonly Certificate[], CmpFaultCode>> {
  const answer = await ask(peer, credentials, { type: oids.caCertsInfo }, oids.caCertsInfo);
  if (!answer.ok) return answer;
  const read = readInfoValue(answer.value, (reader) =>
    reader.sequenceOfSome((inner) => inner.element(tags.sequence).bytes),
  );
  return read.ok ? parseAll(read.value ?? []) : read;
}

/** A new root that the RA/CA announces, which the old one has signed. It is a proposal for the user. */
export interface RootUpdate {
  readonly newRoot: Certificate;
  /** The new root's key, certified by the old root. */
  readonly newWithOld: Certificate;
}

/**
 * Asks whether a root has a successor (RFC 9483 section 4.3.2). The successor is verified: the old root certifies its
 * key as that of a CA (newWithOld). It is proposed, never taken. Undefined if the RA/CA knows of none.
 */
export async function rootUpdate(
  peer: Peer,
  oldRoot: Certificate,
  credentials?: Credentials,
): Promise<Result<RootUpdate | undefined, CmpFaultCode>> {
  const question = { type: oids.rootCaCertInfo, value: oldRoot.der };
  const answer = await ask(peer, credentials, question, oids.rootCaKeyUpdateInfo);
  if (!answer.ok) return answer;
  const read = readInfoValue(answer.value, (reader) =>
    reader.sequence((inner) => {
      const newWithNew = inner.element(tags.sequence).bytes;
      const newWithOld = inner.optional(0xa0, () =>
        inner.explicit(0, (one) => one.element(tags.sequence).bytes),
      );
      inner.optional(0xa1, () => inner.element());
      return [newWithNew, newWithOld] as const;
    }),
  );
  if (!read.ok) return read;
  if (!read.value) return ok(undefined);
  const [newWithNew, newWithOld] = read.value;
  if (!newWithOld) return refuse('cmp-certificate-unfit', { rule: 'cmp-new-with-old' });
  const certificates = parseAll([newWithNew, newWithOld]);
  if (!certificates.ok) return certificates;
  const [newRoot, linked] = certificates.value;
  return newRoot && linked ? judgeRootUpdate(newRoot, linked, oldRoot, peer) : ok(undefined);
}

function judgeRootUpdate(
  newRoot: Certificate,
  newWithOld: Certificate,
  oldRoot: Certificate,
  { clock }: Peer,
): Result<RootUpdate, CmpFaultCode> {
  const where = { certificate: nameToText(newRoot.subject) };
  const isLinked =
    Buffer.compare(plainSpki(newRoot.publicKey), plainSpki(newWithOld.publicKey)) === 0 &&
    newRoot.subject.key === newWithOld.subject.key &&
    [newRoot, newWithOld].every(isCa) &&
    isSelfIssued(newRoot) &&
    verifySignature(newRoot.signatureAlgorithm, newRoot.publicKey, newRoot.tbs, newRoot.signature);
  if (!isLinked) return refuse('cmp-certificate-unfit', { rule: 'cmp-new-with-old', where });
  const question = { intermediates: [], crls: [], requireCrl: false, clock: clock() };
  const linked = validateCertificate({ ...question, target: newWithOld, trustAnchors: [oldRoot] });
  const path = linked.ok
    ? validateCertificate({ ...question, target: newRoot, trustAnchors: [newRoot] })
    : linked;
  return path.ok
    ? ok({ newRoot, newWithOld })
    : refuse('cmp-certificate-unfit', { rule: 'cmp-new-with-old', because: path.fault, where });
}

/** The CRLs of the CA (RFC 9483 section 4.3.4) that are newer than `since`. */
export async function currentCrls(
  peer: Peer,
  ca: Certificate,
  since?: Date,
  credentials?: Credentials,
): Promise<Result<readonly Crl[], CmpFaultCode>> {
  const issuer = der.explicit(1, der.sequence(der.explicit(4, ca.subject.der)));
  const status = der.sequence(der.sequence(issuer, ...(since ? [der.time(since)] : [])));
  const answer = await ask(peer, credentials, { type: oids.crlStatusListInfo, value: status }, oids.crlsInfo);
  if (!answer.ok) return answer;
  const read = readInfoValue(answer.value, (reader) =>
    reader.sequenceOfSome((inner) => inner.element(tags.sequence).bytes),
  );
  if (!read.ok) return read;
  const crls: Crl[] = [];
  for (const bytes of read.value ?? []) {
    const crl = parseCrl(bytes);
    if (!crl.ok) return refuse('cmp-malformed', { because: crl.fault });
    crls.push(crl.value);
  }
  return ok(crls);
}

/** Asks one question of genm, and returns the answer of this type. */
async function ask(
  peer: Peer,
  credentials: Credentials | undefined,
  question: Info,
  type: string,
): Promise<Result<Info, CmpFaultCode>> {
  const transaction = new ClientTransaction(peer, credentials);
  const body = { type: 'genm', content: contents.infos(question) } as const;
  const answer = await converse(peer, transaction, body, 'genp');
  if (!answer.ok) return answer;
  const infos = answer.value.type === 'genp' ? answer.value.infos : [];
  const info =
    infos.find((one) => one.type === type) ?? infos.find((one) => one.type === question.type && !one.value);
  return info ? ok(info) : refuse('cmp-unexpected', { rule: 'cmp-body', found: infos[0]?.type ?? 'genp' });
}

function readInfoValue<Value>(
  { value }: Info,
  read: Parameters<typeof decode<Value>>[1],
): Result<Value | undefined, 'cmp-malformed'> {
  if (!value) return ok(undefined);
  const decoded = decode(value, read);
  return decoded.ok ? decoded : refuse('cmp-malformed', { because: decoded.fault });
}

function parseAll(encodings: readonly Uint8Array[]): Result<readonly Certificate[], 'cmp-malformed'> {
  const certificates: Certificate[] = [];
  for (const bytes of encodings) {
    const certificate = parseCertificate(bytes);
    if (!certificate.ok) return refuse('cmp-malformed', { because: certificate.fault });
    certificates.push(certificate.value);
  }
  return ok(certificates);
}
