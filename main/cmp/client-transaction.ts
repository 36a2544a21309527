import { randomBytes } from 'node:crypto';
import { oids } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import {
  extension,
  isSameCertificate,
  nameToText,
  toSeconds,
  type Certificate,
  type Name,
} from '../pki/index.ts';
import { textsOf, type Body, type BodyType, type OutgoingBody } from './body.ts';
import {
  isRefusal,
  judgeBody,
  withSaid,
  withText,
  type AnswerFaultCode,
  type TransactionFaultCode,
} from './client-refusal.ts';
import { protectorOf, senderOf, type Credentials } from './credentials.ts';
import { cmp2000, cmp2021, infoOf, isNullDn, nobody, party, type Header } from './header.ts';
import { isMac } from './mac.ts';
import { readMessage, writeMessage, writeProtectedPart, type Message } from './message.ts';
import type { Peer } from './peer.ts';
import { certificatesOf, checkMac, isProtected, judgeSignature, protect } from './protection.ts';

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

  /** What this transaction needs to continue later. */
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

function isEqual(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}

function withoutTwins(certificates: readonly Certificate[]): readonly Certificate[] {
  return certificates.filter(
    (certificate, index) =>
      certificates.findIndex((other) => isSameCertificate(other, certificate)) === index,
  );
}
