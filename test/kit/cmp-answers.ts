/** An RA/CA that answers whatever a test wants, also what ours never would. */
import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { decode } from '../../main/asn1/index.ts';
import { contents, type OutgoingBody } from '../../main/cmp/body.ts';
import { cmp2000, party, type Header } from '../../main/cmp/header.ts';
import { freshSalt, type Mac } from '../../main/cmp/mac.ts';
import { readMessage, writeMessage, writeProtectedPart, type Message } from '../../main/cmp/message.ts';
import type { Peer } from '../../main/cmp/index.ts';
import { protect, type Protector } from '../../main/cmp/protection.ts';
import { nameToText, type Certificate } from '../../main/pki/index.ts';
import { labOptions, now, signerOf } from './bundle.ts';
import { operatorCa, peerOf, ra, reference, secret, subject } from './cmp.ts';
import { issueCertificate, type KeyPair } from './issue-certificate.ts';

export const pbm: Extract<Mac, { kind: 'pbm' }> = {
  kind: 'pbm',
  salt: freshSalt(),
  owf: 'sha256',
  iterations: 100,
  mac: 'sha256',
};

/** Protects with the secret of eNB 1. */
export const bySecret: Protector = { kind: 'mac', reference, secret, mac: () => pbm };
/** Signs as the RA. */
export const byRa: Protector = { kind: 'signature', signer: signerOf(ra, operatorCa) };

/** Bytes as a message; they must be one. */
export function read(bytes: Uint8Array): Message {
  const message = readMessage(bytes);
  assert(message.ok, JSON.stringify(message));
  return message.value;
}

/** How an answer differs from a right one. */
export interface AnswerChanges {
  readonly protector?: Protector | undefined;
  readonly header?: Partial<Header>;
  readonly extraCerts?: readonly Certificate[];
}

/** The right answer's header to a message. */
export function headerFor({ header }: Message): Header {
  return {
    pvno: cmp2000,
    sender: party(ra.certificate.subject),
    recipient: header.sender,
    messageTime: now,
    ...(header.transactionId && { transactionId: header.transactionId }),
    senderNonce: Buffer.alloc(16, 7),
    ...(header.senderNonce && { recipNonce: header.senderNonce }),
  };
}

/** DER of an answer to a message. `protector: undefined` leaves it unprotected. */
export function answerTo(
  message: Message,
  body: OutgoingBody,
  changes: AnswerChanges = {},
): Promise<Uint8Array> {
  const { header = {}, extraCerts = [operatorCa.certificate] } = changes;
  const whole = { ...headerFor(message), ...header };
  const protector = 'protector' in changes ? changes.protector : bySecret;
  const bytes = extraCerts.map(({ der }) => der);
  return protector
    ? protect(whole, body, protector, bytes)
    : Promise.resolve(writeMessage(writeProtectedPart(whole, body), undefined, bytes));
}

/** A client of an RA/CA that answers as told, and the messages that it got. */
export function scripted(
  answer: (message: Message) => Promise<Uint8Array> | Uint8Array,
  changes: Partial<Peer> = {},
): { readonly peer: Peer; readonly got: Message[] } {
  const got: Message[] = [];
  const peer: Peer = {
    ...peerOf({ authority: undefined as never }),
    exchange: async (bytes) => {
      const message = read(bytes);
      got.push(message);
      return { ok: true, value: await answer(message) };
    },
    ...changes,
  };
  return { peer, got };
}

/** A certificate for a key of eNB 1. */
export function certificateFor(key: KeyObject, issuer: KeyPair = operatorCa): Certificate {
  const { notBefore, notAfter } = labOptions;
  return issueCertificate(
    {
      subject: nameToText(subject),
      keyUsage: ['digitalSignature'],
      training: false,
      notBefore,
      notAfter,
    },
    key,
    issuer,
  );
}

/** An ip or kup with this certificate. */
export function granting(certificate: Certificate, type: 'ip' | 'kup' = 'ip'): OutgoingBody {
  const status = { status: 0, texts: [] };
  return { type, content: contents.certRep({ certReqId: 0, status, certificate: certificate.der }) };
}

/** DER of the content of a message's body, without its tag. */
export function contentOf(bytes: Uint8Array): Uint8Array {
  const content = decode(bytes, (reader) =>
    reader.sequence((inner) => {
      inner.element();
      const found = inner.element().contents;
      inner.rest((one) => one.element());
      return found;
    }),
  );
  assert(content.ok);
  return content.value;
}
