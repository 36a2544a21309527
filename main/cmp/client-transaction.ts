import { randomBytes } from 'node:crypto';
import { oids } from '../asn1/index.ts';
import { ok, refuse, type Refused, type Result } from '../faults/index.ts';
import type { Signer } from '../keys/index.ts';
import {
  extension,
  isSameCertificate,
  nameToText,
  toSeconds,
  type Certificate,
  type Clock,
  type Name,
} from '../pki/index.ts';
import { statusesOf, textsOf, type Body, type BodyType, type OutgoingBody } from './body.ts';
import type { Exchange, ExchangeFaultCode } from './exchange.ts';
import { cmp2000, cmp2021, infoOf, isNullDn, nameOfReference, nobody, party, type Header } from './header.ts';
import { freshSalt, isMac, type Mac } from './mac.ts';
import { readMessage, saidIn, writeMessage, writeProtectedPart, type Message } from './message.ts';
import {
  certificatesOf,
  checkMac,
  isProtected,
  judgeSignature,
  protect,
  type Protector,
} from './protection.ts';
import { failureInfo } from './failure-info.ts';
import { pkiStatus } from './status.ts';

/** What a client proves itself with. */
export type Credentials =
  | {
      readonly kind: 'mac';
      readonly reference: Uint8Array;
      /** The caller wipes it. */
      readonly secret: Uint8Array;
      readonly algorithm?: 'pbm' | 'pbmac1';
      /** How often the secret is hashed. */
      readonly iterations?: number;
    }
  | { readonly kind: 'signature'; readonly signer: Signer };

/** The phases of a request, as they begin. `waiting`: the RA/CA has not decided yet. `issued`: the certificate is good. */
export type CmpPhase = 'requested' | 'waiting' | 'issued' | 'confirming';

/** An RA/CA, how to reach it, and by what its answers are believed. */
export interface Peer {
  readonly exchange: Exchange;
  /** The name of the RA/CA: the recipient of every message, and the sender of its answers. */
  readonly recipient: Name;
  /** The provisioned roots. Nothing that an answer brings becomes one. */
  readonly trustAnchors: readonly Certificate[];
  /** Untrusted certificates that may help a path. */
  readonly intermediates?: readonly Certificate[];
  readonly clock: () => Clock;
  /** Waits this many milliseconds, or until the signal is aborted. */
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** How long to poll for a decision, in milliseconds, all polls together. */
  readonly patience: number;
  /** Takes an answer that HMAC-SHA1 protects. */
  readonly allowHmacSha1?: boolean;
  readonly onPhase?: (phase: CmpPhase) => void;
  readonly signal?: AbortSignal;
}

/** Why an answer is not believed, or what it refuses. */
export type AnswerFaultCode =
  | 'cmp-malformed'
  | 'cmp-unexpected'
  | 'cmp-unauthentic'
  | 'cmp-algorithm'
  | 'cmp-signer-unfit'
  | 'cmp-refused'
  | 'credential-bound-elsewhere';

export type TransactionFaultCode = AnswerFaultCode | ExchangeFaultCode;

/** What an interrupted transaction needs to continue. */
export interface OpenTransaction {
  /** transactionID, lower-case hex. */
  readonly id: string;
  /** The senderNonce of the last answer, lower-case hex. */
  readonly nonce: string;
}

/** The length of a transactionID and of a nonce, in bytes (RFC 9483 section 3.1). */
const octets = 16;

/** The longest nonce of a peer, in bytes: the holder of a certificate stores it until it has confirmed. */
const longestNonce = 64;

/** The most certificates that are remembered. Anybody on the way can add some to an answer. */
const maximumKnown = 64;

/** How far the two clocks may be apart, in milliseconds. */
const clockTolerance = 5 * 60_000;

const defaultIterations = 10_000;

/** How the text of an RA/CA begins that refuses a credential because it is bound to another key. */
export const boundElsewhere = 'credential-bound-elsewhere';

