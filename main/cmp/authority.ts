import { randomBytes } from 'node:crypto';
import { oids } from '../asn1/index.ts';
import type { Signer } from '../keys/index.ts';
import { exactly, type Certificate, type Clock } from '../pki/index.ts';
import { checkHeader, checkTransaction, isFirst, nonceOctets, type FirstType } from './authority-header.ts';
import { answerInfos, type RootSuccessor } from './authority-infos.ts';
import {
  isModified,
  judgeBinding,
  judgePkcs10,
  judgeRequest,
  rejectedReason,
  type GoodRequest,
} from './authority-request.ts';
import {
  checkInForce,
  checkNotRevoked,
  denied,
  granted,
  judgeRequester,
  type Judged,
  type Refusal,
  type Requester,
} from './authority-requester.ts';
import { judgeRevocation } from './authority-revocation.ts';
import { isCertHash } from './cert-hash.ts';
import { contents, type Body, type BodyType, type CertStatus, type OutgoingBody } from './body.ts';
import {
  cmp2000,
  cmp2021,
  hexOf,
  infoOf,
  nameOfReference,
  nobody,
  party,
  type Header,
  type Info,
} from './header.ts';
import { freshSalt } from './mac.ts';
import { readMessage, type Message } from './message.ts';
import type {
  Issuer,
  Journal,
  JournalCertificate,
  JournalEntry,
  JournalTransaction,
  Registry,
} from './ports.ts';
import { protect, type Protector } from './protection.ts';
import { accepted, grantedWithMods, pkiStatus, rejection } from './status.ts';

/** What an RA/CA consists of. */
export interface AuthorityOptions {
  readonly issuer: Issuer;
  readonly registry: Registry;
  readonly journal: Journal;
  /** The RA's key, which signs what no secret protects. Its certificate is from the same CA. */
  readonly signer: Signer;
  readonly vendorRoots: readonly Certificate[];
  readonly vendorIntermediates: readonly Certificate[];
  readonly now: () => Date;
  /** How often a request is answered with "waiting" before it is decided. */
  readonly polls?: number;
  /** A new operator root to announce. */
  readonly successor?: RootSuccessor | undefined;
  /** Gets every message that was answered, without any secret. */
  readonly onAnswered?: (event: AnsweredMessage) => void;
}

/** A message and its result. */
export interface AnsweredMessage {
  readonly type: BodyType | 'unreadable';
  /** Who sent it; undefined where nothing has proven that. */
  readonly holder?: string;
  readonly transactionId?: string;
  readonly answer: BodyType;
  readonly refusal?: Refusal;
}

/** The answer to a message: its body, and what the journal keeps. */
interface Answer {
  readonly body: OutgoingBody;
  readonly entry?: Omit<JournalEntry, 'transaction'> & {
    readonly state: JournalTransaction['state'];
  } & Partial<Pick<JournalTransaction, 'certificate' | 'request' | 'polls'>>;
  readonly generalInfo?: readonly Info[];
  readonly refusal?: Refusal;
}

/** The body that answers each request. */
const answerTypes = { ir: 'ip', cr: 'cp', p10cr: 'cp', kur: 'kup' } as const;
type CertificateType = keyof typeof answerTypes;

/**
 * An RA/CA (RFC 9483): answers one message with another, and keeps in the journal what it has promised before it answers.
 * The caller hands over one message after the other.
 *
 * Order of checks (RFC 9483 section 3.5): header, protection, authorisation, body.
 */
export class Authority {
  readonly #options: AuthorityOptions;
  readonly #authorities: readonly Certificate[];

  constructor(options: AuthorityOptions) {
    this.#options = options;
    const { certificate, chain } = options.issuer;
    this.#authorities = [certificate, ...chain];
  }

  /** Whether bytes are a message that can be read. */
  isMessage(bytes: Uint8Array): boolean {
    return readMessage(bytes).ok;
  }

  /** DER of the answer. It is an error message if the request cannot be read. */
  async answer(bytes: Uint8Array): Promise<Uint8Array> {
    const message = readMessage(bytes);
    if (!message.ok) {
      const refusal = { reason: 'badDataFormat', text: 'This is not a PKIMessage in DER.' } as const;
      return this.#send(undefined, undefined, 'unreadable', refused('error', refusal));
    }
    const { header, body } = message.value;
    const { requester, answer } = await this.#decide(message.value, bytes);
    const nonce = randomBytes(nonceOctets);
    const kept = this.#keep(header, body.type, requester, answer, nonce);
    return this.#send(header, requester, body.type, kept, nonce);
  }

