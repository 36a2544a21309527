import { decode, oids, tags, type DerReader } from '../asn1/index.ts';
import type { Pkcs12Hash } from './pkcs12-kdf.ts';

/** The cipher that an encryption scheme uses. */
export interface Cipher {
  /** The name in node:crypto. Siteseal decrypts RC2 with its own code. */
  readonly name: 'aes-128-cbc' | 'aes-192-cbc' | 'aes-256-cbc' | 'des-ede3-cbc' | 'rc2';
  readonly keyOctets: number;
  readonly ivOctets: number;
}

/** How a passphrase becomes a key. PKCS#12 derives the IV too. */
export type Derivation =
  | { readonly kind: 'pkcs12'; readonly salt: Uint8Array; readonly iterations: number }
  | {
      readonly kind: 'pbkdf2';
      readonly salt: Uint8Array;
      readonly iterations: number;
      readonly hash: string;
    }
  | {
      readonly kind: 'scrypt';
      readonly salt: Uint8Array;
      readonly cost: number;
      readonly blockSize: number;
      readonly parallelization: number;
    };

/** Passphrase-based encryption, as a file specifies it. */
export type Encryption =
  | {
      readonly kind: 'supported';
      /** The usual name. */
      readonly name: string;
      readonly cipher: Cipher;
      readonly derivation: Derivation;
      /** Empty if the derivation yields the IV. */
      readonly iv: Uint8Array;
    }
  | { readonly kind: 'unsupported'; readonly name: string };

/** Limits the work of a single key derivation to some seconds. */
const maximumIterations = 2_000_000;
/** Limits all derivations of a file together. */
const maximumWork = 8_000_000;
/** The same limits for scrypt (RFC 7914): on the product of its three parameters, and on its 128-byte blocks. */
const maximumScryptCost = 2 ** 25;
const maximumScryptBlocks = 2 ** 21;
/** About how much of that product takes as long as one iteration of the other derivations. */
const scryptPerIteration = maximumScryptCost / maximumIterations;

/** The work that key derivations of one file may still take, in iterations. */
export class WorkBudget {
  #left = maximumWork;

  /** A number of iterations, from 1. Fails with `kdf-iterations` if there are too many. */
  readIterations(reader: DerReader): number {
    const { offset } = reader;
    const iterations = reader.smallInteger();
    const isBorne = iterations >= 1 && iterations <= maximumIterations && this.spend(iterations);
    return isBorne ? iterations : reader.fail('kdf-iterations', offset);
  }

  /** Takes this many iterations. False if not enough are left. */
  spend(iterations: number): boolean {
    this.#left -= iterations;
    return this.#left >= 0;
  }
}

const rc2 = (keyOctets: number): Cipher => ({ name: 'rc2', keyOctets, ivOctets: 8 });
const tripleDes: Cipher = { name: 'des-ede3-cbc', keyOctets: 24, ivOctets: 8 };
const aes = (bits: 128 | 192 | 256): Cipher => ({
  name: `aes-${bits}-cbc`,
  keyOctets: bits / 8,
  ivOctets: 16,
});

/** The ciphers of PBES2 (RFC 8018 appendix B.2). */
const ciphers: Readonly<Record<string, Cipher>> = {
  [oids.aes128Cbc]: aes(128),
  [oids.aes192Cbc]: aes(192),
  [oids.aes256Cbc]: aes(256),
  [oids.desEde3Cbc]: tripleDes,
};

/** The schemes of PKCS#12 (RFC 7292 appendix C). */
const pkcs12Schemes: Readonly<Record<string, Cipher>> = {
  [oids.pbeWithSha1And3KeyTripleDesCbc]: tripleDes,
  [oids.pbeWithSha1And128BitRc2Cbc]: rc2(16),
  [oids.pbeWithSha1And40BitRc2Cbc]: rc2(5),
};

const prfs: Readonly<Record<string, string>> = {
  [oids.hmacWithSha1]: 'sha1',
  [oids.hmacWithSha224]: 'sha224',
  [oids.hmacWithSha256]: 'sha256',
  [oids.hmacWithSha384]: 'sha384',
  [oids.hmacWithSha512]: 'sha512',
};

/** The digests of a PKCS#12 file's MAC. */
export const macHashes: Readonly<Record<string, Pkcs12Hash>> = {
  [oids.sha1]: 'sha1',
  [oids.sha256]: 'sha256',
  [oids.sha384]: 'sha384',
  [oids.sha512]: 'sha512',
};

/** The usual names of known algorithms, most of which are unsupported. */
const names: Readonly<Record<string, string>> = {
  [oids.pbeWithSha1And3KeyTripleDesCbc]: 'SHA-1 and triple DES',
  [oids.pbeWithSha1And128BitRc2Cbc]: 'SHA-1 and RC2 with 128 bits',
  [oids.pbeWithSha1And40BitRc2Cbc]: 'SHA-1 and RC2 with 40 bits',
  '1.2.840.113549.1.12.1.1': 'SHA-1 and RC4 with 128 bits',
  '1.2.840.113549.1.12.1.2': 'SHA-1 and RC4 with 40 bits',
  '1.2.840.113549.1.12.1.4': 'SHA-1 and triple DES with two keys',
  '1.2.840.113549.1.5.1': 'MD2 and DES',
  '1.2.840.113549.1.5.3': 'MD5 and DES',
  '1.2.840.113549.1.5.4': 'MD2 and RC2',
  '1.2.840.113549.1.5.6': 'MD5 and RC2',
  '1.2.840.113549.1.5.10': 'SHA-1 and DES',
  '1.2.840.113549.1.5.11': 'SHA-1 and RC2',
  '1.2.840.113549.1.5.14': 'PBMAC1',
  '1.3.14.3.2.7': 'DES',
  '1.2.840.113549.3.2': 'RC2',
  '1.2.840.113549.2.5': 'MD5',
  '2.16.840.1.101.3.4.2.4': 'SHA-224',
  '2.16.840.1.101.3.4.2.5': 'SHA-512/224',
  '2.16.840.1.101.3.4.2.6': 'SHA-512/256',
  [oids.aes128Gcm]: 'AES-128-GCM',
  [oids.aes192Gcm]: 'AES-192-GCM',
  [oids.aes256Gcm]: 'AES-256-GCM',
};

