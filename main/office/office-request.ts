import type { KeyObject } from 'node:crypto';
import { decode, der, oids } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { generateKey, keySigner, makeCertificationRequest } from '../keys/index.ts';
import { keyUsageBits, nameFromText, readName, spkiOf, type Name } from '../pki/index.ts';

/** The least bytes of the passphrase of a new office key. */
export const minimumOfficePassphrase = 8;

/** A new office key, and what asks the operator's CA for its certificate. */
export interface NewOfficeKey {
  /** Encrypted PKCS#8 in PEM. */
  readonly key: Buffer;
  /** PKCS#10 in PEM. */
  readonly request: Buffer;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
}

/**
 * Makes an office key on P-256, encrypted with AES-256-CBC under the passphrase, which the caller wipes. Its request asks for
 * the purpose of an office key.
 *
 * @param subject the name to ask for; by default it is made of the operator's
 */
export async function makeOfficeKey(
  operator: string,
  subject: string | undefined,
  passphrase: Uint8Array,
): Promise<Result<NewOfficeKey, 'passphrase-weak' | 'name-malformed'>> {
  if (passphrase.length < minimumOfficePassphrase)
    return refuse('passphrase-weak', { rule: 'passphrase-length' });
  const name = subject === undefined ? officeName(operator) : nameFromText(subject);
  if (!name.ok) return name;
  const key = await generateKey('P-256');
  const spki = spkiOf(key);
  const request = await requestFor(name.value, spki, key);
  return ok({ key: encrypted(key, passphrase), request, spki });
}

async function requestFor(subject: Name, spki: Uint8Array, key: KeyObject): Promise<Buffer> {
  const signer = keySigner(key);
  if (!signer) throw new Error('A key on P-256 can sign');
  const usage = der.namedBits([keyUsageBits.digitalSignature]);
  const extensions = [
    der.sequence(der.oid(oids.keyUsage), der.boolean(true), der.octetString(usage)),
    der.sequence(der.oid(oids.extendedKeyUsage), der.octetString(der.sequence(der.oid(oids.officeSigning)))),
  ];
  return Buffer.from(await makeCertificationRequest({ subject, spki, extensions }, signer));
}

/** PKCS#8 in PEM, with PBES2 and PBKDF2 (RFC 8018). */
function encrypted(key: KeyObject, passphrase: Uint8Array): Buffer {
  const encryption = { cipher: 'aes-256-cbc', passphrase: Buffer.from(passphrase) };
  try {
    return Buffer.from(key.export({ format: 'pem', type: 'pkcs8', ...encryption }));
  } finally {
    encryption.passphrase.fill(0);
  }
}

/** The usual name of an office key: `O=OPERATOR,CN=OPERATOR office`. */
function officeName(operator: string): Result<Name, 'name-malformed'> {
  const rdn = (type: string, value: string) =>
    der.setOf([der.sequence(der.oid(type), der.utf8String(value))]);
  const name = der.sequence(rdn(oids.organizationName, operator), rdn(oids.commonName, `${operator} office`));
  const read = decode(name, readName);
  return read.ok ? read : refuse('name-malformed', { found: operator });
}
