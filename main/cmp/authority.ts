import { randomBytes } from 'node:crypto';
import type { Signer } from '../keys/index.ts';
import { exactly, type Certificate, type Clock } from '../pki/index.ts';
import { refusalType, refused, unknownTransaction, type Answer } from './authority-answer.ts';
import {
  answerCertificateRequest,
  answerPoll,
  answerTypes,
  type Certifying,
} from './authority-certification.ts';
import { answerConfirmation } from './authority-confirmation.ts';
import { checkHeader, checkTransaction, isFirst, nonceOctets } from './authority-header.ts';
import { answerInfos, type RootSuccessor } from './authority-infos.ts';
import {
  checkInForce,
  checkNotRevoked,
  granted,
  judgeRequester,
  type Judged,
  type Refusal,
  type Requester,
} from './authority-requester.ts';
import { judgeRevocation } from './authority-revocation.ts';
import { contents, type BodyType } from './body.ts';
import { cmp2000, cmp2021, hexOf, nameOfReference, nobody, party, type Header, type Info } from './header.ts';
import { freshSalt } from './mac.ts';
import { readMessage, type Message } from './message.ts';
import type { Issuer, Journal, JournalTransaction, Registry } from './ports.ts';
import { protect, type Protector } from './protection.ts';
import { accepted } from './status.ts';

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

/** What an RA/CA sends back. */
export interface CmpAnswer {
  /** DER of a message. */
  readonly bytes: Uint8Array;
  /** Whether what it answers is a message that can be read. */
  readonly isToMessage: boolean;
}

/**
 * An RA/CA (RFC 9483): answers one message with another, and keeps in the journal what it has promised before it answers.
 * The caller hands over one message after the other.
 *
 * Order of checks (RFC 9483 section 3.5): header, protection, authorisation, body.
 */
export class Authority {
  readonly #options: AuthorityOptions;
  /** From the CA up to the operator root. */
  readonly #authorities: readonly Certificate[];
  readonly #certifying: Certifying;

  constructor(options: AuthorityOptions) {
    this.#options = options;
    const { certificate, chain } = options.issuer;
    this.#authorities = [certificate, ...chain];
    const { issuer, journal, signer, now, polls = 0 } = options;
    const authorities = [signer.certificate, ...this.#authorities];
    this.#certifying = { issuer, journal, authorities, now, polls };
  }

  /** The answer to a message. It is an error message if the message cannot be read. */
  async answer(bytes: Uint8Array): Promise<CmpAnswer> {
    const message = readMessage(bytes);
    if (!message.ok) {
      const refusal = { reason: 'badDataFormat', text: 'This is not a PKIMessage in DER.' } as const;
      const error = refused('error', refusal);
      return { isToMessage: false, bytes: await this.#send(undefined, undefined, 'unreadable', error) };
    }
    const { header, body } = message.value;
    const { requester, answer } = await this.#decide(message.value, bytes);
    const nonce = randomBytes(nonceOctets);
    const kept = this.#keep(header, body.type, requester, answer, nonce);
    return { isToMessage: true, bytes: await this.#send(header, requester, body.type, kept, nonce) };
  }

  async #decide(message: Message, bytes: Uint8Array): Promise<{ requester?: Requester; answer: Answer }> {
    const { header, body } = message;
    const { registry, journal, vendorRoots, vendorIntermediates } = this.#options;
    const refuse = ({ refusal }: { refusal: Refusal }) => refused(refusalType(body.type), refusal);
    const good = checkHeader(header, body.type, this.#certifying.authorities, this.#clock());
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
      case 'p10cr':
        return answerCertificateRequest(header, body, bytes, requester, this.#certifying);
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
        return open ? answerConfirmation(header, body.statuses, open, { journal, now }) : unknownTransaction;
      case 'pollReq':
        return open ? answerPoll(body.ids, open, requester, this.#certifying) : unknownTransaction;
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
    const isIssued = issuing.has(answer.body.type) && !answer.refusal;
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

/** The bodies that bring a certificate. */
const issuing: ReadonlySet<BodyType> = new Set(Object.values(answerTypes));

/** As the request is protected, so is the answer. What no secret protects is signed. */
function protectorFor(requester: Requester | undefined, signer: Signer): Protector {
  if (requester?.kind !== 'credential') return { kind: 'signature', signer };
  const { reference, secret, mac } = requester;
  return { kind: 'mac', reference, secret, mac: () => ({ ...mac, salt: freshSalt() }) };
}
