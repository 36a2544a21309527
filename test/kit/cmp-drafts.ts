/** Messages to an RA/CA whose every part a test can change, also to what no client of ours would send. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { der, oids } from '../../main/asn1/index.ts';
import { statusesOf, type BodyType } from '../../main/cmp/body.ts';
import { cmp2000, nameOfReference, party, writeHeader, type Header } from '../../main/cmp/header.ts';
import { computeMac, writeMac, type Mac } from '../../main/cmp/mac.ts';
import { writeMessage, type Message } from '../../main/cmp/message.ts';
import type { Signer } from '../../main/keys/index.ts';
import { extension, writeSignatureAlgorithm } from '../../main/pki/index.ts';
import { now } from './bundle.ts';
import { pbm } from './cmp-answers.ts';
import { ra, reference, secret } from './cmp.ts';

/** A body under its tag number, which may be none that anybody knows. */
export interface DraftBody {
  readonly number: number;
  readonly content: Uint8Array;
}

/** Who protects a message: a secret's holder, or a signer. */
export type Protection =
  | { readonly kind: 'mac'; readonly reference: Uint8Array; readonly secret: Uint8Array; readonly mac: Mac }
  | { readonly kind: 'signature'; readonly signer: Signer };

export interface Draft {
  readonly by?: Protection;
  /** Members of the header to change; undefined leaves one out. */
  readonly header?: { readonly [Key in keyof Header]?: Header[Key] | undefined };
  /** Changes the protection; undefined leaves it out. */
  readonly protection?: (value: Uint8Array) => Uint8Array | undefined;
  readonly extraCerts?: readonly Uint8Array[];
}

export const byPbm: Extract<Protection, { kind: 'mac' }> = {
  kind: 'mac',
  reference,
  secret,
  mac: pbm,
};

export const bySigner = (signer: Signer): Protection => ({ kind: 'signature', signer });

function namesOf(by: Protection): Pick<Header, 'sender' | 'protectionAlgorithm' | 'senderKid'> {
  if (by.kind === 'mac')
    return {
      sender: party(nameOfReference(by.reference)),
      protectionAlgorithm: writeMac(by.mac),
      senderKid: by.reference,
    };
  const { algorithm, certificate } = by.signer;
  const identifier = extension(certificate, oids.subjectKeyIdentifier);
  assert(identifier.ok && identifier.value !== undefined);
  return {
    sender: party(certificate.subject),
    protectionAlgorithm: writeSignatureAlgorithm(algorithm),
    senderKid: Buffer.from(identifier.value, 'hex'),
  };
}

/** DER of a message: a good one, but for what the draft changes. */
export async function write(
  { number, content }: DraftBody,
  { by = byPbm, header = {}, protection = (value) => value, extraCerts }: Draft = {},
): Promise<Uint8Array> {
  const whole = {
    pvno: cmp2000,
    recipient: party(ra.certificate.subject),
    messageTime: now,
    transactionId: randomBytes(16),
    senderNonce: randomBytes(16),
    ...namesOf(by),
    ...header,
  };
  const part = der.sequence(writeHeader(whole as Header), der.explicit(number, content));
  const value = by.kind === 'mac' ? computeMac(by.mac, by.secret, part) : await by.signer.sign(part);
  const own =
    by.kind === 'mac'
      ? []
      : [by.signer.certificate, ...by.signer.chain].map((certificate) => certificate.der);
  return writeMessage(part, protection(value), extraCerts ?? own);
}

/** The header of the message that follows an answer. */
export function following({ header }: Message): Pick<Header, 'transactionId' | 'recipNonce'> {
  const { transactionId, senderNonce } = header;
  assert(transactionId && senderNonce);
  return { transactionId, recipNonce: senderNonce };
}

/** The type of an answer, and what it refuses: `ip`, or `error badRequest`. */
export function verdictOf({ body }: Message): BodyType | `${BodyType} ${string}` {
  const [status, ...others] = statusesOf(body);
  assert.equal(others.length, 0);
  return status?.failInfo ? `${body.type} ${status.failInfo.join('+')}` : body.type;
}
