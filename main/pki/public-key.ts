import { createPublicKey, type KeyObject } from 'node:crypto';
import { decode, der, oids, tags, toText, type DerReader } from '../asn1/index.ts';

/** The curves of keys on a path. Keys of eNBs and configuration keys only use the first two. */
export type Curve = 'P-256' | 'P-384' | 'P-521';

/** A SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), as far as Siteseal can use it. */
export type PublicKey = { readonly spki: Uint8Array } & (
  | {
      readonly kind: 'rsa';
      readonly bits: number;
      /** id-RSASSA-PSS: only for PSS. */ readonly pssOnly: boolean;
    }
  | {
      readonly kind: 'ec';
      readonly curve: Curve;
      /** The uncompressed point, 0x04 X Y. */ readonly point: Uint8Array;
    }
  | { readonly kind: 'unsupported'; readonly algorithm: string }
);

/** Curves by OID (RFC 5480 section 2.1.1.1). */
export const curves: Readonly<Record<string, Curve>> = {
  [oids.p256]: 'P-256',
  [oids.p384]: 'P-384',
  [oids.p521]: 'P-521',
};

/** Curve names of OpenSSL and node:crypto. */
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

/** Reads a SubjectPublicKeyInfo. The bytes are views of the input. */
export function readPublicKey(reader: DerReader): PublicKey {
  const { bytes, value } = reader.withBytes(() => reader.sequence(readKey));
  return { ...value, spki: bytes };
}

type Without<Union, Name extends PropertyKey> = Union extends unknown ? Omit<Union, Name> : never;

function readKey(reader: DerReader): Without<PublicKey, 'spki'> {
  const { algorithm, curve } = reader.sequence((identifier) => {
    const algorithm = identifier.oid();
    const curve = identifier.optional(tags.oid, () => curves[identifier.oid()]);
    identifier.rest(() => identifier.element());
    return { algorithm, curve };
  });
  if (algorithm === oids.rsaEncryption || algorithm === oids.rsassaPss) {
    return {
      kind: 'rsa',
      bits: rsaBits(reader.insideBitString()),
      pssOnly: algorithm === oids.rsassaPss,
    };
  }
  const { contents, offset } = { offset: reader.offset, contents: reader.bitStringOctets() };
  if (algorithm !== oids.ecPublicKey || !curve) return { kind: 'unsupported', algorithm };
  if (contents[0] !== 4 || contents.length !== 1 + 2 * coordinateOctets[curve])
    reader.fail('der-key', offset);
  return { kind: 'ec', curve, point: contents };
}

/** The modulus size of an RSAPublicKey (RFC 8017 appendix A.1.1), in bits. Both numbers must be odd, and e not 1. */
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

/** The node:crypto key. Throws if OpenSSL rejects it, for example because the point is not on the curve. */
export function keyObject(key: PublicKey): KeyObject {
  let object = keyObjects.get(key);
  if (!object) {
    object = createPublicKey({ key: Buffer.from(plainSpki(key)), format: 'der', type: 'spki' });
    keyObjects.set(key, object);
  }
  return object;
}

/**
 * The SubjectPublicKeyInfo as node:crypto writes it, with NULL parameters for an RSA key (RFC 3279 section 2.3.1).
 * Some certificates omit them, which OpenSSL accepts and BoringSSL does not.
 */
export function plainSpki(key: PublicKey): Uint8Array {
  if (key.kind !== 'rsa' || key.pssOnly) return key.spki;
  const contents = decode(key.spki, (reader) =>
    reader.sequence((inner) => {
      inner.element(tags.sequence);
      return inner.bitStringOctets();
    }),
  );
  return contents.ok ? der.sequence(rsaAlgorithm, der.bitString(contents.value)) : key.spki;
}

/** The SubjectPublicKeyInfo of a key pair in node:crypto, in DER. It equals `plainSpki` of the same key in a certificate. */
export function spkiOf(privateKey: KeyObject): Uint8Array {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
}

const rsaAlgorithm = der.sequence(der.oid(oids.rsaEncryption), der.null);

/** The prime p and the coefficient b of each curve: y² = x³ - 3x + b (SP 800-186 section 3.2.1). */
const curveDomains: Readonly<Record<Curve, { readonly p: bigint; readonly b: bigint }>> = {
  'P-256': {
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  'P-521': {
    p: 2n ** 521n - 1n,
    b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
};

/**
 * Whether the point is on its curve. Every such point except infinity is a public key (SP 800-56A section 5.6.2.3.4).
 * Ten times faster than letting OpenSSL make a key.
 */
export function isOnCurve({ curve, point }: Extract<PublicKey, { kind: 'ec' }>): boolean {
  const { p, b } = curveDomains[curve];
  const octets = coordinateOctets[curve];
  const coordinate = (from: number) => BigInt(`0x${toText(point.subarray(from, from + octets), 'hex')}`);
  const [x, y] = [coordinate(1), coordinate(1 + octets)];
  return x < p && y < p && (y * y - (x * x - 3n) * x - b) % p === 0n;
}

/** The usual name of the key: "RSA 3072", "RSA-PSS 3072", "EC P-256". */
export function describeKey(key: PublicKey): string {
  switch (key.kind) {
    case 'rsa':
      return `${key.pssOnly ? 'RSA-PSS' : 'RSA'} ${key.bits}`;
    case 'ec':
      return `EC ${key.curve}`;
    case 'unsupported':
      return key.algorithm;
  }
}

/** The minimum for keys: RSA of 2048 bits or more, or EC on P-256, P-384 or P-521. */
export function isStrongKey(key: PublicKey): boolean {
  return key.kind === 'ec' || (key.kind === 'rsa' && key.bits >= 2048);
}
