import { createHmac, hash, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { decode, der, oids, tags, type DerReader } from '../asn1/index.ts';
import { refuse, type Refused, type Result, ok } from '../faults/index.ts';
import { readHash, writeHash, type Hash } from '../pki/index.ts';

/** A digest of a MAC. SHA-1 is below the floor, and is taken only where a user has allowed it. */
type MacHash = Hash | 'sha1';

/** PBMParameter (RFC 4211 section 4.4): `owf` is applied to secret and salt, `iterations` times. */
export interface PasswordBasedMac {
  readonly kind: 'pbm';
  readonly salt: Uint8Array;
  readonly owf: Hash;
  readonly iterations: number;
  readonly mac: MacHash;
}

/** PBMAC1-params (RFC 8018 section 7.1, RFC 9481 section 6.1.2). */
export interface Pbmac1 {
  readonly kind: 'pbmac1';
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** In bytes. */
  readonly keyLength: number;
  readonly prf: Hash;
  readonly mac: Hash;
}

/** The algorithm and parameters of a MAC by a shared secret. */
export type Mac = PasswordBasedMac | Pbmac1;

/**
 * The bounds of what a peer can ask for. They hold before anything is computed: a count without an end stops the other
 * side for hours.
 */
const macBounds = {
  'cmp-pbm-iterations': { least: 100, most: 100_000 },
  'cmp-pbkdf2-iterations': { least: 100, most: 1_000_000 },
  'cmp-salt': { least: 8, most: 64 },
  'cmp-key-length': { least: 16, most: 64 },
} as const;

type Bound = keyof typeof macBounds;

/** Why a protection algorithm is not used: it is unknown, weak, or its parameters are out of bounds. */
export type AlgorithmFaultCode = 'cmp-algorithm' | 'cmp-malformed';

/** Whether DER of an AlgorithmIdentifier names a MAC with a shared secret. */
export function isMac(algorithm: Uint8Array): boolean {
  const oid = oidIn(algorithm);
  return oid === oids.passwordBasedMac || oid === oids.pbmac1;
}

/** Reads a MAC's AlgorithmIdentifier and judges its parameters. Computes nothing. */
export function readMac(
  algorithm: Uint8Array,
  { allowHmacSha1 = false } = {},
): Result<Mac, AlgorithmFaultCode> {
  const parsed = decode(algorithm, (reader) =>
    reader.sequence((inner) => {
      const oid = inner.oid();
      return oid === oids.pbmac1 ? inner.sequence(readPbmac1) : inner.sequence(readPbm);
    }),
  );
  if (!parsed.ok) return refuse('cmp-malformed', { because: parsed.fault });
  const mac = parsed.value;
  const iterations = mac.kind === 'pbm' ? 'cmp-pbm-iterations' : 'cmp-pbkdf2-iterations';
  if (!isWithin(iterations, mac.iterations)) return outOfBounds(iterations, mac.iterations);
  if (!isWithin('cmp-salt', mac.salt.length)) return outOfBounds('cmp-salt', mac.salt.length);
  if (mac.kind === 'pbmac1') {
    if (!isWithin('cmp-key-length', mac.keyLength)) return outOfBounds('cmp-key-length', mac.keyLength);
    return mac.prf && mac.mac ? ok({ ...mac, prf: mac.prf, mac: mac.mac }) : weak(mac.found);
  }
  if (mac.mac === 'sha1' && !allowHmacSha1) return refuse('cmp-algorithm', { rule: 'cmp-mac-sha1' });
  return mac.owf && mac.mac ? ok({ ...mac, owf: mac.owf, mac: mac.mac }) : weak(mac.found);
}

function isWithin(bound: Bound, value: number): boolean {
  const { least, most } = macBounds[bound];
  return value >= least && value <= most;
}

function outOfBounds(rule: Bound, value: number): Refused<'cmp-algorithm'> {
  return refuse('cmp-algorithm', { rule, found: String(value) });
}

function weak(found: string): Refused<'cmp-algorithm'> {
  return refuse('cmp-algorithm', { rule: 'cmp-mac', found });
}

/** The parameters as they are written: an unknown or weak digest is undefined, and `found` names it. */
type Raw<Kind extends Mac> = Kind extends Mac
  ? {
      readonly [Key in keyof Kind]: Key extends 'owf' | 'mac' | 'prf' ? Kind[Key] | undefined : Kind[Key];
    } & {
      readonly found: string;
    }
  : never;

function readPbm(reader: DerReader): Raw<PasswordBasedMac> {
  const salt = reader.octetString();
  const owfDer = reader.ahead();
  const owf = readHash(reader);
  const iterations = reader.smallInteger();
  const macDer = reader.ahead();
  const mac = readHmac(reader);
  const found = oidIn(owf ? macDer : owfDer);
  return { kind: 'pbm', salt, owf, iterations, mac, found };
}

function readPbmac1(reader: DerReader): Raw<Pbmac1> {
  const kdf = reader.sequence((inner) => {
    // Bouncy Castle, and EJBCA with it, names PBES2 before the parameters of PBKDF2. They can be nothing else.
    const kdf = inner.oid();
    if (kdf !== oids.pbkdf2 && kdf !== oids.pbes2) inner.fail('cmp-mac');
    return inner.sequence((parameters) => {
      const salt = parameters.octetString();
      const iterations = parameters.smallInteger();
      // RFC 9481 section 6.1.2 requires the length of the key, and RFC 8018 makes SHA-1 the default of the PRF.
      const keyLength = parameters.smallInteger();
      const prf = parameters.optional(tags.sequence, () => readHmac(parameters));
      return { salt, iterations, keyLength, prf: prf === 'sha1' ? undefined : prf };
    });
  });
  const macDer = reader.ahead();
  const mac = readHmac(reader);
  return { kind: 'pbmac1', ...kdf, mac: mac === 'sha1' ? undefined : mac, found: oidIn(macDer) };
}

/** The OID of an AlgorithmIdentifier; empty if it is not one. */
function oidIn(algorithm: Uint8Array): string {
  const oid = decode(algorithm, (reader) =>
    reader.sequence((inner) => {
      const found = inner.oid();
      inner.rest((one) => one.element());
      return found;
    }),
  );
  return oid.ok ? oid.value : '';
}

const hmacs: Readonly<Record<string, MacHash>> = {
  [oids.hmacWithSha256]: 'sha256',
  [oids.hmacWithSha384]: 'sha384',
  [oids.hmacWithSha512]: 'sha512',
  [oids.hmacWithSha1]: 'sha1',
  [oids.hmacSha1]: 'sha1',
};
const hmacOids = { sha256: oids.hmacWithSha256, sha384: oids.hmacWithSha384, sha512: oids.hmacWithSha512 };

/** An HMAC's AlgorithmIdentifier, with NULL parameters or none (RFC 9481 section 6.2.1). */
function readHmac(reader: DerReader): MacHash | undefined {
  return reader.sequence((inner) => {
    const oid = inner.oid();
    inner.optional(tags.null, () => inner.null());
    return hmacs[oid];
  });
}

function writeHmac(mac: Hash): Uint8Array {
  return der.sequence(der.oid(hmacOids[mac]));
}

/** A salt for the MAC of one message. */
export function freshSalt(): Uint8Array {
  return randomBytes(16);
}

/** DER of the AlgorithmIdentifier of a MAC that Siteseal makes. */
export function writeMac(mac: Mac): Uint8Array {
  if (mac.mac === 'sha1') throw new Error('HMAC-SHA1 is never written');
  if (mac.kind === 'pbm') {
    return der.sequence(
      der.oid(oids.passwordBasedMac),
      der.sequence(
        der.octetString(mac.salt),
        writeHash(mac.owf),
        der.integer(mac.iterations),
        writeHmac(mac.mac),
      ),
    );
  }
  const kdf = der.sequence(
    der.octetString(mac.salt),
    der.integer(mac.iterations),
    der.integer(mac.keyLength),
    writeHmac(mac.prf),
  );
  return der.sequence(
    der.oid(oids.pbmac1),
    der.sequence(der.sequence(der.oid(oids.pbkdf2), kdf), writeHmac(mac.mac)),
  );
}

/** The MAC of some data under a secret. */
export function computeMac(mac: Mac, secret: Uint8Array, data: Uint8Array): Uint8Array {
  const [key] = keysOf(mac, secret);
  return macWith(mac, key, data);
}

/** Whether the MAC verifies. */
export function verifyMac(mac: Mac, secret: Uint8Array, data: Uint8Array, value: Uint8Array): boolean {
  return keysOf(mac, secret).some((key) => {
    const computed = macWith(mac, key, data);
    return computed.length === value.length && timingSafeEqual(computed, value);
  });
}

/** Computes with a key once, and wipes it. */
function macWith(mac: Mac, key: Uint8Array, data: Uint8Array): Uint8Array {
  try {
    return createHmac(mac.mac, key).update(data).digest();
  } finally {
    key.fill(0);
  }
}

const octetsOf: Readonly<Record<MacHash, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

/**
 * The keys that a secret gives, the right one first. Where the digests of a PBM differ in length, RFC 4211 section 4.4
 * expands or cuts the key to the length of the MAC's digest, and other implementations take it as it is.
 */
function keysOf(mac: Mac, secret: Uint8Array): readonly [Uint8Array, ...Uint8Array[]] {
  if (mac.kind === 'pbmac1') return [pbkdf2Sync(secret, mac.salt, mac.iterations, mac.keyLength, mac.prf)];
  const base = baseKey(mac, secret);
  const length = octetsOf[mac.mac];
  if (length === base.length) return [base];
  const parts: Uint8Array[] = [base];
  for (let index = 1; parts.length * base.length < length; index++)
    parts.push(hash(mac.owf, Buffer.concat([Buffer.from(String(index)), base]), 'buffer'));
  const expanded = Buffer.concat(parts).subarray(0, length);
  return [Buffer.from(expanded), base];
}

/** Applies the digest to secret and salt, and then to its own results. */
function baseKey({ owf, salt, iterations }: PasswordBasedMac, secret: Uint8Array): Uint8Array {
  const salted = Buffer.concat([secret, salt]);
  let key = hash(owf, salted, 'buffer');
  salted.fill(0);
  for (let round = 1; round < iterations; round++) {
    const next = hash(owf, key, 'buffer');
    key.fill(0);
    key = next;
  }
  return key;
}