  async #decide(message: Message, bytes: Uint8Array): Promise<{ requester?: Requester; answer: Answer }> {
    const { header, body } = message;
    const { registry, journal, signer, vendorRoots, vendorIntermediates } = this.#options;
    const refuse = ({ refusal }: { refusal: Refusal }) => refused(refusalType(body.type), refusal);
    const names = [signer.certificate, ...this.#authorities];
    const good = checkHeader(header, body.type, names, this.#clock());
    if (!good.ok) return { answer: refuse(good) };
    const isOpen = body.type === 'genm' && !header.protectionAlgorithm && !message.protection;
    const judged: Judged<Requester | undefined> = isOpen
      ? granted(undefined)
      : judgeRequester(message, {
          registry,
          journal,
          vendorRoots,
          vendorIntermediates,
          authorities: this.#authorities,
          clock: this.#clock(),
        });
    if (!judged.ok) return { answer: refuse(judged) };
    const requester = judged.value;
    const open = checkTransaction(header, body.type, requester, journal);
    if (!open.ok) return { ...(requester && { requester }), answer: refuse(open) };
    const answer = await this.#dispatch(message, bytes, requester, open.value);
    return { ...(requester && { requester }), answer };
  }

  async #dispatch(
    { header, body }: Message,
    bytes: Uint8Array,
    requester: Requester | undefined,
    open: JournalTransaction | undefined,
  ): Promise<Answer> {
    const { journal, now } = this.#options;
    if (body.type === 'genm') return this.#inform(body.infos);
    if (!requester) throw new Error('Only questions may be unprotected');
    const type = refusalType(body.type);
    if (requester.kind === 'certificate') {
      const good = isFirst(body.type) ? checkInForce(requester, journal) : checkNotRevoked(requester);
      if (!good.ok) return refused(type, good.refusal);
    }
    switch (body.type) {
      case 'ir':
      case 'cr':
      case 'kur':
      case 'p10cr': {
        const good = this.#judgeCertificateRequest(body, requester);
        if (!good.ok) return refused(answerTypes[body.type], good.refusal, requestIdOf(body.type));
        const { polls = 0 } = this.#options;
        return polls > 0
          ? waiting(body.type, bytes)
          : this.#certify(header, body.type, good.value, requester);
      }
      case 'rr': {
        const good = judgeRevocation(body.revocations, requester, journal);
        if (!good.ok) return refused('rp', good.refusal);
        const { certificate, reason } = good.value;
        const status = { ...accepted, texts: ['The certificate is revoked.'] };
        return {
          body: { type: 'rp', content: contents.revRep(status) },
          entry: { state: 'ended', revoked: { certificate, at: now(), reason } },
        };
      }
      case 'certConf':
        return open ? this.#confirm(header, body.statuses, open) : unknownTransaction;
      case 'pollReq':
        return open ? this.#poll(body.ids, open, requester) : unknownTransaction;
      case 'error':
        return { body: { type: 'pkiconf', content: contents.pkiconf } };
      default:
        return refused('error', {
          reason: 'badRequest',
          text: 'This RA/CA does not answer this kind of message.',
        });
    }
  }

