import { constants, sign, type KeyObject } from 'node:crypto';
import { decode } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import {
  describeKey,
  plainSpki,
  readPublicKey,
  spkiOf,
  verifySignature,
  type Certificate,
  type PublicKey,
  type SigningAlgorithm,
} from '../pki/index.ts';
import { readPkcs12, type Pkcs12FaultCode } from './pkcs12.ts';
import { readPrivateKey, type PrivateKeyFaultCode } from './private-key.ts';

/** Signs with a key that may be in a file, on a token or behind a worker. */
export interface KeySigner {
  readonly algorithm: SigningAlgorithm;
  /** Signs `data`, which must not change until the promise settles. An ECDSA signature is a DER Ecdsa-Sig-Value. */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** Signs with a key that has a certificate. */
export interface Signer extends KeySigner {
  readonly certificate: Certificate;
  /** Certificates from `certificate` towards its root, as far as the key's files have them. */
  readonly chain: readonly Certificate[];
}

/** The bytes of the file or files that hold a key. */
export type KeySource =
  | { readonly kind: 'pkcs12'; readonly file: Uint8Array }
  | { readonly kind: 'pkcs8'; readonly file: Uint8Array; readonly certificates: readonly Certificate[] };

/** Why a key with its certificate cannot be used to sign. */
export type SignerFaultCode = PrivateKeyFaultCode | Pkcs12FaultCode | KeyPairFaultCode;

/** Why a key and its certificates cannot be used to sign. */
export type KeyPairFaultCode = 'key-certificate-mismatch' | 'key-unfit' | 'key-inconsistent';

/**
 * Opens a key with its passphrase, without blocking the process. The caller wipes the passphrase. Of several
 * certificates with this key, takes one in force at `now`. Refuses a key that is not protected in its file, that
 * matches no certificate, or that cannot sign.
 */
export async function openSigner(
  source: KeySource,
  passphrase: Uint8Array | undefined,
  now: Date,
): Promise<Result<Signer, SignerFaultCode>> {
  if (source.kind === 'pkcs8') {
    const key = await readPrivateKey(source.file, passphrase, { mustBeEncrypted: true });
    return key.ok ? signerWithKey(key.value, source.certificates, now) : key;
  }
  if (!passphrase) return refuse('passphrase-missing');
  const opened = await readPkcs12(source.file, passphrase);
  return opened.ok ? signerWithKey(opened.value.key, opened.value.certificates, now) : opened;
}

/**
 * A signer with this key, and the certificate that has its public key. Of several, takes the newest in force at `now`.
 * If none is in force, takes the newest, so that the fault is about its dates. Signs once and verifies the result with
 * the certificate. Refuses with `key-inconsistent` if that fails.
 */
export function signerWithKey(
  key: KeyObject,
  certificates: readonly Certificate[],
  now?: Date,
): Result<Signer, KeyPairFaultCode> {
  const spki = spkiOf(key);
  const [certificate] = newestFirst(
    certificates.filter(({ publicKey }) => Buffer.compare(spki, plainSpki(publicKey)) === 0),
    now,
  );
  if (!certificate) return refuse('key-certificate-mismatch');
  const algorithm = algorithmOf(certificate.publicKey, key);
  if (!algorithm) return refuse('key-unfit', { found: describeKey(certificate.publicKey) });
  const signNow = signingWith(algorithm, key);
  if (!isConsistent(certificate, algorithm, signNow)) return refuse('key-inconsistent');
  const chain = certificates.filter((other) => other !== certificate);
  const signer = { certificate, chain, algorithm, sign: later(signNow) };
  keys.set(signer, key);
  return ok(signer);
}

/** The keys of the signers, for those that other threads get. */
const keys = new WeakMap<Signer, KeyObject>();

/** A signer in the form in which another thread gets it. A structured clone shares the key, and copies no secret. */
export interface SharedSigner {
  readonly key: KeyObject;
  readonly certificate: Certificate;
}

/** The signer for another thread. Undefined if the key is not in this process, as on a token. */
export function shareSigner(signer: Signer): SharedSigner | undefined {
  const key = keys.get(signer);
  return key && { key, certificate: signer.certificate };
}

/** The signer from another thread. */
export function openSharedSigner({ key, certificate }: SharedSigner): Result<Signer, KeyPairFaultCode> {
  return signerWithKey(key, [certificate]);
}

/** A signer with a key that has no certificate yet. Undefined for a kind of key that Siteseal does not sign with. */
export function keySigner(key: KeyObject): KeySigner | undefined {
  const publicKey = decode(spkiOf(key), readPublicKey);
  const algorithm = publicKey.ok ? algorithmOf(publicKey.value, key) : undefined;
  return algorithm && { algorithm, sign: later(signingWith(algorithm, key)) };
}

type SignNow = (data: Uint8Array) => Uint8Array;

function signingWith(algorithm: SigningAlgorithm, key: KeyObject): SignNow {
  const options =
    algorithm.kind === 'rsa-pss'
      ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.saltLength }
      : key;
  return (data) => sign(algorithm.hash, data, options);
}

