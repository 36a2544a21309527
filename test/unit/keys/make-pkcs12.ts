/** PKCS#12 files (RFC 7292) for tests, any part of which can be something else. */
import { createCipheriv, createHash, createHmac, pbkdf2Sync, type KeyObject } from 'node:crypto';
import { der, oids } from '../../../main/asn1/index.ts';
import type { Certificate } from '../../../main/pki/index.ts';

const salt = Buffer.from('0123456789abcdef', 'hex');

/** The key derivation of appendix B.2, with large numbers as the text describes it; `id` is 1, 2 or 3 for a MAC. */
function deriveKey(hash: string, id: number, passphrase: string, iterations: number, length: number): Buffer {
  return derive(hash, id, passphrase, iterations, length).output;
}

/** The same, with what is left of the passphrase, salted and counted on, when the last byte is made. */
export function derive(hash: string, id: number, passphrase: string, iterations: number, length: number) {
  const block = hash === 'sha384' || hash === 'sha512' ? 128 : 64;
  const repeat = (part: Buffer) => Buffer.alloc(Math.ceil(part.length / block) * block, part);
  const modulus = 1n << BigInt(8 * block);
  const toNumber = (octets: Uint8Array) => BigInt(`0x${Buffer.from(octets).toString('hex')}`);
  const toOctets = (number: bigint) => Buffer.from(number.toString(16).padStart(2 * block, '0'), 'hex');
  let input = Buffer.concat([repeat(salt), repeat(Buffer.from(`${passphrase}\0`, 'utf16le').swap16())]);
  let output = Buffer.alloc(0);
  while (output.length < length) {
    let digest = Buffer.concat([Buffer.alloc(block, id), input]);
    for (let i = 0; i < iterations; i++) digest = createHash(hash).update(digest).digest();
    output = Buffer.concat([output, digest]);
    const addend = toNumber(Buffer.alloc(block, digest)) + 1n;
    const blocks = Array.from({ length: input.length / block }, (_, index) =>
      toOctets((toNumber(input.subarray(index * block, (index + 1) * block)) + addend) % modulus),
    );
    input = Buffer.concat(blocks);
  }
  return { output: output.subarray(0, length), input };
}

export interface Mac {
  readonly hash?: 'sha1' | 'sha256' | 'sha384' | 'sha512';
  /** In the place of the digest's OID. */
  readonly algorithm?: string;
  readonly iterations?: number;
  /** The count that the file claims, if it must differ. */
  readonly claimedIterations?: number;
  readonly digest?: (digest: Buffer) => Uint8Array;
}

/** A file with these ContentInfos, as `data` and `encryptedData` make them. */
export function makePkcs12(
  passphrase: string,
  contents: readonly Uint8Array[],
  { mac = {}, version = 3 }: { readonly mac?: Mac | null; readonly version?: number } = {},
): Uint8Array {
  const authSafe = der.sequence(...contents);
  return der.sequence(
    der.integer(version),
    data(authSafe),
    ...(mac ? [macData(passphrase, authSafe, mac)] : []),
  );
}

const macOids = { sha1: oids.sha1, sha256: oids.sha256, sha384: oids.sha384, sha512: oids.sha512 };

function macData(passphrase: string, authSafe: Uint8Array, mac: Mac): Uint8Array {
  const {
    hash = 'sha256',
    algorithm = macOids[hash],
    iterations = 1,
    digest = (bytes: Buffer) => bytes,
  } = mac;
  const value = createHmac(hash, deriveKey(hash, 3, passphrase, iterations, createHash(hash).digest().length))
    .update(authSafe)
    .digest();
  const digestInfo = der.sequence(der.sequence(der.oid(algorithm), der.null), der.octetString(digest(value)));
  const claimed = mac.claimedIterations ?? iterations;
  return der.sequence(digestInfo, der.octetString(salt), ...(claimed === 1 ? [] : [der.integer(claimed)]));
}

/** A ContentInfo of these bytes, unencrypted. */
export function data(content: Uint8Array, type: string = oids.data): Uint8Array {
  return der.sequence(der.oid(type), der.explicit(0, der.octetString(content)));
}