  async #inform(infos: readonly Info[]): Promise<Answer> {
    const { issuer, journal, successor } = this.#options;
    const info = await answerInfos(infos, { issuer, journal, successor });
    if (!info.ok) return refused('error', info.refusal);
    return { body: { type: 'genp', content: contents.infos(info.value) }, entry: { state: 'ended' } };
  }

  #judgeCertificateRequest(body: CertificateBody, requester: Requester): Judged<GoodRequest> {
    if (body.type === 'kur') {
      if (requester.kind === 'credential')
        return denied('wrongIntegrity', 'A renewal is signed with the certificate that it renews.');
      if (requester.kind === 'enb')
        return denied('notAuthorized', 'A renewal is signed with a certificate of this CA.');
    }
    const good = judgeContents(body, requester);
    // Clients know an RA and a CA by their names.
    const isTaken = ({ subject }: Certificate) => good.ok && subject.key === good.value.subject.key;
    return [this.#options.signer.certificate, ...this.#authorities].some(isTaken)
      ? denied('badCertTemplate', 'The subject is that of the RA or of a CA.')
      : good;
  }

  /** Issues, or gives again what this holder has for this key. */
  async #certify(
    header: Header,
    type: CertificateType,
    request: GoodRequest,
    requester: Requester,
  ): Promise<Answer> {
    const { issuer, journal, now } = this.#options;
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

  #confirm(header: Header, statuses: readonly CertStatus[], open: JournalTransaction): Answer {
    const { journal, now } = this.#options;
    const issued = open.certificate === undefined ? undefined : journal.certificate(open.certificate);
    if (open.state === 'confirmed')
      return refused('error', { reason: 'certConfirmed', text: 'The certificate is confirmed already.' });
    if (open.state !== 'issued' || !issued) return unknownTransaction;
    const [status, ...others] = statuses;
    // No status at all rejects everything (RFC 9810 section 5.3.18).
    const good = status
      ? checkStatus(header, status, others, issued.certificate, open.type)
      : granted(undefined);
    if (!good.ok) return refused('error', good.refusal);
    const body = { type: 'pkiconf', content: contents.pkiconf } as const;
    const { certificate } = open;
    const isRejected = !status || (status.statusInfo ?? accepted).status === pkiStatus.rejection;
    if (!isRejected && issued.revoked)
      return refused('error', { reason: 'certRevoked', text: 'The certificate has been revoked meanwhile.' });
    if (!isRejected)
      return { body, entry: { state: 'confirmed', ...(certificate !== undefined && { certificate }) } };
    return {
      body,
      entry: {
        state: 'rejected',
        ...(certificate !== undefined && { certificate }),
        ...(!issued.revoked && {
          revoked: { certificate: issued.certificate.sha256, at: now(), reason: rejectedReason },
        }),
        refused: 'certificate-rejected',
      },
    };
  }

  async #poll(ids: readonly number[], open: JournalTransaction, requester: Requester): Promise<Answer> {
    const { request, polls = 0, type } = open;
    if (open.state !== 'waiting' || !request || type === 'rr' || type === 'genm') return unknownTransaction;
    const [id] = ids;
    if (ids.length !== 1 || id !== requestIdOf(type))
      return refused('error', { reason: 'badRequest', text: 'The poll is not for the request that waits.' });
    if (polls < (this.#options.polls ?? 0)) {
      const content = contents.pollRep({ certReqId: id, checkAfter: 1, reason: ['The request waits.'] });
      return { body: { type: 'pollRep', content }, entry: { state: 'waiting', request, polls: polls + 1 } };
    }
    const message = readMessage(request);
    if (!message.ok || !isCertificateRequest(message.value.body))
      throw new Error('The journal keeps a bad request');
    const good = this.#judgeCertificateRequest(message.value.body, requester);
    return good.ok
      ? this.#certify(message.value.header, type, good.value, requester)
      : refused(answerTypes[type], good.refusal, id);
  }

  /** Writes what the answer promises. If the disk refuses, the promise is not made. */
  #keep(
    header: Header,
    type: BodyType,
    requester: Requester | undefined,
    answer: Answer,
    nonce: Uint8Array,
  ): Answer {
    const { journal } = this.#options;
    const id = hexOf(header.transactionId);
    const before = journal.transaction(id);
    const first = before?.type ?? (isFirst(type) ? type : undefined);
    // A refusal leaves an open transaction as it was, but for an incident, which is written down.
    const isToKeep = answer.entry ?? (before ? answer.refusal?.code : answer.refusal);
    if (!requester || first === undefined || isToKeep === undefined) return answer;
    const { state = 'ended', certificate, request, polls, ...changes } = answer.entry ?? {};
    const written = journal.write({
      transaction: {
        id,
        type: first,
        holder: requester.holder,
        protection: requester.protection,
        state,
        // A certConf whose answer is lost is repeated with the nonce that it had.
        nonce: type === 'certConf' && before ? before.nonce : hexOf(nonce),
        peerNonce: hexOf(header.senderNonce),
        ...(certificate !== undefined && { certificate }),
        ...(request && { request }),
        ...(polls !== undefined && { polls }),
      },
      ...changes,
      ...(answer.refusal && { refused: answer.refusal.code ?? answer.refusal.reason }),
    });
    return written.ok
      ? answer
      : refused('error', { reason: 'systemFailure', text: 'The RA/CA cannot write its journal.' });
  }

  async #send(
    request: Header | undefined,
    requester: Requester | undefined,
    type: BodyType | 'unreadable',
    answer: Answer,
    nonce: Uint8Array = randomBytes(nonceOctets),
  ): Promise<Uint8Array> {
    const { signer, now, onAnswered } = this.#options;
    const header: Header = {
      pvno: request?.pvno === cmp2021 ? cmp2021 : cmp2000,
      sender: party(
        requester?.kind === 'credential' ? nameOfReference(requester.reference) : signer.certificate.subject,
      ),
      recipient: request?.sender ?? nobody,
      messageTime: now(),
      transactionId: request?.transactionId ?? randomBytes(nonceOctets),
      senderNonce: nonce,
      ...(request?.senderNonce && { recipNonce: request.senderNonce }),
      ...(answer.generalInfo && { generalInfo: answer.generalInfo }),
    };
    const isIssued = answer.body.type in issuing && !answer.refusal;
    const extraCerts = isIssued ? this.#authorities.map((certificate) => certificate.der) : [];
    const sent = await protect(header, answer.body, protectorFor(requester, signer), extraCerts);
    onAnswered?.({
      type,
      ...(requester && { holder: requester.holder }),
      ...(request?.transactionId && { transactionId: hexOf(request.transactionId) }),
      answer: answer.body.type,
      ...(answer.refusal && { refusal: answer.refusal }),
    });
    return sent;
  }

  #clock(): Clock {
    return exactly(this.#options.now());
  }
}

