import { oids } from '../asn1/index.ts';
import type { Certificate } from '../pki/index.ts';
import { refused, unknownTransaction, type Answer } from './authority-answer.ts';
import { judgeBinding } from './authority-binding.ts';
import { isModified, judgePkcs10, judgeRequest, type GoodRequest } from './authority-request.ts';
import { denied, type Judged, type Requester } from './authority-requester.ts';
import { contents, type Body } from './body.ts';
import { infoOf, type Header } from './header.ts';
import { readMessage } from './message.ts';
import type { Issuer, Journal, JournalCertificate, JournalTransaction } from './ports.ts';
import { accepted, grantedWithMods, pkiStatus } from './status.ts';

/** What an RA/CA certifies with. */
export interface Certifying {
  readonly issuer: Issuer;
  readonly journal: Journal;
  /** The RA and all CAs, whose names nobody else gets. */
  readonly authorities: readonly Certificate[];
  readonly now: () => Date;
  /** How often a request is answered with "waiting" before it is decided. */
  readonly polls: number;
}

/** The body that answers each request. */
export const answerTypes = { ir: 'ip', cr: 'cp', p10cr: 'cp', kur: 'kup' } as const;
type CertificateType = keyof typeof answerTypes;

/** A body that asks for a certificate. */
export type CertificateBody = Extract<Body, { type: CertificateType }>;

function isCertificateRequest(body: Body): body is CertificateBody {
  return body.type in answerTypes;
}

function judgeContents(body: CertificateBody, requester: Requester): Judged<GoodRequest> {
  if (body.type === 'p10cr') return judgePkcs10(body.request, requester);
  const [request, ...others] = body.requests;
  return request && others.length === 0
    ? judgeRequest(request, requester)
    : denied('badRequest', 'A message asks for exactly one certificate.');
}

/** A PKCS#10 request has no number (RFC 9810 section 5.3.4). */
function requestIdOf(type: CertificateType): number {
  return type === 'p10cr' ? -1 : 0;
}

/** Answers a request for a certificate. `message` is its DER, which is kept if the request has to wait. */
export async function answerCertificateRequest(
  header: Header,
  body: CertificateBody,
  message: Uint8Array,
  requester: Requester,
  certifying: Certifying,
): Promise<Answer> {
  const { type } = body;
  const good = judgeCertificateRequest(body, requester, certifying);
  if (!good.ok) return refused(answerTypes[type], good.refusal, requestIdOf(type));
  return certifying.polls > 0
    ? waiting(type, message)
    : certify(header, type, good.value, requester, certifying);
}

/** Answers a pollReq: asks to wait, or decides on the request of the transaction. */
export async function answerPoll(
  ids: readonly number[],
  open: JournalTransaction,
  requester: Requester,
  certifying: Certifying,
): Promise<Answer> {
  const { request, polls = 0, type } = open;
  if (open.state !== 'waiting' || !request || type === 'rr' || type === 'genm') return unknownTransaction;
  const [id] = ids;
  if (ids.length !== 1 || id !== requestIdOf(type))
    return refused('error', { reason: 'badRequest', text: 'The poll is not for the request that waits.' });
  if (polls < certifying.polls) {
    const content = contents.pollRep({ certReqId: id, checkAfter: 1, reason: ['The request waits.'] });
    return { body: { type: 'pollRep', content }, entry: { state: 'waiting', request, polls: polls + 1 } };
  }
  const message = readMessage(request);
  if (!message.ok || !isCertificateRequest(message.value.body))
    throw new Error('The journal keeps a bad request');
  const good = judgeCertificateRequest(message.value.body, requester, certifying);
  return good.ok
    ? certify(message.value.header, type, good.value, requester, certifying)
    : refused(answerTypes[type], good.refusal, id);
}

function judgeCertificateRequest(
  body: CertificateBody,
  requester: Requester,
  { authorities }: Certifying,
): Judged<GoodRequest> {
  if (body.type === 'kur') {
    if (requester.kind === 'credential')
      return denied('wrongIntegrity', 'A renewal is signed with the certificate that it renews.');
    if (requester.kind === 'enb')
      return denied('notAuthorized', 'A renewal is signed with a certificate of this CA.');
  }
  const good = judgeContents(body, requester);
  // Clients know an RA and a CA by their names.
  const isTaken = ({ subject }: Certificate) => good.ok && subject.key === good.value.subject.key;
  return authorities.some(isTaken)
    ? denied('badCertTemplate', 'The subject is that of the RA or of a CA.')
    : good;
}

/** Issues, or gives again what this holder has for this key. */
async function certify(
  header: Header,
  type: CertificateType,
  request: GoodRequest,
  requester: Requester,
  { issuer, journal, now }: Certifying,
): Promise<Answer> {
  const grant = judgeBinding(type, request, requester, journal, now());
  if (!grant.ok) return refused(answerTypes[type], grant.refusal, requestIdOf(type));
  const { holder } = requester;
  const issued: JournalCertificate =
    grant.value.kind === 'again'
      ? grant.value.certificate
      : {
          certificate: await issuer.issue(request),
          holder,
          spkiSha256: request.spkiSha256,
          ...(grant.value.replaces !== undefined && { replaces: grant.value.replaces }),
        };
  const isImplicit = infoOf(header, oids.implicitConfirmInfo) !== undefined;
  const response = {
    certReqId: requestIdOf(type),
    status: isModified(issued.certificate, request) ? grantedWithMods : accepted,
    certificate: issued.certificate.der,
  };
  return {
    body: { type: answerTypes[type], content: contents.certRep(response) },
    entry: {
      state: isImplicit ? 'confirmed' : 'issued',
      certificate: issued.certificate.sha256,
      ...(grant.value.kind === 'new' && { issued }),
      ...(grant.value.kind === 'new' &&
        grant.value.binds && {
          binding: { holder, spkiSha256: request.spkiSha256 },
        }),
    },
    ...(isImplicit && { generalInfo: [{ type: oids.implicitConfirmInfo, value: contents.pkiconf }] }),
  };
}

function waiting(type: CertificateType, request: Uint8Array): Answer {
  const status = { status: pkiStatus.waiting, texts: ['The request waits for a decision.'] };
  const content = contents.certRep({ certReqId: requestIdOf(type), status });
  return { body: { type: answerTypes[type], content }, entry: { state: 'waiting', request, polls: 0 } };
}
