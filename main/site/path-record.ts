import type { PathPlace } from '../../preload/contract/steps.ts';
import type { OpenedStore } from '../audit/index.ts';
import type { Fault } from '../faults/index.ts';
import type { PathCheck } from '../path/index.ts';
import type { JobRecord } from '../store/index.ts';

/** What was checked from one place, or why nothing could be. */
export interface PathFromPlace {
  readonly place: PathPlace;
  /** When the checks started, RFC 3339 with milliseconds. */
  readonly checkedAt: string;
  readonly checks: readonly PathCheck[];
  readonly fault?: Fault | undefined;
}

/** Keeps the checks of the path with a job, in place of the last ones from the same place. */
export function keepPath({ store }: OpenedStore, { bundleSha256 }: JobRecord, path: PathFromPlace): void {
  store.pathReports.put({ fault: undefined, ...path, bundleSha256 });
}

/** Logs that the path was checked, if it was. */
export function logPath(
  { log }: OpenedStore,
  { siteId: site, serialNumber, hwType }: JobRecord,
  { place, checks }: PathFromPlace,
): void {
  if (checks.length === 0) return;
  const failures = checks.filter(({ outcome }) => outcome === 'failed');
  const faults = [...new Set(failures.flatMap(({ fault }) => fault?.code ?? []))];
  const facts = { place, checks: checks.length, failed: failures.length, faults };
  log.append({ action: 'path-checked', subject: { site, serialNumber, hwType }, facts });
}
