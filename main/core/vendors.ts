import type { OpenedStore } from '../audit/index.ts';
import { isSelfSigned } from '../bundle/index.ts';
import type { EnbTrust } from '../device/index.ts';
import { ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { readProfile } from '../office/index.ts';
import {
  isSameCertificate,
  isTrainingCertificate,
  keyLack,
  nameToText,
  parseCertificate,
  type Certificate,
  type Clock,
} from '../pki/index.ts';
import type { Store, VendorRootRecord } from '../store/index.ts';
import type { Stores } from './stores.ts';
import { readCertificates } from './trust-files.ts';

/** A vendor whose root the user has chosen to trust. */
export interface TrustedVendor {
  readonly root: Certificate;
  readonly intermediates: readonly Certificate[];
}

/** A vendor whose root is trusted, or was trusted and is kept for its jobs. */
export interface KnownVendor extends TrustedVendor {
  readonly isTrusted: boolean;
}

/** The trust for eNBs of one vendor, at a time. */
export function enbTrust({ root, intermediates }: TrustedVendor, clock: Clock): EnbTrust {
  return { vendorRoots: [root], intermediates, crls: [], clock };
}

/** The currently trusted vendors. */
export function trustedVendors(store: Store): readonly TrustedVendor[] {
  return store.vendorRoots.trusted().flatMap(toTrustedVendor);
}

/** The vendor with this root (SHA-256, lower-case hex), or undefined if it is not trusted now. */
export function trustedVendor(store: Store, fingerprint: string): TrustedVendor | undefined {
  const vendor = knownVendor(store, fingerprint);
  return vendor?.isTrusted ? vendor : undefined;
}

/** Like `trustedVendor`, but also returns a vendor that is no longer trusted. Undefined if it never was. */
export function knownVendor(store: Store, fingerprint: string): KnownVendor | undefined {
  const record = store.vendorRoots.get(fingerprint);
  const [vendor] = record ? toTrustedVendor(record) : [];
  return vendor && { ...vendor, isTrusted: record?.withdrawnAt === undefined };
}

function toTrustedVendor({ certificate, intermediates }: VendorRootRecord): TrustedVendor[] {
  const root = parseCertificate(certificate);
  if (!root.ok) return [];
  const parsed = intermediates.map((encoding) => parseCertificate(encoding));
  return [{ root: root.value, intermediates: parsed.flatMap((one) => (one.ok ? [one.value] : [])) }];
}

/** More than any vendor has. */
const maximumIntermediates = 256;

/** Records a root as trusted, with intermediates that may help to find paths to it. Logs it, if it is not trusted yet. */
export function trustRoot(
  { store, log }: OpenedStore,
  root: Certificate,
  intermediates: readonly Certificate[],
  at: string,
): void {
  const fingerprint = root.sha256;
  store.transaction(() => {
    const isTrusted = trustedVendor(store, fingerprint) !== undefined;
    // Several operators may bring intermediates for one vendor. They are not trusted, so that more of them do no harm.
    const before = knownVendor(store, fingerprint)?.intermediates ?? [];
    const more = before.filter((one) => !intermediates.some((other) => isSameCertificate(one, other)));
    store.vendorRoots.trust({
      fingerprint,
      certificate: root.der,
      intermediates: [...intermediates, ...more].slice(0, maximumIntermediates).map(({ der }) => der),
      trustedAt: at,
    });
    const subject = { vendor: nameToText(root.subject) };
    if (!isTrusted) log.append({ action: 'vendor-root-trusted', subject, facts: { fingerprint } });
  });
}

/** The trust for eNBs of several vendors together. */
export function combinedTrust(vendors: readonly TrustedVendor[], clock: Clock): EnbTrust {
  return {
    vendorRoots: vendors.map(({ root }) => root),
    intermediates: vendors.flatMap(({ intermediates }) => intermediates),
    crls: [],
    clock,
  };
}

/**
 * Reads a certificate file as a vendor's root for a store. Refuses with `not-a-vendor-root` a certificate that is not a
 * self-signed CA, or that is an operator's own root. Refuses with `training-mismatch` a training root for real data, or
 * the reverse.
 * @param folders below these, symbolic links are not followed
 */
export function readVendorRoot(
  stores: Stores,
  opened: OpenedStore,
  file: string,
  folders: readonly string[],
): Result<Certificate> {
  const certificates = readCertificates(file, folders);
  if (!certificates.ok) return certificates;
  const [root] = certificates.value;
  const lack = keyLack(root.publicKey);
  const where = { file };
  if (lack) return refused(prependWhere(lack, where));
  if (!isSelfSigned(root) || isOperatorRoot(opened.store, root, folders))
    return refuse('not-a-vendor-root', { where });
  return isTrainingCertificate(root) === stores.isTraining(opened)
    ? ok(root)
    : refuse('training-file', { where });
}

/** Whether it is the root of an operator on this laptop. Such a root vouches for no vendor's eNB. */
function isOperatorRoot(store: Store, root: Certificate, folders: readonly string[]): boolean {
  return store.operators.all().some(({ profileFile: file }) => {
    const profile = readProfile(file, folders);
    return profile.ok && profile.value.operatorRoots.some((own) => isSameCertificate(own, root));
  });
}
