import type { KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { oids } from '../../asn1/index.ts';
import { ok, refuse, type Result } from '../../faults/index.ts';
import { signerWithKey, type Signer } from '../../keys/index.ts';
import {
  describeKey,
  exactly,
  isSameCertificate,
  isSelfIssued,
  isTrainingCertificate,
  nameFromText,
  validateCertificate,
  type Certificate,
} from '../../pki/index.ts';
import { makeOperatorRoot } from '../certificate-authorities.ts';
import { issue, type KeyPair } from '../issue-certificate.ts';
import { keepPair, readCertificate, writeCertificate } from '../kept-pairs.ts';
import { labCertificates, type LabOptions } from '../lab-certificates.ts';

/** A CA that the user brings: its key and certificate, and the certificates up to its root. */
export interface GivenCa {
  readonly key: KeyObject;
  readonly certificates: readonly [Certificate, ...Certificate[]];
}

/** The keys and certificates of an RA/CA. */
export interface CaMaterial {
  readonly ca: KeyPair;
  /** From the CA's issuer up to the operator root, which is the last; empty if the CA is the root. */
  readonly chain: readonly Certificate[];
  readonly root: Certificate;
  /** Signs the answers. Its chain leads to the root. */
  readonly signer: Signer;
}

/** What decides on the keys and certificates of an RA/CA. */
export interface CaMaterialOptions {
  /** Its state. Everything that it makes is kept there. */
  readonly folder: string;
  /** Without one, it makes its own operator root and CA, for training. */
  readonly ca: GivenCa | undefined;
  /** The RA's name, as text. By default the one that it has. */
  readonly name: string | undefined;
  readonly now: Date;
}

/** The operator root, for those who are to trust the RA/CA. */
export const rootFile = 'operator-root.pem';

const operator = 'Lab Operator';
const defaultName = `C=FI,O=${operator},CN=${operator} RA`;

const day = 24 * 3_600_000;
const year = 365 * day;

/**
 * Opens the keys and certificates of an RA/CA, and makes those that are missing. Refuses a CA that may not issue, or
 * that does not lead to a root.
 */
export async function openCaMaterial(options: CaMaterialOptions): Promise<Result<CaMaterial>> {
  const ca = options.ca ? toKeyPair(options.ca) : await ownCa(options);
  if (!ca.ok) return ca;
  const ra = await openRa(options, ca.value.pair, ca.value.certificates);
  if (!ra.ok) return ra;
  const path = pathOf(ra.value.certificate, ca.value.certificates, options.now);
  if (!path.ok) return path;
  const [root] = path.value;
  const upwards = path.value.toReversed();
  const [, , ...chain] = upwards;
  const kept = keepRoot(options.folder, root);
  if (!kept.ok) return kept;
  const signer = signerWithKey(ra.value.key, upwards);
  if (!signer.ok) return signer;
  return ok({ ca: ca.value.pair, chain, root, signer: signer.value });
}

interface OpenedCa {
  readonly pair: KeyPair;
  /** The CA's own and all above it, in any order. */
  readonly certificates: readonly Certificate[];
}

function toKeyPair({ key, certificates }: GivenCa): Result<OpenedCa> {
  const [certificate] = certificates;
  const signer = signerWithKey(key, [certificate]);
  if (!signer.ok) return signer;
  // Web Crypto cannot use a key that is for PSS alone.
  const { publicKey } = certificate;
  if (signer.value.algorithm.kind === 'rsa-pss')
    return refuse('key-unfit', { found: describeKey(publicKey) });
  return ok({ pair: { key, certificate }, certificates });
}

async function ownCa({ folder, now }: CaMaterialOptions): Promise<Result<OpenedCa>> {
  const options = (years: number): LabOptions => ({
    keyKind: 'P-256',
    training: true,
    notBefore: new Date(now.getTime() - day),
    notAfter: new Date(now.getTime() + years * year),
  });
  const root = await keepPair(folder, 'operator-root', () => makeOperatorRoot(operator, options(20)));
  if (!root.ok) return root;
  const ca = await keepPair(folder, 'issuing-ca', () =>
    issue(labCertificates.operatorIssuing(operator, options(15)), root.value),
  );
  if (!ca.ok) return ca;
  return ok({ pair: ca.value, certificates: [ca.value.certificate, root.value.certificate] });
}

/** The RA's key and certificate. Makes new ones if the CA, the name or the time has left the old ones behind. */
function openRa(
  { folder, name, now }: CaMaterialOptions,
  ca: KeyPair,
  above: readonly Certificate[],
): Promise<Result<KeyPair>> {
  const wanted = name === undefined ? undefined : nameFromText(name);
  if (wanted && !wanted.ok) return Promise.resolve(wanted);
  const isFit = (certificate: Certificate) =>
    (!wanted || certificate.subject.key === wanted.value.key) && pathOf(certificate, above, now).ok;
  const { notBefore, notAfter } = ca.certificate;
  const options: LabOptions = {
    keyKind: 'P-256',
    training: isTrainingCertificate(ca.certificate),
    notBefore: new Date(Math.max(now.getTime() - day, notBefore.getTime())),
    notAfter: new Date(Math.min(now.getTime() + 10 * year, notAfter.getTime())),
  };
  const contents = labCertificates.registrationAuthority(name ?? defaultName, options);
  return keepPair(folder, 'ra', () => issue(contents, ca), isFit);
}

/** The path from the root down to the RA. */
function pathOf(ra: Certificate, above: readonly Certificate[], now: Date) {
  return validateCertificate({
    target: ra,
    trustAnchors: above.filter(isSelfIssued),
    intermediates: above,
    crls: [],
    requireCrl: false,
    clock: exactly(now),
    purpose: oids.cmcRa,
  });
}

/** Writes the root for the user. Refuses a folder whose certificates are those of another CA. */
function keepRoot(folder: string, root: Certificate): Result<void> {
  const file = join(folder, rootFile);
  if (!existsSync(file)) return writeCertificate(file, root);
  const known = readCertificate(file);
  if (!known.ok || isSameCertificate(known.value, root)) return known.ok ? ok(undefined) : known;
  return refuse('store-unusable', { rule: 'state-of-another-ca', where: { file } });
}
