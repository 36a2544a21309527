import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenedStore } from '../audit/index.ts';
import type { EnbTrust } from '../device/index.ts';
import { ok, refuse, refused, type Fault, type Refused, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { exactly } from '../pki/index.ts';
import { readBundleFile } from './bundle-file.ts';
import type { Core } from './core.ts';
import { combinedTrust, enbTrust, trustedVendors, type TrustedVendor } from './vendors.ts';

type KnownTrust = EnbTrust & { readonly vendor?: TrustedVendor };

/** Makes a job of a bundle file that the eNBs of a trusted vendor would accept. Returns its id. */
export function addJob(
  { surroundings: { now, newId } }: Core,
  { store }: OpenedStore,
  file: string,
  folders: readonly string[] = [],
): Result<string> {
  const clock = exactly(now());
  // The empty trust comes first, so that a fault in the bundle is found even on a laptop that trusts no vendor yet.
  const nobody: KnownTrust = combinedTrust([], clock);
  const vendors = trustedVendors(store).map((vendor): KnownTrust => ({ ...enbTrust(vendor, clock), vendor }));
  const bundle = readBundleFile(file, [nobody, ...vendors], folders);
  if (!bundle.ok) {
    const { fault } = bundle;
    return fault.code === 'signer-untrusted' ? refuse('vendor-not-trusted', { where: { file } }) : bundle;
  }
  const { judged, trust } = bundle.value;
  const { vendor } = trust;
  if (!vendor) throw new Error('A bundle is accepted under a root');
  const { configuration, bundleSha256 } = judged;
  return ok(
    store.jobs.add({
      id: newId(),
      siteId: configuration.site.id,
      siteName: configuration.site.name,
      hwType: configuration.enb.hwType,
      serialNumber: configuration.enb.serialNumber,
      operator: configuration.operator.name,
      sequence: configuration.sequence,
      validFrom: configuration.notBefore,
      validUntil: configuration.notAfter,
      bundle: bundle.value.bundle.bytes,
      bundleSha256,
      rootFingerprint: vendor.root.sha256,
      addedAt: now().toISOString(),
    }),
  );
}

/**
 * Makes jobs of the bundle files in a folder. Takes every good file, then refuses with the fault of the first bad one,
 * if any.
 * @param pause is called before each file; a fault stops the work there
 */
export async function addJobsIn(
  core: Core,
  opened: OpenedStore,
  folder: string,
  pause: () => Promise<Fault | undefined> = () => Promise.resolve(undefined),
  folders: readonly string[] = [],
): Promise<Result<{ added: number }>> {
  let files: readonly string[];
  try {
    files = readdirSync(folder).filter((name) => name.endsWith('.p7m'));
  } catch (error) {
    return refuse('file-unreadable', { where: { file: folder }, found: errorCode(error) });
  }
  let bad: Refused | undefined;
  for (const name of files) {
    const stopped = await pause();
    if (stopped) return refused(stopped);
    const added = addJob(core, opened, join(folder, name), folders);
    if (!added.ok) bad ??= added;
  }
  return bad ?? ok({ added: files.length });
}
