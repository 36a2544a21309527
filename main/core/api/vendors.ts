import type { FileHandle, Output } from '../../../preload/contract/index.ts';
import { isRootCertificate } from '../../bundle/index.ts';
import type { EnbTrust } from '../../device/index.ts';
import { ok, prependWhere, refuse, refused, type Result } from '../../faults/index.ts';
import {
  isSameCertificate,
  isSelfIssued,
  isTrainingCertificate,
  keyLack,
  nameToText,
  parseCertificate,
  verifySignature,
  type Certificate,
  type Clock,
} from '../../pki/index.ts';
import type { Store, VendorRootRecord } from '../../store/index.ts';
import { readProfile } from '../../office/index.ts';
import { readCertificates } from '../trust-files.ts';
import type { Handlers } from './handlers.ts';
import type { ApiContext } from './context.ts';

type RootView = Output<'vendors.look'>;

/** The vendor roots that a person has introduced. */
export function vendorHandlers(
  context: ApiContext,
): Handlers<'vendors.list' | 'vendors.look' | 'vendors.trust' | 'vendors.distrust'> {
  return {
    'vendors.list': () => {
      const opened = context.store();
      if (!opened.ok) return opened;
      return ok(trustedVendors(opened.value.store).map(({ root }) => rootView(root)));
    },
    'vendors.look': ({ file }) => {
      const root = readRoot(context, file);
      return root.ok ? ok(rootView(root.value)) : root;
    },
    'vendors.trust': ({ file, fingerprint }) => {
      const root = readRoot(context, file);
      if (!root.ok) return root;
      const found = root.value.sha256;
      if (found !== fingerprint) return refuse('vendor-root-changed', { expected: fingerprint, found });
      const opened = context.store();
      if (!opened.ok) return opened;
      const { store, log } = opened.value;
      store.transaction(() => {
        trustRoot(store, root.value, [], context.timestamp());
        log.append({
          action: 'vendor-root-trusted',
          subject: { vendor: nameToText(root.value.subject) },
          facts: { fingerprint },
        });
      });
      context.changed('app', 'jobs', 'log');
      return ok({});
    },
    'vendors.distrust': ({ fingerprint }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { store, log } = opened.value;
      const vendor = trustedVendor(store, fingerprint);
      if (!vendor) return refuse('not-found', { where: { field: 'vendor' } });
      const idle = context.works.refuseIfAny('identification');
      if (!idle.ok) return idle;
      store.transaction(() => {
        store.setup.withdrawVendorRoot(fingerprint, context.timestamp());
        log.append({
          action: 'vendor-root-distrusted',
          subject: { vendor: nameToText(vendor.root.subject) },
          facts: { fingerprint },
        });
      });
      context.changed('app', 'jobs', 'log');
      return ok({});
    },
  };
}

function readRoot(context: ApiContext, file: FileHandle): Result<Certificate> {
  const path = context.pathOf(file);
  if (!path.ok) return path;
  const certificates = readCertificates(path.value, context.options.folders);
  if (!certificates.ok) return refused(prependWhere(certificates.fault, { file: file.name }));
  const [root] = certificates.value;
  const lack = keyLack(root.publicKey);
  if (lack) return refused(prependWhere(lack, { file: file.name }));
  if (!isSelfSigned(root) || isOperatorRoot(context, root))
    return refuse('not-a-vendor-root', { where: { file: file.name } });
  return isTrainingCertificate(root) === context.isTraining()
    ? ok(root)
    : refuse('training-mismatch', { where: { file: file.name } });
}

/** Whether it is a CA's certificate, issued and signed by itself: not one below a root. */
function isSelfSigned(root: Certificate): boolean {
  if (!isRootCertificate(root) || !isSelfIssued(root)) return false;
  return verifySignature(root.signatureAlgorithm, root.publicKey, root.tbs, root.signature);
}

/** Whether an operator on this laptop has it as its own root: it stands behind no eNB of a vendor. */
function isOperatorRoot(context: ApiContext, root: Certificate): boolean {
  const opened = context.store();
  if (!opened.ok) return false;
  return opened.value.store.setup.operators().some(({ profile_file: file }) => {
    const profile = readProfile(file, context.options.folders);
    return profile.ok && profile.value.operatorRoots.some((own) => isSameCertificate(own, root));
  });
}

function rootView(root: Certificate): RootView {
  return {
    fingerprint: root.sha256,
    subject: nameToText(root.subject),
    until: root.notAfter.toISOString(),
  };
}

/** A vendor whose root a person has introduced. */
export interface TrustedVendor {
  readonly root: Certificate;
  readonly intermediates: readonly Certificate[];
}

/** A vendor whose root is trusted, or was and is kept for the jobs that came under it. */
export interface KnownVendor extends TrustedVendor {
  readonly isTrusted: boolean;
}

/** By what an eNB of the vendor is believed at a time. */
export function enbTrust({ root, intermediates }: TrustedVendor, clock: Clock): EnbTrust {
  return { vendorRoots: [root], intermediates, crls: [], clock };
}

/** The vendors that are trusted now. */
export function trustedVendors(store: Store): readonly TrustedVendor[] {
  return store.setup.vendorRoots().flatMap(toTrustedVendor);
}

/** The vendor of a root, by the root's SHA-256 in lower-case hex; undefined when it is not trusted now. */
export function trustedVendor(store: Store, fingerprint: string): TrustedVendor | undefined {
  const vendor = knownVendor(store, fingerprint);
  return vendor?.isTrusted ? vendor : undefined;
}

/** The same, also when it is not trusted any more; undefined when it never was. */
export function knownVendor(store: Store, fingerprint: string): KnownVendor | undefined {
  const record = store.setup.vendorRoot(fingerprint);
  const [vendor] = record ? toTrustedVendor(record) : [];
  return vendor && { ...vendor, isTrusted: record?.withdrawn_at === null };
}

function toTrustedVendor({ certificate, intermediates }: VendorRootRecord): TrustedVendor[] {
  const root = parseCertificate(certificate);
  if (!root.ok) return [];
  const encodings = JSON.parse(intermediates) as readonly string[];
  const parsed = encodings.map((encoding) => parseCertificate(Buffer.from(encoding, 'base64')));
  return [{ root: root.value, intermediates: parsed.flatMap((one) => (one.ok ? [one.value] : [])) }];
}

/** Notes a root as trusted, with intermediates that may help to find paths to it. */
export function trustRoot(
  store: Store,
  root: Certificate,
  intermediates: readonly Certificate[],
  at: string,
): void {
  store.setup.trustVendorRoot({
    fingerprint: root.sha256,
    certificate: root.der,
    intermediates: JSON.stringify(intermediates.map(({ der }) => Buffer.from(der).toString('base64'))),
    trusted_at: at,
  });
}
