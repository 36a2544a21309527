import type { OpenedStore } from '../audit/index.ts';
import { Bundle, type Configuration } from '../bundle/index.ts';
import type { EnbTrust } from '../device/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { ProbeLimit } from '../ike/index.ts';
import { checkPath, clockBeside, type PathCheck } from '../path/index.ts';
import { keepPath, logPath, noteConnection, pathFromEnb, type PathFromPlace } from '../site/index.ts';
import { storeFault, type JobRecord } from '../store/index.ts';
import type { Core } from './core.ts';
import { readBundleFile } from './bundle-file.ts';
import { connectionTo, type EnbAddress, type EnbConnection } from './enbs.ts';
import { trustOf } from './trust-files.ts';

/** For how long the laptop's last checks of a job are good enough, in milliseconds: gateways must not be asked again sooner. */
const recent = 30_000;

/** What to check, and where to report. */
export interface PathTask {
  /** Whether the vendor's root and intermediates are at the gateways. */
  readonly trust: Pick<EnbTrust, 'vendorRoots' | 'intermediates'>;
  /** The eNB that checks as well. */
  readonly connection?: EnbConnection | undefined;
  /** Of all checks from this laptop. */
  readonly limit: ProbeLimit;
  /** Called with what one place has so far, whenever it changes. */
  readonly onProgress: (path: PathFromPlace) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Checks the path to the gateways of a bundle from this laptop. There is no clock yet to compare with its own. */
export function pathFromLaptop(
  { surroundings: { network } }: Core,
  configuration: Configuration,
  { trust, limit, signal }: Pick<PathTask, 'trust' | 'limit' | 'signal'>,
  onChecks: (checks: readonly PathCheck[]) => void = () => undefined,
): Promise<Result<readonly PathCheck[]>> {
  const { vendorRoots, intermediates } = trust;
  const clock = clockBeside(undefined, new Date(0));
  const checks: PathCheck[] = [];
  return checkPath(
    { configuration, vendorRoots, intermediates, clock },
    { network, limit },
    (check) => {
      checks.push(check);
      onChecks([...checks]);
    },
    signal,
  );
}

/** The same checks with the outcome for the eNB's clock beside the laptop's. */
function withClock(checks: readonly PathCheck[], enb: Date | undefined, laptop: Date): readonly PathCheck[] {
  return checks.map((check) => (check.check === 'clock' ? clockBeside(enb, laptop) : check));
}

/** What a command checks: the path to the gateways of a bundle file, from the laptop, and that of an eNB, from there. */
export interface PathRequest extends EnbAddress {
  readonly file?: string | undefined;
}

/**
 * Checks the path to the gateways of a bundle file from this laptop. With the address of an eNB, also has that one check;
 * it must then hold the file's bundle, if there is one. Refuses with `usage-invalid` if there is neither.
 */
export async function pathOfFile(
  core: Core,
  { file, ...address }: PathRequest,
  onPlace: (place: PathFromPlace['place']) => void,
): Promise<Result<readonly PathFromPlace[]>> {
  const { now, monotonic } = core.surroundings;
  const isEnbAsked = address.ethernet !== undefined || address.usb !== undefined;
  if (file === undefined && !isEnbAsked) return refuse('usage-invalid', { rule: 'bundle-or-enb' });
  const trust = trustOf(core, address.trust);
  if (!trust.ok) return trust;
  const connection = isEnbAsked ? connectionTo(core, address) : ok(undefined);
  if (!connection.ok) return connection;
  const read = file === undefined ? ok(undefined) : readBundleFile(file, [trust.value]);
  if (!read.ok) return read;
  const from = (place: PathFromPlace['place']) => {
    onPlace(place);
    return { place, checkedAt: now().toISOString(), checks: [] };
  };
  const places: PathFromPlace[] = [];
  const judged = read.value?.judged;
  if (judged) {
    const fresh = from('laptop');
    const [root, ...below] = judged.signer?.path ?? [];
    const intermediates = [...trust.value.intermediates, ...below];
    const roots = { vendorRoots: root ? [root] : [], intermediates };
    const limit = new ProbeLimit(monotonic);
    const checks = await pathFromLaptop(core, judged.configuration, { trust: roots, limit });
    if (!checks.ok) return checks;
    places.push({ ...fresh, checks: checks.value });
  }
  if (!connection.value) return ok(places);
  const fresh = from('enb');
  const subject = judged && { enb: judged.configuration.enb, bundleSha256: judged.bundleSha256 };
  let [laptop] = places;
  const answer = await pathFromEnb({ ...connection.value, ...(subject && { subject }) }, (clock) => {
    const own = laptop ?? {
      place: 'laptop',
      checkedAt: fresh.checkedAt,
      checks: [clockBeside(undefined, now())],
    };
    laptop = { ...own, checks: withClock(own.checks, clock, now()) };
  });
  const enb = answer.ok ? { ...fresh, checks: answer.value } : { ...fresh, fault: answer.fault };
  return ok([...(laptop ? [laptop] : []), enb]);
}

/**
 * Checks the path to the gateways of a job's bundle: from this laptop, unless it has just done that, and with a connection
 * also from the eNB, which must be the job's and hold its bundle. All of it is kept with the job, and logged.
 */
export async function pathOfJob(
  core: Core,
  opened: OpenedStore,
  job: JobRecord,
  { connection, onProgress, ...task }: PathTask,
): Promise<Result<void>> {
  const { now } = core.surroundings;
  const { configuration } = new Bundle(job.bundle);
  if (!configuration.ok) return configuration;
  try {
    const kept = recentChecks(opened, job, now());
    const fresh = { place: 'laptop', checkedAt: now().toISOString(), checks: [] } as const;
    const made = kept
      ? ok(kept.checks)
      : await pathFromLaptop(core, configuration.value, task, (checks) => onProgress({ ...fresh, checks }));
    if (!made.ok) return made;
    const laptop = { ...(kept ?? fresh), checks: made.value };
    keepPath(opened, job, laptop);
    if (!kept) logPath(opened, job, laptop);
    onProgress(laptop);
    if (!connection) return ok(undefined);

    const enb = { place: 'enb', checkedAt: now().toISOString(), checks: [] } as const;
    onProgress(enb);
    const { hwType, serialNumber, bundleSha256 } = job;
    const subject = { enb: { hwType, serialNumber }, bundleSha256 };
    const answer = await pathFromEnb(
      { ...connection, subject },
      (clock) => {
        const compared = { ...laptop, checks: withClock(laptop.checks, clock, now()) };
        keepPath(opened, job, compared);
        onProgress(compared);
      },
      (found) => noteConnection(opened, { site: job.siteId, enb: subject.enb }, found),
    );
    if (!answer.ok && answer.fault.code === 'cancelled') return answer;
    const reported = answer.ok ? { ...enb, checks: answer.value } : { ...enb, fault: answer.fault };
    keepPath(opened, job, reported);
    logPath(opened, job, reported);
    return ok(undefined);
  } catch (error) {
    return storeFault(error);
  }
}

/** The laptop's last checks of a job, if they are recent. */
function recentChecks(
  { store }: OpenedStore,
  { bundleSha256 }: JobRecord,
  now: Date,
): PathFromPlace | undefined {
  const last = store.pathReports.of(bundleSha256).find(({ place }) => place === 'laptop');
  if (!last) return undefined;
  const { bundleSha256: _, ...path } = last;
  const age = now.getTime() - Date.parse(path.checkedAt);
  return age >= 0 && age < recent ? path : undefined;
}
