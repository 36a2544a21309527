import type { FileHandle, Output } from '../../../preload/contract/index.ts';
import { isRootCertificate } from '../../bundle/index.ts';
import type { EnbTrust } from '../../device/index.ts';
import { ok, prependWhere, refuse, refused, type Result } from '../../faults/index.ts';
import {
  isTrainingCertificate,
  nameToText,
  parseCertificate,
  type Certificate,
  type Clock,
} from '../../pki/index.ts';
import type { Store, VendorRootRecord } from '../../store/index.ts';
import { readCertificates } from '../trust-files.ts';
import type { Handlers } from './api.ts';
import type { ApiContext } from './context.ts';

type RootView = Output<'vendors.look'>;

export function vendorHandlers(
  context: ApiContext,
): Handlers<'vendors.list' | 'vendors.look' | 'vendors.trust'> {
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
      context.changed('app', 'log');
      return ok({});
    },
  };
}

function readRoot(context: ApiContext, file: FileHandle): Result<Certificate> {
  const path = context.pathOf(file);
  if (!path.ok) return path;
  const certificates = readCertificates(path.value);
  if (!certificates.ok) return refused(prependWhere(certificates.fault, { file: file.name }));
  const [root] = certificates.value;
  if (!isRootCertificate(root)) return refuse('not-a-ca', { where: { file: file.name } });
  const door = context.door();
  const isTraining = door.ok && door.value === 'training';
  return isTrainingCertificate(root) === isTraining
    ? ok(root)
    : refuse('training-mismatch', { where: { file: file.name } });
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

/** By what an eNB of the vendor is believed at a time. */
export function enbTrust({ root, intermediates }: TrustedVendor, clock: Clock): EnbTrust {
  return { vendorRoots: [root], intermediates, crls: [], clock };
}

export function trustedVendors(store: Store): readonly TrustedVendor[] {
  return store.setup.vendorRoots().flatMap(toTrustedVendor);
}

export function trustedVendor(store: Store, fingerprint: string): TrustedVendor | undefined {
  return store.setup
    .vendorRoots()
    .filter((record) => record.fingerprint === fingerprint)
    .flatMap(toTrustedVendor)[0];
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
