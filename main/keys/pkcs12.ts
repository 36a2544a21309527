import { createHash, createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { berToDer, decode, decodeFile, foundInPem, oids, tags, type DerReader } from '../asn1/index.ts';
import { ok, refuse, type Fault, type Refused, type Result } from '../faults/index.ts';
import { parseCertificate, type Certificate } from '../pki/index.ts';
import { decrypt } from './decrypt.ts';
import {
  algorithmName,
  isFitForKeys,
  macHashes,
  readEncryptedKey,
  readEncryption,
  WorkBudget,
  type Encrypted,
  type Encryption,
} from './encryption-scheme.ts';
import { toKeyObject } from './key-object.ts';
import { toBmpString } from './passphrase.ts';
import { pkcs12Kdf } from './pkcs12-kdf.ts';

/** The contents of a PKCS#12 file with one key. */
export interface Pkcs12 {
  readonly key: KeyObject;
  readonly certificates: readonly Certificate[];
}

/** Why a PKCS#12 file cannot be used. */
export type Pkcs12FaultCode =
  | 'pkcs12-unreadable'
  | 'pkcs12-unsupported'
  | 'passphrase-wrong'
  | 'passphrase-not-text'
  | 'key-not-encrypted'
  | 'key-inconsistent'
  | 'runtime-lacks-algorithm';

/**
 * Reads a PKCS#12 file (RFC 7292) in password integrity mode: BER, one private key, any number of certificates.
 * Contents are protected with PBES2, or with the older SHA-1 and triple DES; certificates also with RC2. The
 * passphrase is UTF-8; the caller wipes it.
 *
 * - `passphrase-wrong`: the MAC does not verify.
 * - `pkcs12-unsupported`: the user can convert the file.
 * - `key-not-encrypted`: the key is unencrypted, or encrypted under an empty passphrase.
 */
export async function readPkcs12(
  file: Uint8Array,
  passphrase: Uint8Array,
): Promise<Result<Pkcs12, Pkcs12FaultCode>> {
  const encoding = decodeFile(file);
  if (encoding.kind === 'pem') return refuse('pkcs12-unreadable', foundInPem(encoding.blocks));
  const budget = new WorkBudget();
  const pfx = readBer(file, (reader) => readPfx(reader, budget));
  if (!pfx.ok) return pfx;
  const { authSafe, mac } = pfx.value;
  if (mac.kind === 'unsupported')
    return refuse('pkcs12-unsupported', { rule: 'pkcs12-mac', found: mac.name });
  const isRight = await verifyMac(authSafe, mac, passphrase);
  if (!isRight.ok) return isRight;
  if (passphrase.length === 0) return refuse('key-not-encrypted', { rule: 'passphrase-empty' });
  const safes = readBer(authSafe, (reader) => reader.sequenceOf((item) => readContentInfo(item, budget)));
  if (!safes.ok) return safes;
  const secrets: Uint8Array[] = [];
  try {
    const bags: Bag[] = [];
    for (const safe of safes.value) {
      const opened = await openSafe(safe, passphrase, secrets);
      if (!opened.ok) return opened;
      bags.push(...opened.value);
    }
    return await fromBags(bags, passphrase, budget);
  } finally {
    for (const secret of secrets) secret.fill(0);
  }
}

/** Converts BER to DER and reads it with a function that walks it. */
function readBer<Value>(
  bytes: Uint8Array,
  read: (reader: DerReader) => Value,
): Result<Value, 'pkcs12-unreadable' | 'pkcs12-unsupported'> {
  const whole = berToDer(bytes);
  const value = whole.ok ? decode(whole.value, read) : whole;
  return value.ok ? value : unread(value.fault);
}

/** Converting the file reduces too much key derivation work, but fixes nothing else. */
function unread(because: Fault): Refused<'pkcs12-unreadable' | 'pkcs12-unsupported'> {
  return because.rule === 'kdf-iterations'
    ? refuse('pkcs12-unsupported', { rule: because.rule })
    : refuse('pkcs12-unreadable', { because });
}

type Mac =
  | { readonly kind: 'unsupported'; readonly name: string }
  | {
      readonly kind: 'supported';
      readonly hash: (typeof macHashes)[string];
      readonly digest: Uint8Array;
      readonly salt: Uint8Array;
      readonly iterations: number;
    };

function readPfx(
  reader: DerReader,
  budget: WorkBudget,
): { readonly authSafe: Uint8Array; readonly mac: Mac } {
  return reader.sequence((inner) => {
    if (inner.smallInteger() !== 3) inner.fail('pkcs12-version');
    const authSafe = inner.sequence((info) => {
      if (info.oid() !== oids.data) info.fail('pkcs12-integrity');
      return info.explicit(0, (content) => content.octetString());
    });
    const mac: Mac = inner.done
      ? { kind: 'unsupported', name: 'no MAC' }
      : inner.sequence((data) => readMacData(data, budget));
    return { authSafe, mac };
  });
}

function readMacData(reader: DerReader, budget: WorkBudget): Mac {
  const { oid, digest } = reader.sequence((inner) => ({
    oid: inner.sequence((identifier) => {
      const oid = identifier.oid();
      identifier.rest((parameters) => parameters.element());
      return oid;
    }),
    digest: inner.octetString(),
  }));
  const salt = reader.octetString();
  const hash = macHashes[oid];
  if (hash === undefined) {
    reader.rest((iterations) => iterations.element());
    return { kind: 'unsupported', name: `a MAC with ${algorithmName(oid)}` };
  }
  if (digest.length !== createHash(hash).digest().length) reader.fail('pkcs12-integrity');
  const iterations = reader.optional(tags.integer, () => budget.readIterations(reader)) ?? 1;
  return { kind: 'supported', hash, digest, salt, iterations };
}

async function verifyMac(
  authSafe: Uint8Array,
  { hash, digest, salt, iterations }: Extract<Mac, { kind: 'supported' }>,
  passphrase: Uint8Array,
): Promise<Result<void, 'passphrase-wrong' | 'passphrase-not-text'>> {
  const bmp = toBmpString(passphrase);
  if (!bmp.ok) return bmp;
  const key = await pkcs12Kdf(hash, bmp.value, salt, iterations, 3, digest.length);
  const isRight = timingSafeEqual(createHmac(hash, key).update(authSafe).digest(), digest);
  for (const secret of [bmp.value, key]) secret.fill(0);
  return isRight ? ok(undefined) : refuse('passphrase-wrong');
}

/** SafeContents in plaintext, or encrypted (EncryptedData, RFC 5652 section 8). */
type Safe = { readonly clear: Uint8Array } | Encrypted;

function readContentInfo(reader: DerReader, budget: WorkBudget): Safe {
  return reader.sequence((inner) => {
    const type = inner.oid();
    return inner.explicit(0, (content): Safe => {
      if (type === oids.data) return { clear: content.octetString() };
      if (type !== oids.encryptedData) return inner.fail('pkcs12-integrity');
      return content.sequence((encrypted) => {
        encrypted.smallInteger();
        return encrypted.sequence((info) => {
          if (info.oid() !== oids.data) info.fail('der-tag');
          return { encryption: readEncryption(info, budget), ciphertext: readCiphertext(info) };
        });
      });
    });
  });
}

/** `[0] IMPLICIT OCTET STRING`. BER may split it. Its tag hides its type, so `berToDer` does not join the pieces. */
function readCiphertext(reader: DerReader): Uint8Array {
  if (reader.nextTag !== 0xa0) return reader.octetString(0x80);
  return Buffer.concat(reader.constructed(0xa0, (pieces) => pieces.rest((piece) => piece.octetString())));
}

interface Bag {
  readonly type: string;
  readonly value: Uint8Array;
  /** How the whole safe is encrypted. */
  readonly protection: Encryption | undefined;
}

/** Decrypts a safe if necessary. Adds secrets to `secrets`; the bags are views of them. */
async function openSafe(
  safe: Safe,
  passphrase: Uint8Array,
  secrets: Uint8Array[],
): Promise<Result<readonly Bag[], Pkcs12FaultCode>> {
  if ('clear' in safe) return readBags(safe.clear, undefined, secrets);
  const { encryption, ciphertext } = safe;
  if (encryption.kind === 'unsupported')
    return refuse('pkcs12-unsupported', { rule: 'pkcs12-algorithm', found: encryption.name });
  const contents = await decrypt(encryption, passphrase, ciphertext);
  if (!contents.ok) return refuse('pkcs12-unreadable', { rule: 'pkcs12-decryption' });
  secrets.push(contents.value);
  return readBags(contents.value, encryption, secrets);
}

function readBags(
  safeContents: Uint8Array,
  protection: Encryption | undefined,
  secrets: Uint8Array[],
): Result<readonly Bag[], 'pkcs12-unreadable'> {
  const whole = berToDer(safeContents);
  if (!whole.ok) return refuse('pkcs12-unreadable', { because: whole.fault });
  secrets.push(whole.value);
  const bags = decode(whole.value, (reader) =>
    reader.sequenceOf((item) =>
      item.sequence((bag): Bag => {
        const type = bag.oid();
        const value = bag.explicit(0, (wrapped) => wrapped.element().bytes);
        bag.optional(tags.set, () => bag.element());
        return { type, value, protection };
      }),
    ),
  );
  return bags.ok ? bags : refuse('pkcs12-unreadable', { because: bags.fault });
}

async function fromBags(
  bags: readonly Bag[],
  passphrase: Uint8Array,
  budget: WorkBudget,
): Promise<Result<Pkcs12, Pkcs12FaultCode>> {
  const keys = bags.filter(({ type }) => type === oids.keyBag || type === oids.pkcs8ShroudedKeyBag);
  const [only] = keys;
  if (!only || keys.length > 1)
    return refuse('pkcs12-unreadable', { rule: 'pkcs12-one-key', found: String(keys.length) });
  const certificates: Certificate[] = [];
  for (const { type, value } of bags) {
    if (type !== oids.certBag) continue;
    const certificate = readCertBag(value);
    if (!certificate.ok) return certificate;
    certificates.push(certificate.value);
  }
  const key = await openKeyBag(only, passphrase, budget);
  return key.ok ? ok({ key: key.value, certificates }) : key;
}

function readCertBag(value: Uint8Array): Result<Certificate, 'pkcs12-unreadable'> {
  const bytes = decode(value, (reader) =>
    reader.sequence((inner) => {
      if (inner.oid() !== oids.x509Certificate) inner.fail('der-tag');
      return inner.explicit(0, (wrapped) => wrapped.octetString());
    }),
  );
  const certificate = bytes.ok ? parseCertificate(bytes.value) : bytes;
  return certificate.ok ? certificate : refuse('pkcs12-unreadable', { because: certificate.fault });
}

/** Opens a key with its own encryption or that of its safe. Rejects RC2, which is too weak for a key. */
async function openKeyBag(
  { type, value, protection }: Bag,
  passphrase: Uint8Array,
  budget: WorkBudget,
): Promise<Result<KeyObject, Pkcs12FaultCode>> {
  if (type === oids.keyBag) {
    if (!protection) return refuse('key-not-encrypted');
    return isFitForKeys(protection) ? toKey(value) : unfitForKeys(protection);
  }
  const encrypted = readEncryptedKey(value, budget);
  if (!encrypted.ok) return unread(encrypted.fault);
  const { encryption, ciphertext } = encrypted.value;
  if (!isFitForKeys(encryption)) return unfitForKeys(encryption);
  const clear = await decrypt(encryption, passphrase, ciphertext);
  if (!clear.ok) return refuse('pkcs12-unreadable', { rule: 'pkcs12-key' });
  try {
    return toKey(clear.value);
  } finally {
    clear.value.fill(0);
  }
}

function unfitForKeys({ name }: Encryption): Refused<'pkcs12-unsupported'> {
  return refuse('pkcs12-unsupported', { rule: 'key-algorithm', found: name });
}

function toKey(privateKeyInfo: Uint8Array): Result<KeyObject, Pkcs12FaultCode> {
  const key = toKeyObject(privateKeyInfo);
  if (key.ok) return key;
  const { code, ...facts } = key.fault;
  return refuse(code === 'key-unreadable' ? 'pkcs12-unreadable' : code, facts);
}
