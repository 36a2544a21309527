import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../faults/index.ts';
import { makeFolder, systemErrorCode } from '../files/index.ts';
import type { EnbIdentity } from '../pki/index.ts';
import { certify, issue, type KeyPair } from './issue-certificate.ts';
import { keepPair, writeAndWipe, writeCertificate } from './kept-pairs.ts';
import { labCertificates, type LabOptions } from './lab-certificates.ts';
import { certifyOffice, makeOfficeKeyFiles } from './lab-office.ts';
import { LabIssuer } from './ra-ca/issuer.ts';

/** Hardware type of the lab's eNBs. */
export const labHardwareType = '2.25.67185770713137499404239916306837926263.10';

const hour = 3_600_000;
const day = 24 * hour;
/** A CRLReason (RFC 5280 section 5.3.1). */
const keyCompromise = 1;

/**
 * Where a CA of the lab keeps its files. Every key pair is `NAME.key` and `NAME.pem`. What is there already stays, so that
 * the same CA can issue more later.
 */
interface AuthorityFolder {
  readonly folder: string;
  /** The name of the company. */
  readonly name: string;
  readonly now: Date;
}

/** A vendor to make, and what it issues. */
export interface VendorFolder extends AuthorityFolder {
  readonly enbs: readonly EnbIdentity[];
  /** A key that may sign configurations for these eNBs, and the operator that has it. */
  readonly certified: { readonly key: KeyObject; readonly operator: string } | undefined;
  /** The serial numbers of eNBs whose certificates are revoked. */
  readonly revoked: readonly string[];
}

/**
 * Makes a vendor's CAs (`vendor-root`, `vendor-issuing`), the keys and certificates of its eNBs (`SERIAL`), the certificate
 * of an operator's configuration key (`configuration.pem`), and the revocation list in DER (`vendor.crl`). Everything is marked as training.
 */
export async function makeVendorFolder(vendor: VendorFolder): Promise<Result<void>> {
  const { folder, name, enbs, certified, revoked, now } = vendor;
  const opened = openFolder(folder);
  if (!opened.ok) return opened;
  const options = datesAround(now);
  const root = await keepPair(folder, 'vendor-root', () => issue(labCertificates.vendorRoot(name, options)));
  if (!root.ok) return root;
  const issuing = await keepPair(folder, 'vendor-issuing', () =>
    issue(labCertificates.vendorIssuing(name, options), root.value),
  );
  if (!issuing.ok) return issuing;
  const lost: KeyPair[] = [];
  for (const enb of enbs) {
    const { serialNumber } = enb;
    const made = await keepPair(folder, serialNumber, () =>
      issue(labCertificates.enb(enb, options), issuing.value),
    );
    if (!made.ok) return made;
    if (revoked.includes(serialNumber)) lost.push(made.value);
  }
  const listed = await writeCrl(join(folder, 'vendor.crl'), issuing.value, root.value, lost, now);
  if (!listed.ok || !certified) return listed;
  const devices = [...Map.groupBy(enbs, ({ hwType }) => hwType)].map(([hwType, all]) => ({
    hwType,
    serials: all.map(({ serialNumber }) => ({ kind: 'exact' as const, serial: Buffer.from(serialNumber) })),
  }));
  const contents = labCertificates.configurationKey(certified.operator, { epoch: 0, devices }, options);
  const certificate = await certify(contents, certified.key, issuing.value);
  return writeCertificate(join(folder, 'configuration.pem'), certificate);
}

/** An operator to make, and what it issues. */
export interface OperatorFolder extends AuthorityFolder {
  /** The names of its security gateways. */
  readonly gateways: readonly string[];
  /** The gateways whose certificates have expired. */
  readonly expired: readonly string[];
  /** Encrypts the configuration key and the office key. Without one, neither is made. */
  readonly passphrase: Uint8Array | undefined;
  /** The file of a request for the certificate of another office key. */
  readonly certify?: string | undefined;
}

/**
 * Makes an operator's CAs (`operator-root`, `issuing-ca`), the keys and certificates of its security gateways (`NAME`),
 * the key of the RA/CA that credentials are encrypted to (`registration`), the key that signs configurations, with its
 * public half for the vendor (`configuration.key`, `configuration-public.pem`), and the office key with its certificate
 * (`office.key`, `office.pem`). Answers a request with `office-certificate.pem`. Everything is marked as training.
 */
export async function makeOperatorFolder(operator: OperatorFolder): Promise<Result<void>> {
  const { folder, name, gateways, expired, passphrase, certify: requestFile, now } = operator;
  const opened = openFolder(folder);
  if (!opened.ok) return opened;
  const options = datesAround(now);
  const root = await keepPair(folder, 'operator-root', () =>
    issue(labCertificates.operatorRoot(name, options)),
  );
  if (!root.ok) return root;
  const issuing = await keepPair(folder, 'issuing-ca', () =>
    issue(labCertificates.operatorIssuing(name, options), root.value),
  );
  if (!issuing.ok) return issuing;
  for (const gateway of gateways) {
    const notAfter = expired.includes(gateway) ? new Date(now.getTime() - hour) : options.notAfter;
    const made = await keepPair(folder, gateway, () =>
      issue(labCertificates.gateway(name, gateway, { ...options, notAfter }), issuing.value),
    );
    if (!made.ok) return made;
  }
  const registration = await keepPair(folder, 'registration', () =>
    issue(labCertificates.registration(name, options), issuing.value),
  );
  if (!registration.ok) return registration;
  if (passphrase) {
    const configuration = makeConfigurationKey(folder, passphrase);
    if (!configuration.ok) return configuration;
    const office = await makeOfficeKeyFiles(folder, name, issuing.value, passphrase, options);
    if (!office.ok) return office;
  }
  if (requestFile === undefined) return ok(undefined);
  return certifyOffice(requestFile, join(folder, 'office-certificate.pem'), name, issuing.value, options);
}

function makeConfigurationKey(folder: string, passphrase: Uint8Array): Result<void> {
  const file = join(folder, 'configuration.key');
  if (existsSync(file)) return ok(undefined);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encryption = { cipher: 'aes-256-cbc', passphrase: Buffer.from(passphrase) };
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8', ...encryption });
  encryption.passphrase.fill(0);
  const written = writeAndWipe(
    join(folder, 'configuration-public.pem'),
    Buffer.from(publicKey.export({ format: 'pem', type: 'spki' })),
    0o644,
  );
  return written.ok ? writeAndWipe(file, Buffer.from(pem), 0o600) : written;
}

async function writeCrl(
  file: string,
  ca: KeyPair,
  root: KeyPair,
  revoked: readonly KeyPair[],
  now: Date,
): Promise<Result<void>> {
  const nextCrlNumber = () => Math.floor(now.getTime() / 1000);
  const issuer = await LabIssuer.open(ca, [root.certificate], {
    now: () => now,
    validity: day,
    nextCrlNumber,
  });
  const entries = revoked.map(({ certificate }) => ({
    serialNumber: certificate.serialNumber,
    at: now,
    reason: keyCompromise,
  }));
  return writeAndWipe(file, Buffer.from(await issuer.makeCrl(entries)), 0o644);
}

function datesAround(now: Date): LabOptions {
  return {
    keyKind: 'P-256',
    training: true,
    notBefore: new Date(now.getTime() - day),
    notAfter: new Date(now.getTime() + 3650 * day),
  };
}

function openFolder(folder: string): Result<void> {
  try {
    makeFolder(folder, 0o700);
    return ok(undefined);
  } catch (error) {
    return refuse('output-unwritable', { where: { file: folder }, found: systemErrorCode(error) });
  }
}