const issuing = { ip: true, cp: true, kup: true } as const;

type CertificateBody = Extract<Body, { type: CertificateType }>;

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

/** The body in which a request is refused before it is looked at. */
function refusalType(type: BodyType): 'error' | 'rp' {
  return type === 'rr' ? 'rp' : 'error';
}

function refused(type: 'error' | 'rp' | 'ip' | 'cp' | 'kup', refusal: Refusal, certReqId = 0): Answer {
  const status = rejection(refusal.reason, refusal.text);
  const content =
    type === 'error'
      ? contents.error(status)
      : type === 'rp'
        ? contents.revRep(status)
        : contents.certRep({ certReqId, status });
  return { body: { type, content }, refusal };
}

const unknownTransaction = refused('error', {
  reason: 'badRequest',
  text: 'No transaction with this transactionID waits for this message.',
});

function waiting(type: CertificateType, request: Uint8Array): Answer {
  const status = { status: pkiStatus.waiting, texts: ['The request waits for a decision.'] };
  const content = contents.certRep({ certReqId: requestIdOf(type), status });
  return { body: { type: answerTypes[type], content }, entry: { state: 'waiting', request, polls: 0 } };
}

/** Judges the one status of a certConf. A PKCS#10 request may be confirmed with -1 or 0: peers differ. */
function checkStatus(
  { pvno }: Header,
  { certReqId, certHash, hashAlgorithm, statusInfo }: CertStatus,
  others: readonly CertStatus[],
  certificate: Certificate,
  type: FirstType,
): Judged<void> {
  const isId = certReqId === 0 || (type === 'p10cr' && certReqId === -1);
  if (others.length > 0 || !isId)
    return denied('badRequest', 'A certConf has one status, for the certReqId 0.');
  const isAccepted = !statusInfo || statusInfo.status !== pkiStatus.rejection;
  if (isAccepted && statusInfo?.failInfo)
    return denied('badRequest', 'An accepted certificate comes with no failInfo.');
  if (hashAlgorithm === 'unsupported')
    return denied('badAlg', 'The digest is not SHA-256, SHA-384 or SHA-512.');
  if (hashAlgorithm && pvno !== cmp2021)
    return denied('badRequest', 'Only cmp2021 names the digest of the certificate.');
  return isCertHash(certificate, certHash, hashAlgorithm)
    ? granted(undefined)
    : denied('badCertId', 'The digest is not that of the certificate that was issued.');
}

/** As the request is protected, so is the answer. What no secret protects is signed. */
function protectorFor(requester: Requester | undefined, signer: Signer): Protector {
  if (requester?.kind !== 'credential') return { kind: 'signature', signer };
  const { reference, secret, mac } = requester;
  return { kind: 'mac', reference, secret, mac: () => ({ ...mac, salt: freshSalt() }) };
}
