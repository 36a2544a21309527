import { existsSync } from 'node:fs';
import type { KeyObject } from 'node:crypto';
import {
  Bundle,
  judgeBundle,
  judgeSigner,
  receiptSubject,
  verifyReceipt,
  type Acceptance,
  type Configuration,
  type JudgingEnb,
  type Receipt,
} from '../bundle/index.ts';
import { ok, prependWhere, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { checkConfigurationKey, readPrivateKey } from '../keys/index.ts';
import {
  checkEnbKey,
  exactly,
  findEnbCertificate,
  nameToText,
  readEnbIdentity,
  serialNumberPattern,
  toSeconds,
  judgePath,
  type Certificate,
} from '../pki/index.ts';
import { maximumBundleFile } from '../office/index.ts';
import { readCertificates, readTrust, type TrustFiles } from './trust-files.ts';

/** Returns the passphrase of a key file, or undefined if none is available. */
export type PassphraseFor = (file: string) => Promise<Result<Uint8Array | undefined>>;

/** A bundle file, and what to judge it by, as of `at`. */
export interface VerifyBundleRequest {
  readonly file: string;
  readonly trust: TrustFiles;
  readonly at: Date;
  /** A serial number, or a file with the eNB's certificate. */
  readonly enb?: string;
  /** A file with the eNB's private key. */
  readonly enbKey?: string;
  readonly lastEpoch?: number;
  readonly lastSequence?: number;
}

/** Judges a bundle file as the eNB would, as far as the given inputs allow. */
export async function verifyBundle(
  request: VerifyBundleRequest,
  passphraseFor: PassphraseFor,
): Promise<Result<Acceptance>> {
  const trust = readTrust(request.trust);
  if (!trust.ok) return trust;
  const bundle = readFile(request.file, maximumBundleFile);
  if (!bundle.ok) return bundle;
  const enb = request.enb === undefined ? ok(undefined) : readEnb(request.enb);
  if (!enb.ok) return enb;
  const key = request.enbKey === undefined ? ok(undefined) : await readKey(request.enbKey, passphraseFor);
  if (!key.ok) return key;
  const { enb: enbWithChain, chain } = enb.value ?? { enb: undefined, chain: [] };
  return ok(
    judgeBundle(new Bundle(bundle.value), {
      ...trust.value,
      intermediates: [...trust.value.intermediates, ...chain],
      clock: exactly(request.at),
      ...(enbWithChain && { enb: enbWithChain }),
      ...(key.value && { enbKey: key.value }),
      ...(request.lastEpoch !== undefined && { lastEpoch: request.lastEpoch }),
      ...(request.lastSequence !== undefined && { lastSequence: request.lastSequence }),
    }),
  );
}

function readEnb(text: string): Result<{ readonly enb: JudgingEnb; readonly chain: readonly Certificate[] }> {
  if (!existsSync(text)) {
    const isSerial = serialNumberPattern.test(text);
    return isSerial
      ? ok({ enb: { serialNumber: text }, chain: [] })
      : refuse('file-unreadable', { where: { file: text }, found: 'ENOENT' });
  }
  const certificates = readCertificates(text);
  if (!certificates.ok) return certificates;
  const certificate = findEnbCertificate(certificates.value) ?? certificates.value[0];
  const chain = certificates.value.filter((one) => one !== certificate);
  const identity = readEnbIdentity(certificate);
  return identity.ok ? ok({ enb: { ...identity.value, certificate }, chain }) : identity;
}

/** In bytes. */
export const maximumKeyFileSize = 64 * 1024;

/** Reads a private key. Asks for a passphrase only if the key needs one. */
export async function readKey(file: string, passphraseFor: PassphraseFor): Promise<Result<KeyObject>> {
  const bytes = readFile(file, maximumKeyFileSize);
  if (!bytes.ok) return bytes;
  try {
    let key: Result<KeyObject> = await readPrivateKey(bytes.value, undefined);
    if (!key.ok && key.fault.code === 'passphrase-missing') {
      const passphrase = await passphraseFor(file);
      if (!passphrase.ok) return passphrase;
      try {
        key = await readPrivateKey(bytes.value, passphrase.value);
      } finally {
        passphrase.value?.fill(0);
      }
    }
    return key.ok ? key : refused(prependWhere(key.fault, { file }));
  } finally {
    bytes.value.fill(0);
  }
}

/** The content of a bundle. None of it is verified. */
export interface BundleInspection {
  readonly bundleSha256: string;
  readonly size: number;
  readonly certificates: readonly CertificateSummary[];
  readonly crlIssuers: readonly string[];
  readonly configuration: Configuration;
}

/** Reads the content of a bundle without judging it. */
export function inspectBundle(file: string): Result<BundleInspection> {
  const bundle = readFile(file, maximumBundleFile);
  if (!bundle.ok) return bundle;
  const { sha256, unverified: parsed } = new Bundle(bundle.value);
  if (!parsed.ok) return refused(prependWhere(parsed.fault, { file }));
  return ok({
    bundleSha256: sha256,
    size: bundle.value.length,
    certificates: parsed.value.certificates.map(summarise),
    crlIssuers: parsed.value.crls.map(({ issuer }) => nameToText(issuer)),
    configuration: parsed.value.configuration,
  });
}

/** A short description of a certificate. */
export interface CertificateSummary {
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly sha256: string;
}

/** Describes a certificate. Its serial number is in lower-case hex, its dates are in RFC 3339. */
export function summarise(certificate: Certificate): CertificateSummary {
  const { subject, issuer, serialNumber, notBefore, notAfter } = certificate;
  return {
    subject: nameToText(subject),
    issuer: nameToText(issuer),
    serialNumber,
    notBefore: toSeconds(notBefore),
    notAfter: toSeconds(notAfter),
    sha256: certificate.sha256,
  };
}

/** A certificate file, the purpose to check it for, and what to judge it by, as of `at`. */
export interface VerifyCertificateRequest {
  readonly file: string;
  readonly trust: TrustFiles;
  readonly at: Date;
  readonly requireCrl: boolean;
  readonly purpose: 'configuration' | 'enb' | 'any';
}

/**
 * Either the path from the trust anchor to the certificate, and whether CRLs of all its issuers were given so that
 * revocation was checked, or the first fault.
 */
export type CertificateVerdict =
  | {
      readonly valid: true;
      readonly revocationChecked: boolean;
      readonly path: readonly CertificateSummary[];
    }
  | { readonly valid: false; readonly fault: Fault };

/**
 * Validates the first certificate of a file for a purpose. The other certificates in the file may help to find a path.
 */
export function verifyCertificate(request: VerifyCertificateRequest): Result<CertificateVerdict> {
  const trust = readTrust(request.trust);
  if (!trust.ok)
    return trust.fault.code === 'file-unreadable' ? trust : ok({ valid: false, fault: trust.fault });
  const certificates = readCertificates(request.file);
  if (!certificates.ok) {
    const { fault } = certificates;
    return fault.code === 'file-unreadable' ? certificates : ok({ valid: false, fault });
  }
  const [target, ...chain] = certificates.value;
  const { vendorRoots, intermediates, crls } = trust.value;
  const question = {
    target,
    trustAnchors: vendorRoots,
    intermediates: [...intermediates, ...chain],
    crls,
    clock: exactly(request.at),
  };
  const { path = [], faults, revocation } = judgePath({ ...question, requireCrl: request.requireCrl });
  if (faults[0]) return ok({ valid: false, fault: faults[0] });
  const fit = checkPurpose(request.purpose, target, question);
  if (fit) return ok({ valid: false, fault: fit });
  return ok({ valid: true, revocationChecked: revocation !== 'not-given', path: path.map(summarise) });
}

function checkPurpose(
  purpose: VerifyCertificateRequest['purpose'],
  target: Certificate,
  question: Parameters<typeof judgeSigner>[0],
): Fault | undefined {
  switch (purpose) {
    case 'any':
      return undefined;
    case 'enb': {
      const identity = readEnbIdentity(target);
      const fit = identity.ok ? checkEnbKey(target) : identity;
      return fit.ok ? undefined : fit.fault;
    }
    case 'configuration': {
      const { untrusted, expired, revoked, unauthorised } = judgeSigner(question);
      const strong = checkConfigurationKey(target);
      return untrusted ?? expired ?? revoked ?? unauthorised ?? (strong.ok ? undefined : strong.fault);
    }
  }
}

/** A receipt file, the bundle file that it should be about, and what to judge it by, as of `at`. */
export interface VerifyReceiptRequest {
  readonly file: string;
  readonly bundle: string;
  readonly trust: TrustFiles;
  readonly at: Date;
}

/** Verifies a receipt against the bundle that it should be about. */
export function verifyReceiptFile(request: VerifyReceiptRequest): Result<Receipt> {
  const trust = readTrust(request.trust);
  if (!trust.ok) return trust;
  const receipt = readFile(request.file, maximumBundleFile);
  if (!receipt.ok) return receipt;
  const bundle = readFile(request.bundle, maximumBundleFile);
  if (!bundle.ok) return bundle;
  const subject = receiptSubject(new Bundle(bundle.value));
  if (!subject.ok) return refused(prependWhere(subject.fault, { file: request.bundle }));
  const question = { ...trust.value, clock: exactly(request.at), subject: subject.value };
  const verified = verifyReceipt(receipt.value, question);
  return verified.ok ? verified : refused(prependWhere(verified.fault, { file: request.file }));
}
