import type { PathPlace } from '../../preload/contract/steps.ts';
import type { OpenedStore } from '../audit/index.ts';
import type { Fault } from '../faults/index.ts';
import type { PathCheck } from '../path/index.ts';
import type { JobRecord } from '../store/index.ts';

/** What was checked from one place, or why nothing could be. */
export interface PathFromPlace {
  readonly place: PathPlace;
  readonly checks: readonly PathCheck[];
  readonly fault?: Fault | undefined;
}

/** Keeps the checks of the path with a job, in place of the last ones from the same place, and logs new ones. */
export function notePath(
  { store, log }: OpenedStore,
  { bundleSha256, siteId: site, serialNumber, hwType }: JobRecord,
  { place, checks, fault }: PathFromPlace,
  now: () => Date,
): void {
  store.transaction(() => {
    store.pathReports.put({ bundleSha256, place, checkedAt: now().toISOString(), checks, fault });
    if (checks.length === 0) return;
    const failures = checks.filter(({ outcome }) => outcome === 'failed');
    const codes = [...new Set(failures.flatMap(({ fault: reason }) => reason?.code ?? []))];
    const facts = { place, checks: checks.length, failed: failures.length, faults: codes };
    log.append({ action: 'path-checked', subject: { site, serialNumber, hwType }, facts });
  });
}