/** The client's side of one transaction: sends messages one after the other, and judges every answer. */
export class ClientTransaction {
  readonly #peer: Peer;
  readonly #credentials: Credentials | undefined;
  readonly #sender: Name | undefined;
  readonly #id: Uint8Array;
  #recipNonce: Uint8Array | undefined;
  /** Certificates of earlier answers, which a peer need not send again. */
  #known: readonly Certificate[];
  /** By what the first answer was protected. All others must be so too. */
  #protection: 'mac' | 'signature' | undefined;
  #isConfirmed = false;
  /** The senderNonce of the first message: where a decision was waited for, the answer may repeat it. */
  #firstNonce: Uint8Array | undefined;

  /** Without credentials the messages are not protected, and the answers must be signed. */
  constructor(
    peer: Peer,
    credentials: Credentials | undefined,
    { id, nonce }: Partial<OpenTransaction> = {},
  ) {
    this.#peer = peer;
    this.#credentials = credentials;
    this.#sender = credentials && senderOf(credentials);
    this.#id = id === undefined ? randomBytes(octets) : Buffer.from(id, 'hex');
    this.#recipNonce = nonce === undefined ? undefined : Buffer.from(nonce, 'hex');
    this.#known = peer.intermediates ?? [];
  }

  /** What this transaction needs to go on later. */
  get open(): OpenTransaction {
    return {
      id: Buffer.from(this.#id).toString('hex'),
      nonce: Buffer.from(this.#recipNonce ?? []).toString('hex'),
    };
  }

  /** Whether the RA/CA asks for no confirmation of what it issued. */
  get isConfirmed(): boolean {
    return this.#isConfirmed;
  }

  /** The certificates that the answers have brought so far. None of them is trusted. */
  get certificates(): readonly Certificate[] {
    return this.#known;
  }

  /**
   * Sends a message and returns the body of the answer, which is of one of the expected types. An authentic error or
   * rejection is `cmp-refused`.
   */
  async send(
    body: OutgoingBody,
    expected: readonly BodyType[],
    { needs2021 = false } = {},
  ): Promise<Result<Body, TransactionFaultCode>> {
    const senderNonce = randomBytes(octets);
    this.#firstNonce ??= senderNonce;
    const request = await this.#write(body, senderNonce, needs2021);
    const answer = await this.#peer.exchange(request, this.#peer.signal);
    if (!answer.ok) return withText(answer);
    const message = readMessage(answer.value);
    if (!message.ok) return message;
    const nonces = body.type === 'pollReq' ? [senderNonce, this.#firstNonce] : [senderNonce];
    const judged = this.#judge(message.value, nonces);
    if (!judged.ok) return judged;
    this.#recipNonce = message.value.header.senderNonce;
    this.#isConfirmed = infoOf(message.value.header, oids.implicitConfirmInfo) !== undefined;
    this.#known = withoutTwins([...this.#known, ...certificatesOf(message.value)]).slice(0, maximumKnown);
    // A poll is never answered with an error that asks to wait.
    return judgeBody(message.value.body, expected, body.type !== 'pollReq');
  }

  #write(body: OutgoingBody, senderNonce: Uint8Array, needs2021: boolean): Promise<Uint8Array> {
    const { now, isExact } = this.#peer.clock();
    const header: Header = {
      pvno: needs2021 ? cmp2021 : cmp2000,
      sender: this.#sender ? party(this.#sender) : nobody,
      recipient: party(this.#peer.recipient),
      ...(isExact && { messageTime: now }),
      transactionId: this.#id,
      senderNonce,
      ...(this.#recipNonce && { recipNonce: this.#recipNonce }),
    };
    if (!this.#credentials)
      return Promise.resolve(writeMessage(writeProtectedPart(header, body), undefined, []));
    return protect(header, body, protectorOf(this.#credentials));
  }

  #judge(message: Message, nonces: readonly Uint8Array[]): Result<void, AnswerFaultCode> {
    const said = isRefusal(message.body) ? textsOf(message.body).join('; ').slice(0, 1000) : '';
    if (!isProtected(message))
      return refuse('cmp-unauthentic', { rule: 'cmp-protected', ...(said !== '' && { found: said }) });
    const proven = this.#judgeProtection(message);
    return proven.ok ? this.#judgeHeader(message.header, nonces) : withSaid(proven, said);
  }

  #judgeProtection(message: Message): Result<void, AnswerFaultCode> {
    const kind = isMac(message.header.protectionAlgorithm ?? new Uint8Array()) ? 'mac' : 'signature';
    // An error may be signed where the RA/CA could not find the secret.
    const isSame =
      this.#protection === undefined || this.#protection === kind || message.body.type === 'error';
    const isAllowed = kind === 'signature' || this.#credentials?.kind === 'mac';
    if (!isSame || !isAllowed) return refuse('cmp-unauthentic', { rule: 'cmp-protection-kind' });
    const proven = kind === 'mac' ? this.#judgeMac(message) : this.#judgeSigner(message);
    if (proven.ok && message.body.type !== 'error') this.#protection = kind;
    return proven;
  }

  #judgeMac(message: Message): Result<void, AnswerFaultCode> {
    if (this.#credentials?.kind !== 'mac') throw new Error('Only a secret judges a MAC');
    const { allowHmacSha1 = false } = this.#peer;
    const holds = checkMac(message, this.#credentials.secret, { allowHmacSha1 });
    if (!holds.ok) return holds;
    return holds.value ? ok(undefined) : refuse('cmp-unauthentic');
  }

  #judgeSigner(message: Message): Result<void, AnswerFaultCode> {
    const { trustAnchors, recipient, clock } = this.#peer;
    const signer = judgeSignature(message, { trustAnchors, intermediates: this.#known, clock: clock() });
    if (!signer.ok) return signer;
    const { certificate } = signer.value;
    return isAuthority(certificate, recipient)
      ? ok(undefined)
      : refuse('cmp-signer-unfit', {
          rule: 'cmp-signer-role',
          expected: nameToText(recipient),
          found: nameToText(certificate.subject),
        });
  }

  #judgeHeader(header: Header, nonces: readonly Uint8Array[]): Result<void, 'cmp-unexpected'> {
    const { pvno, transactionId, recipNonce, recipient, messageTime } = header;
    if (pvno !== cmp2000 && pvno !== cmp2021)
      return refuse('cmp-unexpected', { rule: 'cmp-version', found: String(pvno) });
    if (!isEqual(transactionId, this.#id)) return refuse('cmp-unexpected', { rule: 'cmp-transaction-id' });
    if (!nonces.some((nonce) => isEqual(recipNonce, nonce)))
      return refuse('cmp-unexpected', { rule: 'cmp-recip-nonce' });
    const { length = 0 } = header.senderNonce ?? {};
    if (length < octets || length > longestNonce)
      return refuse('cmp-unexpected', { rule: 'cmp-sender-nonce' });
    const isForUs = isNullDn(recipient) || !this.#sender || recipient.name?.key === this.#sender.key;
    if (!isForUs)
      return refuse('cmp-unexpected', {
        rule: 'cmp-recipient',
        found: recipient.name ? nameToText(recipient.name) : '-',
      });
    const { now, isExact } = this.#peer.clock();
    if (isExact && messageTime && Math.abs(messageTime.getTime() - now.getTime()) > clockTolerance)
      return refuse('cmp-unexpected', {
        rule: 'cmp-message-time',
        expected: toSeconds(now),
        found: toSeconds(messageTime),
      });
    return ok(undefined);
  }
}

/** A fault of the protection, with what the answer says: as `cmp-unauthentic`, whose words mark the text as such. */
function withSaid(proven: Refused<AnswerFaultCode>, said: string): Refused<AnswerFaultCode> {
  const { fault } = proven;
  if (said === '') return proven;
  return fault.code === 'cmp-unauthentic'
    ? { ok: false, fault: { ...fault, found: said } }
    : refuse('cmp-unauthentic', { found: said, because: fault });
}

/** What an answer that HTTP refuses says, if it holds a message: shown, and never acted on. */
function withText({
  fault,
  ...rest
}: Refused<ExchangeFaultCode> & { readonly answer?: Uint8Array }): Refused<TransactionFaultCode> {
  const said = rest.answer ? saidIn(rest.answer) : '';
  if (said === '') return { ok: false, fault };
  return refuse('cmp-unauthentic', { rule: 'cmp-http-status', found: said, because: fault });
}

/** Whether the RA/CA says no to something. */
function isRefusal(body: Body): boolean {
  return body.type === 'error' || statusesOf(body).some(({ status }) => status === pkiStatus.rejection);
}

function judgeBody(
  body: Body,
  expected: readonly BodyType[],
  mayWait: boolean,
): Result<Body, AnswerFaultCode> {
  const statuses = statusesOf(body);
  if (statuses.some(({ status }) => status === pkiStatus.rejection)) return refusedBy(body);
  const isWaiting = mayWait && body.type === 'error' && statuses[0]?.status === pkiStatus.waiting;
  if (expected.includes(body.type) || isWaiting) return ok(body);
  // An error that is no refusal leaves nothing to go on with.
  return refuse('cmp-unexpected', { rule: 'cmp-body', expected: expected.join(' | '), found: body.type });
}

/** The fault for an authentic refusal: its words, and the rule of its failInfo. */
function refusedBy(body: Body): Refused<AnswerFaultCode> {
  const statuses = statusesOf(body);
  const known = failureInfo.find(([name]) => statuses.some(({ failInfo }) => failInfo?.includes(name)));
  const found = textsOf(body).join('; ').slice(0, 1000);
  const isBound = statuses.some(({ texts }) => texts.some((text) => text.startsWith(boundElsewhere)));
  return refuse(isBound ? boundElsewhere : 'cmp-refused', {
    ...(known && !isBound && { rule: known[1] }),
    ...(found !== '' && { found }),
  });
}

/**
 * Whether a certificate may answer for the RA/CA: it has the name, or it is a CA's, or its issuer says that it is an RA
 * or a CA (RFC 6402 section 2.10). Any eNB has a certificate below the same root, and none of these.
 */
function isAuthority(certificate: Certificate, recipient: Name): boolean {
  if (certificate.subject.key === recipient.key) return true;
  if (isCa(certificate)) return true;
  const usages = extension(certificate, oids.extendedKeyUsage);
  return usages.ok && (usages.value?.has(oids.cmcRa) === true || usages.value?.has(oids.cmcCa) === true);
}

/** Whether a certificate is that of a CA. */
export function isCa(certificate: Certificate): boolean {
  const basic = extension(certificate, oids.basicConstraints);
  return basic.ok && basic.value?.isCa === true;
}

function protectorOf(credentials: Credentials): Protector {
  if (credentials.kind === 'signature') return credentials;
  const { reference, secret, algorithm = 'pbm', iterations = defaultIterations } = credentials;
  return { kind: 'mac', reference, secret, mac: () => freshMac(algorithm, iterations) };
}

/** The parameters of a MAC, with a new salt. */
function freshMac(algorithm: 'pbm' | 'pbmac1', iterations: number): Mac {
  const salt = freshSalt();
  return algorithm === 'pbm'
    ? { kind: 'pbm', salt, owf: 'sha256', iterations, mac: 'sha256' }
    : { kind: 'pbmac1', salt, iterations, keyLength: 32, prf: 'sha256', mac: 'sha256' };
}

function senderOf(credentials: Credentials): Name {
  return credentials.kind === 'signature'
    ? credentials.signer.certificate.subject
    : nameOfReference(credentials.reference);
}

function isEqual(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}

function withoutTwins(certificates: readonly Certificate[]): readonly Certificate[] {
  return certificates.filter(
    (certificate, index) =>
      certificates.findIndex((other) => isSameCertificate(other, certificate)) === index,
  );
}