/** Passing data to another thread takes longer than signing with an EC key. */
function later(signNow: SignNow): KeySigner['sign'] {
  return (data) => new Promise((resolve) => resolve(signNow(data)));
}

/** Sorts certificates in force first, then newest first. */
export function newestFirst(
  certificates: readonly Certificate[],
  now: Date | undefined,
): readonly Certificate[] {
  const isInForce = ({ notBefore, notAfter }: Certificate) => !now || (notBefore <= now && now <= notAfter);
  return certificates.toSorted(
    (a, b) => Number(isInForce(b)) - Number(isInForce(a)) || b.notBefore.getTime() - a.notBefore.getTime(),
  );
}

/** Whether the certificate's public key verifies what the private key signs. */
function isConsistent({ publicKey }: Certificate, algorithm: SigningAlgorithm, signNow: SignNow): boolean {
  const probe = Buffer.from('siteseal');
  try {
    return verifySignature(algorithm, publicKey, probe, signNow(probe));
  } catch {
    return false; // OpenSSL detects some inconsistent RSA keys while signing.
  }
}

/**
 * The algorithm for a key. The digest matches the curve's strength. RSA uses SHA-256 unless the key requires another.
 */
function algorithmOf(publicKey: PublicKey, key: KeyObject): SigningAlgorithm | undefined {
  switch (publicKey.kind) {
    case 'ec':
      return publicKey.curve === 'P-521'
        ? undefined
        : { kind: 'ecdsa', hash: publicKey.curve === 'P-256' ? 'sha256' : 'sha384' };
    case 'rsa':
      return publicKey.pssOnly ? pssAlgorithmOf(key) : { kind: 'rsa-pkcs1', hash: 'sha256' };
    case 'unsupported':
      return undefined;
  }
}

/** A PSS-only key can require a digest and a minimum salt length (RFC 4055 section 3.1). */
function pssAlgorithmOf({ asymmetricKeyDetails = {} }: KeyObject): SigningAlgorithm | undefined {
  const {
    hashAlgorithm = 'sha256',
    mgf1HashAlgorithm = hashAlgorithm,
    saltLength = 32,
  } = asymmetricKeyDetails;
  const hash = (['sha256', 'sha384'] as const).find((name) => name === hashAlgorithm);
  return hash && hash === mgf1HashAlgorithm ? { kind: 'rsa-pss', hash, saltLength } : undefined;
}

/** Whether bundles may be signed with this key: EC on P-256 or P-384, or RSA of 3072 bits or more. */
export function checkConfigurationKey({ publicKey }: Certificate): Result<void, 'key-unfit'> {
  const fits =
    (publicKey.kind === 'ec' && publicKey.curve !== 'P-521') ||
    (publicKey.kind === 'rsa' && publicKey.bits >= 3072);
  return fits
    ? ok(undefined)
    : refuse('key-unfit', { rule: 'configuration-key', found: describeKey(publicKey) });
}
