import { transcode } from 'node:buffer';
import {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  pbkdf2Sync,
  timingSafeEqual,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { decode, oids, tags, type DerReader } from '../asn1/index.ts';
import { ok, refuse, refused, type Result } from '../faults/index.ts';
import { parseCertificate, runtimeLack, type Certificate } from '../pki/index.ts';
import { checkEncryption, readIterations } from './password-based.ts';

/** What a PKCS#12 file of one key holds. */
export interface Pkcs12 {
  readonly key: KeyObject;
  readonly certificates: readonly Certificate[];
}

/** Why a PKCS#12 file cannot be used. */
export type Pkcs12FaultCode =
  'pkcs12-unreadable' | 'passphrase-wrong' | 'key-not-encrypted' | 'runtime-lacks-algorithm';

/**
 * Reads a PKCS#12 file (RFC 7292) in password integrity mode: DER, one private key, any number of certificates;
 * contents protected with PBES2 (AES-CBC), or with the older SHA-1 and triple DES. Refuses with `passphrase-wrong`
 * when the MAC does not hold, and with `key-not-encrypted` when the key lies in the file unencrypted. The passphrase is
 * UTF-8; the caller wipes it.
 */
export function readPkcs12(file: Uint8Array, passphrase: Uint8Array): Result<Pkcs12, Pkcs12FaultCode> {
  const pfx = decode(file, (reader) =>
    reader.sequence((inner) => {
      if (inner.smallInteger() !== 3) inner.fail('pkcs12-version');
      const authSafe = readDataContent(inner);
      if (inner.done) inner.fail('pkcs12-integrity'); // no MAC
      return { authSafe, mac: inner.sequence(readMacData) };
    }),
  );
  if (!pfx.ok) return refuse('pkcs12-unreadable', { because: pfx.fault });
  const { authSafe, mac } = pfx.value;
  const bmpPassphrase = toBmpString(passphrase);
  const bags: Bag[] = [];
  try {
    const macKey = pkcs12Kdf(mac.hash, bmpPassphrase, mac.salt, mac.iterations, 3, mac.digest.length);
    const digest = createHmac(mac.hash, macKey).update(authSafe).digest();
    macKey.fill(0);
    if (!timingSafeEqual(digest, Buffer.from(mac.digest))) return refuse('passphrase-wrong');
    const contents = decode(authSafe, (reader) =>
      reader.sequenceOf((item) => bags.push(...readContentInfo(item, passphrase, bmpPassphrase))),
    );
    if (!contents.ok) return refuse('pkcs12-unreadable', { because: contents.fault });
    return fromBags(bags, passphrase);
  } finally {
    bmpPassphrase.fill(0);
    for (const { isEncrypted, value } of bags) if (isEncrypted) value.fill(0); // it was, and lies here decrypted
  }
}

interface Bag {
  readonly type: string;
  readonly value: Uint8Array;
  /** Whether it lay in EncryptedData. */
  readonly isEncrypted: boolean;
}

function fromBags(bags: readonly Bag[], passphrase: Uint8Array): Result<Pkcs12, Pkcs12FaultCode> {
  const keys = bags.filter(({ type }) => type === oids.keyBag || type === oids.pkcs8ShroudedKeyBag);
  const [only] = keys;
  if (!only || keys.length > 1) return refuse('pkcs12-unreadable', { rule: 'pkcs12-one-key' });
  if (only.type === oids.keyBag && !only.isEncrypted) return refuse('key-not-encrypted');
  const certificates: Certificate[] = [];
  for (const { type, value } of bags) {
    if (type !== oids.certBag) continue;
    const bytes = decode(value, (reader) =>
      reader.sequence((inner) => {
        if (inner.oid() !== oids.x509Certificate) inner.fail('der-tag');
        return inner.explicit(0, (wrapped) => wrapped.octetString());
      }),
    );
    const certificate = bytes.ok ? parseCertificate(bytes.value) : bytes;
    if (!certificate.ok) return refuse('pkcs12-unreadable', { because: certificate.fault });
    certificates.push(certificate.value);
  }
  const isShrouded = only.type === oids.pkcs8ShroudedKeyBag;
  if (isShrouded) {
    const fit = decode(only.value, (reader) =>
      reader.sequence((inner) => {
        checkEncryption(inner);
        inner.octetString();
      }),
    );
    if (!fit.ok) return refuse('pkcs12-unreadable', { rule: 'pkcs12-key', because: fit.fault });
  }
  const der = Buffer.from(only.value);
  const secret = isShrouded ? { passphrase: Buffer.from(passphrase) } : {};
  try {
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8', ...secret });
    return ok({ key, certificates });
  } catch (error) {
    const lack = runtimeLack(error);
    if (lack) return refused(lack);
    return refuse('pkcs12-unreadable', { rule: 'pkcs12-key' });
  } finally {
    der.fill(0);
    secret.passphrase?.fill(0);
  }
}

function readDataContent(reader: DerReader): Uint8Array {
  return reader.sequence((inner) => {
    if (inner.oid() !== oids.data) inner.fail('pkcs12-integrity');
    return inner.explicit(0, (content) => content.octetString());
  });
}

const macHashes: Readonly<Record<string, string>> = {
  [oids.sha1]: 'sha1',
  [oids.sha256]: 'sha256',
  [oids.sha384]: 'sha384',
  [oids.sha512]: 'sha512',
};

function readMacData(reader: DerReader) {
  const { hash, digest } = reader.sequence((inner) => ({
    hash: inner.sequence((identifier) => {
      const hash = macHashes[identifier.oid()] ?? identifier.fail('pkcs12-algorithm');
      identifier.optional(tags.null, () => identifier.null());
      return hash;
    }),
    digest: inner.octetString(),
  }));
  if (digest.length !== createHash(hash).digest().length) reader.fail('pkcs12-integrity');
  const salt = reader.octetString();
  const iterations = reader.optional(tags.integer, () => readIterations(reader)) ?? 1;
  return { hash, digest, salt, iterations };
}

/** The bags of one ContentInfo of the AuthenticatedSafe: in the clear, or in EncryptedData (RFC 5652 section 8). */
function readContentInfo(
  reader: DerReader,
  passphrase: Uint8Array,
  bmpPassphrase: Uint8Array,
): readonly Bag[] {
  return reader.sequence((inner) => {
    const type = inner.oid();
    return inner.explicit(0, (content) => {
      if (type === oids.data) return readBags(content.octetString(), false, inner);
      if (type !== oids.encryptedData) return inner.fail('pkcs12-algorithm');
      const clear = content.sequence((encrypted) => {
        encrypted.smallInteger();
        return encrypted.sequence((info) => {
          if (info.oid() !== oids.data) info.fail('der-tag');
          const decipher = readPbe(info, passphrase, bmpPassphrase);
          const ciphertext = info.octetString(0x80);
          try {
            return concatAndWipe([decipher.update(ciphertext), decipher.final()]);
          } catch {
            return info.fail('pkcs12-decryption');
          }
        });
      });
      try {
        return readBags(clear, true, inner);
      } catch (error) {
        clear.fill(0); // else the bags are views of it, and wiped at the end
        throw error;
      }
    });
  });
}

/** One buffer of several parts that hold secrets. */
function concatAndWipe(parts: readonly Buffer[]): Buffer {
  const whole = Buffer.concat(parts);
  for (const part of parts) part.fill(0);
  return whole;
}

function readBags(safeContents: Uint8Array, isEncrypted: boolean, outer: DerReader): readonly Bag[] {
  const bags = decode(safeContents, (reader) =>
    reader.sequenceOf((item) =>
      item.sequence((bag) => {
        const type = bag.oid();
        const value = bag.explicit(0, (wrapped) => wrapped.element().bytes);
        bag.optional(tags.set, () => bag.element());
        return { type, value, isEncrypted };
      }),
    ),
  );
  if (!bags.ok) return outer.fail(bags.fault.rule ?? 'der-tag');
  return bags.value;
}

const ciphers: Readonly<Record<string, { readonly name: string; readonly keyOctets: number }>> = {
  [oids.aes128Cbc]: { name: 'aes-128-cbc', keyOctets: 16 },
  [oids.aes192Cbc]: { name: 'aes-192-cbc', keyOctets: 24 },
  [oids.aes256Cbc]: { name: 'aes-256-cbc', keyOctets: 32 },
};
const prfs: Readonly<Record<string, string>> = {
  [oids.hmacWithSha1]: 'sha1',
  [oids.hmacWithSha256]: 'sha256',
  [oids.hmacWithSha384]: 'sha384',
  [oids.hmacWithSha512]: 'sha512',
};

/** The decipher of an encryption scheme: PBES2 (RFC 8018 section 6.2), or pbeWithSHAAnd3-KeyTripleDES-CBC. */
function readPbe(reader: DerReader, passphrase: Uint8Array, bmpPassphrase: Uint8Array) {
  return reader.sequence((identifier) => {
    const scheme = identifier.oid();
    if (scheme === oids.pbeWithSha1And3KeyTripleDesCbc) {
      return identifier.sequence((parameters) => {
        const salt = parameters.octetString();
        const iterations = readIterations(parameters);
        const key = pkcs12Kdf('sha1', bmpPassphrase, salt, iterations, 1, 24);
        const iv = pkcs12Kdf('sha1', bmpPassphrase, salt, iterations, 2, 8);
        return decipherWith('des-ede3-cbc', key, iv);
      });
    }
    if (scheme !== oids.pbes2) return identifier.fail('pkcs12-algorithm');
    return identifier.sequence((parameters) => {
      const kdf = parameters.sequence(readPbkdf2);
      return parameters.sequence((encryption) => {
        const cipher = ciphers[encryption.oid()] ?? encryption.fail('pkcs12-algorithm');
        const iv = encryption.octetString();
        if (iv.length !== 16) encryption.fail('pkcs12-algorithm');
        const key = pbkdf2Sync(passphrase, kdf.salt, kdf.iterations, cipher.keyOctets, kdf.prf);
        return decipherWith(cipher.name, key, iv);
      });
    });
  });
}

/** A decipher, which has a copy of the key: ours is wiped. */
function decipherWith(cipher: string, key: Buffer, iv: Uint8Array) {
  const decipher = createDecipheriv(cipher, key, iv);
  key.fill(0);
  return decipher;
}

function readPbkdf2(reader: DerReader) {
  if (reader.oid() !== oids.pbkdf2) reader.fail('pkcs12-algorithm');
  return reader.sequence((inner) => {
    const salt = inner.octetString();
    const iterations = readIterations(inner);
    inner.optional(tags.integer, () => inner.smallInteger()); // the key's length, which the cipher tells as well
    const prf = inner.optional(tags.sequence, () =>
      inner.sequence((identifier) => {
        const name = prfs[identifier.oid()] ?? identifier.fail('pkcs12-algorithm');
        identifier.optional(tags.null, () => identifier.null());
        return name;
      }),
    );
    return { salt, iterations, prf: prf ?? 'sha1' };
  });
}

/** The passphrase as PKCS#12 hashes it: UTF-16, big-endian, with a terminating zero (RFC 7292 appendix B.1). */
function toBmpString(passphrase: Uint8Array): Buffer {
  const text = transcode(passphrase, 'utf8', 'utf16le').swap16(); // never a string, which could not be wiped
  return concatAndWipe([text, Buffer.alloc(2)]);
}

/** The key derivation of RFC 7292 appendix B.2; `id` is 1 for a key, 2 for an IV, 3 for a MAC key. */
function pkcs12Kdf(
  hash: string,
  passphrase: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  id: 1 | 2 | 3,
  length: number,
): Buffer {
  const block = hash === 'sha384' || hash === 'sha512' ? 128 : 64;
  const fill = (octets: Uint8Array) => Buffer.alloc(Math.ceil(octets.length / block) * block, octets);
  const input = concatAndWipe([fill(salt), passphrase.length > 0 ? fill(passphrase) : Buffer.alloc(0)]);
  const diversifier = Buffer.alloc(block, id);
  const output = Buffer.alloc(length);
  for (let have = 0; have < length;) {
    let digest = createHash(hash).update(diversifier).update(input).digest();
    for (let i = 1; i < iterations; i++) digest = createHash(hash).update(digest).digest();
    have += digest.copy(output, have);
    const addend = Buffer.alloc(block, digest);
    for (let start = 0; start < input.length; start += block)
      addPlusOne(input.subarray(start, start + block), addend);
    for (const octets of [digest, addend]) octets.fill(0);
  }
  input.fill(0);
  return output;
}

/** `value = (value + addend + 1) mod 2^(8 * length)`, in place. */
function addPlusOne(value: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let i = value.length - 1; i >= 0; i--) {
    carry += (value[i] ?? 0) + (addend[i] ?? 0);
    value[i] = carry & 0xff;
    carry >>= 8;
  }
}
