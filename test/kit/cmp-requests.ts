/** Requests to an RA/CA, also such as our client never sends. */
import assert from 'node:assert/strict';
import { randomBytes, type KeyObject } from 'node:crypto';
import { contents, statusesOf, type OutgoingBody } from '../../main/cmp/body.ts';
import { makeCertReqMsg } from '../../main/cmp/crmf.ts';
import { cmp2000, nameOfReference, nobody, party, type Header } from '../../main/cmp/header.ts';
import { writeMessage, writeProtectedPart, type Message } from '../../main/cmp/message.ts';
import { protect, type Protector } from '../../main/cmp/protection.ts';
import { keySigner } from '../../main/keys/index.ts';
import { spkiOf, type Certificate, type Name } from '../../main/pki/index.ts';
import { now } from './bundle.ts';
import { bySecret, read } from './cmp-answers.ts';
import { ra, subject, type TestAuthority } from './cmp.ts';

/** A first message's header. */
export function firstHeader(protector: Protector | undefined): Header {
  const sender =
    protector?.kind === 'mac'
      ? party(nameOfReference(protector.reference))
      : protector
        ? party(protector.signer.certificate.subject)
        : nobody;
  return {
    pvno: cmp2000,
    sender,
    recipient: party(ra.certificate.subject),
    messageTime: now,
    transactionId: randomBytes(16),
    senderNonce: randomBytes(16),
  };
}

/** The header of the message that follows an answer. */
export function nextHeader({ header }: Message, protector: Protector | undefined): Header {
  return {
    ...firstHeader(protector),
    ...(header.transactionId && { transactionId: header.transactionId }),
    ...(header.senderNonce && { recipNonce: header.senderNonce }),
  };
}

/** DER of a message, protected by the secret of eNB 1 by default. `undefined` leaves it unprotected. */
export function messageOf(
  body: OutgoingBody,
  protector: Protector | undefined = bySecret,
  header: Partial<Header> = {},
  extraCerts: readonly Certificate[] = [],
): Promise<Uint8Array> {
  const whole = { ...firstHeader(protector), ...header };
  return protect(
    whole,
    body,
    protector,
    extraCerts.map(({ der }) => der),
  );
}

/** DER of a message without a protection. */
export function openMessage(body: OutgoingBody, header: Partial<Header> = {}): Uint8Array {
  return writeMessage(writeProtectedPart({ ...firstHeader(undefined), ...header }, body), undefined, []);
}

/** A request for a certificate for this key. */
export async function requestFor(
  key: KeyObject,
  {
    type = 'ir',
    name = subject,
    old,
    signedBy = key,
  }: {
    readonly type?: 'ir' | 'cr' | 'kur';
    readonly name?: Name;
    readonly old?: Certificate;
    /** The key that proves possession: another one for a wrong proof. */
    readonly signedBy?: KeyObject;
  } = {},
): Promise<OutgoingBody> {
  const signer = keySigner(signedBy);
  assert(signer);
  const request = await makeCertReqMsg(
    { subject: name, spki: spkiOf(key), subjectAltName: undefined, ...(old && { oldCertificate: old }) },
    signer,
  );
  return { type, content: contents.requests(request) };
}

/** The answer of an RA/CA to a message. */
export async function ask(
  { authority }: Pick<TestAuthority, 'authority'>,
  message: Uint8Array,
): Promise<Message> {
  return read((await authority.answer(message)).bytes);
}

/** The failInfo of an answer; its type if it refuses nothing. */
export function failOf({ body }: Message): string {
  return statusesOf(body)[0]?.failInfo?.join(' ') ?? body.type;
}

/** Sends, and says what the answer refuses. */
export async function refusalTo(
  ca: Pick<TestAuthority, 'authority'>,
  message: Uint8Array | Promise<Uint8Array>,
): Promise<string> {
  return failOf(await ask(ca, await message));
}
