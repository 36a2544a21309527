import { createPublicKey, type KeyObject } from 'node:crypto';
import { DerReader, oids, tags } from '../asn1/index.ts';

export type Curve = 'P-256' | 'P-384' | 'P-521';

/** A SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), as far as this product can use it. */
export type PublicKey = { readonly spki: Uint8Array } & (
  | {
      readonly kind: 'rsa';
      readonly bits: number;
      /** id-RSASSA-PSS: for PSS only */ readonly pssOnly: boolean;
    }
  | {
      readonly kind: 'ec';
      readonly curve: Curve;
      /** The uncompressed point, 0x04 X Y. */ readonly point: Uint8Array;
    }
  | { readonly kind: 'unsupported'; readonly algorithm: string }
);

export const curves: Readonly<Record<string, Curve>> = {
  [oids.p256]: 'P-256',
  [oids.p384]: 'P-384',
  [oids.p521]: 'P-521',
};

/** Names of the curves as OpenSSL and node:crypto know them. */
export const opensslCurves: Readonly<Record<Curve, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

export const curveOids: Readonly<Record<Curve, string>> = {
  'P-256': oids.p256,
  'P-384': oids.p384,
  'P-521': oids.p521,
};

const coordinateOctets: Readonly<Record<Curve, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };

/** Reads a SubjectPublicKeyInfo. */
export function readPublicKey(reader: DerReader): PublicKey {
  const { bytes, value } = reader.withBytes(() => reader.sequence(readKey));
  return { ...value, spki: Uint8Array.from(bytes) };
}

/** `Omit` on each member of a union. */
type Without<Union, Name extends PropertyKey> = Union extends unknown ? Omit<Union, Name> : never;

function readKey(reader: DerReader): Without<PublicKey, 'spki'> {
  const { algorithm, curve } = reader.sequence((identifier) => {
    const algorithm = identifier.oid();
    const curve = identifier.optional(tags.oid, () => curves[identifier.oid()]);
    identifier.rest(() => identifier.element());
    return { algorithm, curve };
  });
  const { contents, offset } = { offset: reader.offset, contents: reader.bitStringOctets() };
  if (algorithm === oids.rsaEncryption || algorithm === oids.rsassaPss) {
    return {
      kind: 'rsa',
      bits: rsaBits(new DerReader(contents, offset)),
      pssOnly: algorithm === oids.rsassaPss,
    };
  }
  if (algorithm !== oids.ecPublicKey || !curve) return { kind: 'unsupported', algorithm };
  if (contents[0] !== 4 || contents.length !== 1 + 2 * coordinateOctets[curve])
    reader.fail('der-key', offset);
  return { kind: 'ec', curve, point: Uint8Array.from(contents) };
}

/** The size of the modulus of an RSAPublicKey (RFC 8017 appendix A.1.1), in bits; both its numbers are odd, and e not 1. */
function rsaBits(reader: DerReader): number {
  const [modulus, exponent] = reader.sequence((inner) => [inner.integerOctets(), inner.integerOctets()]);
  reader.end();
  for (const number of [modulus, exponent]) {
    const isPositive = (number[0] ?? 0x80) < 0x80;
    const isOdd = ((number.at(-1) ?? 0) & 1) === 1;
    if (!isPositive || !isOdd) reader.fail('der-key');
  }
  if (exponent.length === 1 && exponent[0] === 1) reader.fail('der-key');
  const [first = 0, second = 0] = modulus;
  return first === 0
    ? (modulus.length - 2) * 8 + bitLength(second)
    : (modulus.length - 1) * 8 + bitLength(first);
}

function bitLength(octet: number): number {
  return 32 - Math.clz32(octet);
}

const keyObjects = new WeakMap<PublicKey, KeyObject>();

/** The node:crypto key. Throws when OpenSSL does not take the key (a point off its curve, say). */
export function keyObject(key: PublicKey): KeyObject {
  let object = keyObjects.get(key);
  if (!object) {
    object = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
    keyObjects.set(key, object);
  }
  return object;
}

/** Whether OpenSSL takes the key. */
export function isSoundKey(key: PublicKey): boolean {
  try {
    keyObject(key);
    return true;
  } catch {
    return false;
  }
}

/** What a person calls the key: "RSA 3072", "EC P-256". */
export function describeKey(key: PublicKey): string {
  switch (key.kind) {
    case 'rsa':
      return `RSA ${key.bits}`;
    case 'ec':
      return `EC ${key.curve}`;
    case 'unsupported':
      return key.algorithm;
  }
}

/** The algorithm floor for keys: RSA of 2048 bits or more, or EC on P-256, P-384 or P-521. */
export function isStrongKey(key: PublicKey): boolean {
  return key.kind === 'ec' || (key.kind === 'rsa' && key.bits >= 2048);
}
