import type { KeyObject } from 'node:crypto';
import { ok, refuse, refused, type Fault, type Refused, type Result } from '../faults/index.ts';
import { keySigner } from '../keys/index.ts';
import {
  nameToText,
  parseCertificate,
  plainSpki,
  spkiOf,
  validateCertificate,
  writeGeneralNames,
  type Certificate,
  type Name,
} from '../pki/index.ts';
import { contents, statusesOf, type Body, type BodyType, type CertResponse } from './body.ts';
import { certHashOf } from './cert-hash.ts';
import { converse, type CmpFaultCode } from './client-conversation.ts';
import { ClientTransaction, type OpenTransaction } from './client-transaction.ts';
import type { Credentials } from './credentials.ts';
import { makeCertReqMsg, writeTemplateOf } from './crmf.ts';
import type { Peer } from './peer.ts';
import { accepted, pkiStatus, rejection } from './status.ts';

/** What to ask a certificate for. The key is stored before. */
export interface CertificateOrder {
  /** `ir`: the first certificate. `kur`: another one for the holder of the certificate that signs. */
  readonly kind: 'ir' | 'kur';
  readonly key: KeyObject;
  readonly subject: Name;
  /** As a configuration writes them: `dns:`, `ip:`, `email:`, `uri:`. */
  readonly subjectAltNames: readonly string[];
}

/** A certificate that was issued for the key of the order, and whose path ends at a provisioned root. */
export interface Issued {
  readonly certificate: Certificate;
  /** From its issuer to the root. */
  readonly chain: readonly Certificate[];
  /** What the confirmation needs. Absent where the RA/CA asks for none. */
  readonly pending?: OpenTransaction;
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
  const spki = spkiOf(order.key);
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