/** The usual name of an algorithm, or its OID. */
export function algorithmName(oid: string): string {
  return names[oid] ?? oid;
}

/**
 * Reads the AlgorithmIdentifier of passphrase-based encryption: PBES2 with PBKDF2 or scrypt (RFC 8018, RFC 7914) and
 * AES or triple DES, or a PKCS#12 scheme with triple DES or RC2. Others are returned as unsupported, with their name.
 * Fails with `kdf-iterations` if it requires too much work.
 */
export function readEncryption(reader: DerReader, budget: WorkBudget): Encryption {
  return reader.sequence((identifier) => {
    const scheme = identifier.oid();
    if (scheme === oids.pbes2) return identifier.sequence((parameters) => readPbes2(parameters, budget));
    const cipher = pkcs12Schemes[scheme];
    if (!cipher) return unsupported(identifier, algorithmName(scheme));
    return identifier.sequence((parameters) => {
      const salt = parameters.octetString();
      const iterations = budget.readIterations(parameters);
      return {
        kind: 'supported',
        name: algorithmName(scheme),
        cipher,
        derivation: { kind: 'pkcs12', salt, iterations },
        iv: new Uint8Array(),
      };
    });
  });
}

/** An unsupported algorithm, whose parameters are skipped. */
function unsupported(
  reader: DerReader,
  name: string,
): { readonly kind: 'unsupported'; readonly name: string } {
  reader.rest((parameters) => parameters.element());
  return { kind: 'unsupported', name };
}

function readPbes2(reader: DerReader, budget: WorkBudget): Encryption {
  const derivation = reader.sequence((identifier) => readDerivation(identifier, budget));
  return reader.sequence((identifier) => {
    const oid = identifier.oid();
    const cipher = ciphers[oid];
    if (derivation.kind === 'unsupported') return unsupported(identifier, derivation.name);
    if (!cipher) return unsupported(identifier, `PBES2 with ${algorithmName(oid)}`);
    const iv = identifier.octetString();
    if (iv.length !== cipher.ivOctets) identifier.fail('der-length');
    return { kind: 'supported', name: 'PBES2', cipher, derivation, iv };
  });
}

function readDerivation(
  reader: DerReader,
  budget: WorkBudget,
): Derivation | { readonly kind: 'unsupported'; readonly name: string } {
  const oid = reader.oid();
  if (oid === oids.scrypt) return reader.sequence((inner) => readScrypt(inner, budget));
  if (oid !== oids.pbkdf2) return unsupported(reader, `PBES2 with ${algorithmName(oid)}`);
  return reader.sequence((inner) => {
    const salt = inner.octetString();
    const iterations = budget.readIterations(inner);
    inner.optional(tags.integer, () => inner.smallInteger()); // The key's length, which the cipher determines anyway.
    const prf =
      inner.optional(tags.sequence, () =>
        inner.sequence((identifier) => {
          const name = identifier.oid();
          identifier.optional(tags.null, () => identifier.null());
          return name;
        }),
      ) ?? oids.hmacWithSha1;
    const hash = prfs[prf];
    return hash === undefined
      ? { kind: 'unsupported', name: `PBKDF2 with ${algorithmName(prf)}` }
      : { kind: 'pbkdf2', salt, iterations, hash };
  });
}

function readScrypt(reader: DerReader, budget: WorkBudget): Derivation {
  const { offset } = reader;
  const salt = reader.octetString();
  const [cost, blockSize, parallelization] = [
    reader.smallInteger(),
    reader.smallInteger(),
    reader.smallInteger(),
  ];
  const work = cost * blockSize * parallelization;
  const isBorne =
    work <= maximumScryptCost &&
    blockSize * (cost + parallelization) <= maximumScryptBlocks &&
    budget.spend(work / scryptPerIteration);
  const isScrypt =
    cost > 1 &&
    Number.isInteger(Math.log2(cost)) &&
    cost < 2 ** (16 * blockSize) &&
    blockSize > 0 &&
    parallelization > 0;
  if (!isBorne || !isScrypt) reader.fail('kdf-iterations', offset);
  reader.optional(tags.integer, () => reader.smallInteger()); // The key's length.
  return { kind: 'scrypt', salt, cost, blockSize, parallelization };
}

/** Encrypted bytes, and how a passphrase decrypts them. */
export interface Encrypted {
  readonly encryption: Encryption;
  readonly ciphertext: Uint8Array;
}

/** Reads an EncryptedPrivateKeyInfo (RFC 5958 section 3). */
export function readEncryptedKey(bytes: Uint8Array, budget: WorkBudget) {
  return decode(bytes, (reader) =>
    reader.sequence((inner): Encrypted => ({
      encryption: readEncryption(inner, budget),
      ciphertext: inner.octetString(),
    })),
  );
}

/** Whether this encryption is supported and strong enough for a key. RC2 never is, at any length. */
export function isFitForKeys(
  encryption: Encryption,
): encryption is Extract<Encryption, { kind: 'supported' }> {
  return encryption.kind === 'supported' && encryption.cipher.name !== 'rc2';
}
