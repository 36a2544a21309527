import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { appendRefusals, type OpenedStore } from '../audit/index.ts';
import type { Bundle } from '../bundle/index.ts';
import type { EnbTrust } from '../device/index.ts';
import { ok, prependWhere, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { exactly, nameToText, shortName } from '../pki/index.ts';
import { readBundle, Trusts } from './bundle-file.ts';
import type { Core } from './core.ts';
import { combinedTrust, enbTrust, trustedVendors, type TrustedVendor } from './vendors.ts';

/** The trust in a vendor at a moment. */
interface JobTrust extends EnbTrust {
  readonly vendor?: TrustedVendor;
  readonly requireFreshCrl?: boolean;
}

/**
 * The trusts under which bundles become jobs, made once for all that are opened together.
 * @param more what comes with the bundles: newer CRLs, and whether they must be current
 */
export function jobTrusts(
  { store }: OpenedStore,
  at: Date,
  more: Partial<Pick<JobTrust, 'crls' | 'requireFreshCrl'>> = {},
): Trusts<JobTrust> {
  const clock = exactly(at);
  const vendors = trustedVendors(store).map((vendor) => ({ ...enbTrust(vendor, clock), ...more, vendor }));
  // The empty trust comes first, so that a fault in the bundle is found even on a laptop that trusts no vendor yet.
  return new Trusts<JobTrust>([combinedTrust([], clock), ...vendors]);
}

/** A file that may be a bundle. */
interface NamedFile {
  readonly name: string;
  /** A fault for a file that the shell no longer knows. */
  readonly path: Result<string>;
}

/** The result of opening bundle files. */
export interface AddedJobs {
  /** The ids of the new jobs. */
  readonly added: readonly string[];
  /** How many bundles were jobs before. */
  readonly known: number;
  /** How many jobs are superseded by these. */
  readonly superseded: number;
  readonly refused: readonly { readonly name: string; readonly fault: Fault }[];
}

/**
 * Makes jobs of the bundle files that the eNBs of a trusted vendor would accept. A bundle that only lacks that trust is
 * refused with `vendor-not-trusted`: `expected` has the vendor's name, and `where.certificate` the subject of its root.
 * @param pause is called before each file; a fault stops the work there
 */
export async function addJobs(
  core: Core,
  opened: OpenedStore,
  files: readonly NamedFile[],
  pause: () => Promise<Fault | undefined> = () => Promise.resolve(undefined),
  folders: readonly string[] = [],
): Promise<Result<AddedJobs>> {
  // Bundles that are opened together are added at the same moment, so that a list by time keeps their sites in order.
  const at = core.surroundings.now();
  const added: string[] = [];
  const notTaken: { name: string; fault: Fault; sha256?: string }[] = [];
  let known = 0;
  let stopped: Fault | undefined;
  const before = putAway(opened, at);
  const trusts = jobTrusts(opened, at);
  for (const { name, path } of files) {
    stopped = await pause();
    if (stopped) break;
    const read = path.ok ? readBundle(path.value, folders) : path;
    const job = read.ok
      ? addJob(core, opened, read.value, path.ok ? path.value : name, { at, trusts })
      : read;
    if (!job.ok) notTaken.push({ name, fault: job.fault, ...(read.ok && { sha256: read.value.sha256 }) });
    else if (job.value.isNew) added.push(job.value.id);
    else known += 1;
  }
  const facts = {
    taken: added.length,
    known,
    refused: notTaken.length,
    ...(stopped && { stoppedBy: stopped.code }),
  };
  opened.store.transaction(() => {
    appendRefusals(opened.log, 'bundle-not-opened', notTaken);
    opened.log.append({ action: 'bundles-opened', subject: {}, facts });
  });
  if (stopped) return refused(stopped);
  const notAdded = notTaken.map(({ name, fault }) => ({ name, fault }));
  return ok({ added, known, superseded: putAway(opened, at) - before, refused: notAdded });
}

/** How many jobs are put away. */
export function putAway({ store }: OpenedStore, now: Date): number {
  const nothing = { filter: '', sort: 'updatedAt', descending: false, offset: 0, limit: 0 };
  return store.jobs.list({ ...nothing, part: 'put-away', now, running: [] }).counts['put-away'];
}

/** Makes jobs of all bundle files in a folder; see `addJobs`. */
export async function addJobsIn(
  core: Core,
  opened: OpenedStore,
  folder: string,
  pause?: () => Promise<Fault | undefined>,
  folders?: readonly string[],
): Promise<Result<AddedJobs>> {
  let names: readonly string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.p7m'));
  } catch (error) {
    return refuse('file-unreadable', { where: { file: folder }, found: errorCode(error) });
  }
  const files = names.map((name) => ({ name, path: ok(join(folder, name)) }));
  return addJobs(core, opened, files, pause, folders);
}

/**
 * Makes a job of a bundle, if an eNB of a trusted vendor would accept it.
 * @param file where it comes from, for a fault
 */
export function addJob(
  { surroundings }: Core,
  { store, log }: OpenedStore,
  bundle: Bundle,
  file: string,
  { at, trusts }: { readonly at: Date; readonly trusts: ReturnType<typeof jobTrusts> },
): Result<{ readonly id: string; readonly isNew: boolean }> {
  const accepted = trusts.accept(bundle);
  if (!accepted.ok) return refused(prependWhere(withMissingRoot(accepted.fault, bundle), { file }));
  const { judged, trust } = accepted.value;
  const { vendor } = trust;
  if (!vendor || !judged.signer) throw new Error('A bundle is accepted under a root');
  const { configuration, bundleSha256 } = judged;
  const { enb, site, operator, bundleId, sequence } = configuration;
  const record = {
    id: surroundings.newId(),
    siteId: site.id,
    siteName: site.name,
    hwType: enb.hwType,
    serialNumber: enb.serialNumber,
    operator: operator.name,
    epoch: judged.signer.epoch,
    sequence,
    validFrom: configuration.notBefore,
    validUntil: configuration.notAfter,
    bundle: bundle.bytes,
    bundleSha256,
    rootFingerprint: vendor.root.sha256,
    addedAt: at.toISOString(),
  };
  return ok(
    store.transaction(() => {
      const job = store.jobs.add(record);
      const { serialNumber, hwType } = enb;
      const subject = { serialNumber, hwType, site: site.id };
      const facts = { bundleId, sequence, bundleSha256 };
      if (job.isNew) log.append({ action: 'bundle-opened', subject, facts });
      return job;
    }),
  );
}

/** Only the trust in a root is missing: names the root that the bundle claims. */
function withMissingRoot(fault: Fault, bundle: Bundle): Fault {
  if (fault.code !== 'signer-untrusted') return fault;
  const root = bundle.claimedRoot;
  return {
    code: 'vendor-not-trusted',
    ...(root && { expected: shortName(root), where: { certificate: nameToText(root) } }),
  };
}