export interface Encryption {
  readonly cipher?: 'aes-128-cbc' | 'aes-192-cbc' | 'aes-256-cbc';
  /** In the place of the cipher's OID. */
  readonly cipherOid?: string;
  /** Absent from the file when null: then it is SHA-1. */
  readonly prf?: 'sha1' | 'sha256' | 'sha384' | 'sha512' | null;
  readonly iterations?: number;
  readonly claimedIterations?: number;
  readonly iv?: Uint8Array;
  readonly ciphertext?: (ciphertext: Buffer) => Uint8Array;
  /** In the place of PBES2. */
  readonly scheme?: string;
}

const ciphers = {
  'aes-128-cbc': { oid: oids.aes128Cbc, octets: 16 },
  'aes-192-cbc': { oid: oids.aes192Cbc, octets: 24 },
  'aes-256-cbc': { oid: oids.aes256Cbc, octets: 32 },
};
const prfs = {
  sha1: oids.hmacWithSha1,
  sha256: oids.hmacWithSha256,
  sha384: oids.hmacWithSha384,
  sha512: oids.hmacWithSha512,
};

/** A ContentInfo of these bytes, encrypted with PBES2 (RFC 8018 section 6.2). */
export function encryptedData(
  passphrase: string,
  content: Uint8Array,
  encryption: Encryption = {},
): Uint8Array {
  const { cipher = 'aes-256-cbc', prf = 'sha256', iterations = 10, scheme = oids.pbes2 } = encryption;
  const { ciphertext = (bytes: Buffer) => bytes, claimedIterations = iterations } = encryption;
  const iv = Buffer.alloc(16, 7);
  const key = pbkdf2Sync(passphrase, salt, iterations, ciphers[cipher].octets, prf ?? 'sha1');
  const encrypt = createCipheriv(cipher, key, iv);
  const encrypted = Buffer.concat([encrypt.update(content), encrypt.final()]);
  const kdf = der.sequence(
    der.octetString(salt),
    der.integer(claimedIterations),
    ...(prf ? [der.sequence(der.oid(prfs[prf]), der.null)] : []),
  );
  const algorithm = der.sequence(
    der.oid(scheme),
    der.sequence(
      der.sequence(der.oid(oids.pbkdf2), kdf),
      der.sequence(
        der.oid(encryption.cipherOid ?? ciphers[cipher].oid),
        der.octetString(encryption.iv ?? iv),
      ),
    ),
  );
  return encryptedInfo(algorithm, ciphertext(encrypted));
}

/** A ContentInfo of these bytes, encrypted with pbeWithSHAAnd3-KeyTripleDES-CBC (RFC 7292 appendix C). */
export function tripleDesData(passphrase: string, content: Uint8Array, iterations = 3): Uint8Array {
  const [key, iv] = [
    deriveKey('sha1', 1, passphrase, iterations, 24),
    deriveKey('sha1', 2, passphrase, iterations, 8),
  ];
  const encrypt = createCipheriv('des-ede3-cbc', key, iv);
  const parameters = der.sequence(der.octetString(salt), der.integer(iterations));
  return encryptedInfo(
    der.sequence(der.oid(oids.pbeWithSha1And3KeyTripleDesCbc), parameters),
    Buffer.concat([encrypt.update(content), encrypt.final()]),
  );
}

function encryptedInfo(algorithm: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const info = der.sequence(der.oid(oids.data), algorithm, der.implicit(0, der.octetString(ciphertext)));
  return der.sequence(der.oid(oids.encryptedData), der.explicit(0, der.sequence(der.integer(0), info)));
}

/** SafeContents of these bags. */
export function safe(...bags: readonly Uint8Array[]): Uint8Array {
  return der.sequence(...bags);
}

export function bag(type: string, value: Uint8Array): Uint8Array {
  const name = der.sequence(der.oid(oids.localKeyId), der.setOf([der.octetString(Uint8Array.of(1))]));
  return der.sequence(der.oid(type), der.explicit(0, value), der.setOf([name]));
}

export function certBag(
  { der: bytes }: Pick<Certificate, 'der'>,
  type: string = oids.x509Certificate,
): Uint8Array {
  return bag(oids.certBag, der.sequence(der.oid(type), der.explicit(0, der.octetString(bytes))));
}

export function keyBag(key: KeyObject): Uint8Array {
  return bag(oids.keyBag, key.export({ format: 'der', type: 'pkcs8' }));
}

export function shroudedKeyBag(key: KeyObject, passphrase: string): Uint8Array {
  const encrypted = key.export({ format: 'der', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase });
  return bag(oids.pkcs8ShroudedKeyBag, encrypted);
}
