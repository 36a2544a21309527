import { hash, randomBytes } from 'node:crypto';
import { reasonOf, type AuditLog, type OpenedStore } from '../audit/index.ts';
import { Bundle, type Configuration } from '../bundle/index.ts';
import {
  writeToDrive,
  type DriveEntry,
  type DriveFolder,
  type DriveSystem,
  type DriveVerdict,
  type Expected,
  type WriteOutcome,
} from '../drive/index.ts';
import type { EnbTrust, ReceiptRequest } from '../device/index.ts';
import { fault, ok, refuse, type Fault, type Result } from '../faults/index.ts';
import type { EnbIdentity } from '../pki/index.ts';
import type { CarriedState } from '../../preload/contract/steps.ts';
import type { CarriedRecord, Store } from '../store/index.ts';
import { judgeForDelivery } from './delivery-judgement.ts';
import { underLease, type TakeLease } from '../work/index.ts';
import type { ReceiptSurroundings } from './receipts.ts';

/** The outside world, as writing to a drive needs it. */
export interface CarrySurroundings extends ReceiptSurroundings {
  readonly drives: DriveSystem;
  readonly takeLease: TakeLease;
}

/** A bundle, and the trust that it and the eNB's receipt are judged by. */
export interface CarryItem {
  readonly bundle: Bundle;
  readonly trust: EnbTrust;
}

/** The result for one bundle of several. Results keep the order of the bundles. */
export interface CarryOutcome {
  readonly enb: EnbIdentity;
  readonly bundleSha256: string;
  readonly state: CarriedState;
  readonly fault?: Fault;
}

interface JudgedItem extends CarryItem {
  readonly sha256: string;
  readonly configuration: Configuration;
}

/**
 * Writes bundles to a drive, each with a request for a receipt. First judges every bundle as its eNB will, and refuses
 * with the fault of the first that fails.
 *
 * Each bundle and its request are in the store before anything is written. So a receipt is recognised even if this
 * process dies. A bundle keeps its request (challenge and head of the audit log) until a receipt answers it, because it
 * may be on two drives and either may bring the receipt.
 */
export async function carry(
  place: DriveFolder,
  items: readonly CarryItem[],
  surroundings: CarrySurroundings,
  options: { readonly onOutcome?: (outcome: CarryOutcome) => void; readonly signal?: AbortSignal } = {},
): Promise<Result<readonly CarryOutcome[]>> {
  const judged = judgeAll(items);
  if (!judged.ok) return judged;
  const opened = surroundings.openStore(judged.value[0]?.configuration.training ?? false);
  if (!opened.ok) return opened;
  const carrying = new Carrying(opened.value, place, surroundings);
  return aloneOnDrive(place, surroundings, () => carrying.write(judged.value, options));
}

function judgeAll(items: readonly CarryItem[]): Result<readonly JudgedItem[]> {
  const judged: JudgedItem[] = [];
  for (const item of items) {
    const one = judgeForDelivery(item.bundle, item.trust);
    if (!one.ok) return one;
    const { configuration, bundleSha256: sha256 } = one.value;
    const [first = { configuration }] = judged;
    if (configuration.training !== first.configuration.training) return refuse('training-mismatch');
    judged.push({ ...item, sha256, configuration });
  }
  return ok(judged);
}

class Carrying {
  readonly #store: Store;
  readonly #log: AuditLog;
  readonly #place: DriveFolder;
  readonly #drives: DriveSystem;
  readonly #now: () => Date;

  constructor({ store, log }: OpenedStore, place: DriveFolder, { drives, now }: CarrySurroundings) {
    this.#store = store;
    this.#log = log;
    this.#place = place;
    this.#drives = drives;
    this.#now = now;
  }

  async write(
    items: readonly JudgedItem[],
    {
      onOutcome,
      signal,
    }: { readonly onOutcome?: (outcome: CarryOutcome) => void; readonly signal?: AbortSignal },
  ): Promise<Result<readonly CarryOutcome[]>> {
    const entries = this.#store.transaction(() => {
      const auditHead = this.#log.giveHead();
      return items.map((item) => this.#begin(item, auditHead));
    });
    const written = await writeToDrive(this.#drives, this.#place, entries, {
      onOutcome: (outcome) => {
        const noted = this.#note(outcome);
        onOutcome?.(noted);
      },
      ...(signal && { signal }),
    });
    if (!written.ok) {
      // Nothing was written, so the drive still holds what it held before.
      this.#store.transaction(() => entries.forEach(({ sha256, before }) => this.#restore(sha256, before)));
      return written;
    }
    const outcomes = written.value.map(outcomeOf);
    this.#log.append({
      action: 'drive-written',
      subject: driveOf(this.#place),
      facts: {
        bundles: outcomes.length,
        written: outcomes.filter(({ state }) => state === 'written').length,
      },
    });
    return ok(outcomes);
  }

  #begin(
    { bundle, sha256, configuration }: JudgedItem,
    newestHead: string,
  ): DriveEntry & {
    readonly sha256: string;
    readonly before: CarriedRecord | undefined;
  } {
    const { enb, site, bundleId, sequence } = configuration;
    const before = this.#store.carried.get(sha256);
    const { challenge, auditHead } = before ?? {
      challenge: randomBytes(32).toString('base64'),
      auditHead: newestHead,
    };
    this.#store.carried.put({
      bundleSha256: sha256,
      hwType: enb.hwType,
      serialNumber: enb.serialNumber,
      siteId: site.id,
      bundleId,
      sequence,
      bundle: bundle.bytes,
      state: 'writing',
      volume: this.#place.kind === 'drive' ? this.#place.drive.volume : '',
      drive: nameOf(this.#place),
      folder: '',
      challenge,
      auditHead,
      updatedAt: this.#now().toISOString(),
    });
    const { hwType, serialNumber } = enb;
    const request = requestOf({ challenge, auditHead });
    return { enb: { hwType, serialNumber }, bundle: bundle.bytes, request, sha256, before };
  }

  #restore(sha256: string, before: CarriedRecord | undefined): void {
    if (before) this.#store.carried.put(before);
    else this.#store.carried.remove(sha256);
  }

  #note(written: WriteOutcome): CarryOutcome {
    const outcome = outcomeOf(written);
    const record = this.#store.carried.get(outcome.bundleSha256);
    if (!record) return outcome;
    const { siteId: site, serialNumber, hwType, bundleId, sequence, bundleSha256 } = record;
    this.#store.transaction(() => {
      if (outcome.state === 'written') {
        const { folder } = written.entry;
        this.#forgetFolder(record, folder);
        this.#store.carried.put({
          ...record,
          folder,
          state: 'written',
          updatedAt: this.#now().toISOString(),
        });
      }
      this.#log.append({
        action: 'drive-bundle-written',
        subject: { ...driveOf(this.#place), site, serialNumber, hwType },
        facts: { bundleId, sequence, bundleSha256, ...(outcome.fault && reasonOf(outcome.fault)) },
      });
    });
    return outcome;
  }

  /** Writing replaces the earlier bundle of the same eNB in this folder, so that one is no longer on the drive. */
  #forgetFolder({ volume, drive, bundleSha256: sha256 }: CarriedRecord, folder: string): void {
    const others = this.#store.carried
      .onVolume(volume)
      .filter((one) => one.drive === drive && one.folder === folder && one.bundleSha256 !== sha256);
    for (const one of others) this.#store.carried.put({ ...one, folder: '', state: 'writing' });
  }
}

/** The name of a drive, for the user. */
export function nameOf(place: DriveFolder): string {
  return place.kind === 'drive' ? place.drive.name : place.mountPoint;
}

/** A drive in the log: its volume, because its label may bear someone's name. */
export function driveOf(place: DriveFolder): { readonly drive?: string } {
  return place.kind === 'drive' ? { drive: place.drive.volume } : {};
}

/**
 * Works on a drive while no other process does. The lease is in the store of real data, because training uses the same
 * drives.
 */
export async function aloneOnDrive<Value>(
  place: DriveFolder,
  { openStore, takeLease }: Pick<CarrySurroundings, 'openStore' | 'takeLease'>,
  work: () => Promise<Result<Value>>,
): Promise<Result<Value>> {
  const opened = openStore(false);
  return opened.ok ? underLease(opened.value.store, takeLease, driveWork(place), work) : opened;
}

/** The name of a drive's work in leases. */
export function driveWork(place: DriveFolder): string {
  return `drive ${place.kind === 'drive' ? place.drive.volume : place.mountPoint}`;
}

function outcomeOf(outcome: WriteOutcome): CarryOutcome {
  const { enb, bundle } = outcome.entry;
  const about = { enb, bundleSha256: hash('sha256', bundle) };
  if (outcome.state === 'written') return { ...about, state: 'written' };
  return { ...about, state: 'writing', fault: outcome.fault ?? fault('cancelled') };
}

/** The request for a receipt that goes with a bundle. */
function requestOf({ challenge, auditHead }: Pick<CarriedRecord, 'challenge' | 'auditHead'>): ReceiptRequest {
  return { challenge, ...(auditHead !== undefined && { auditHead }) };
}

/** What should be on a drive according to the store. Works right after writing, and after a restart of Siteseal. */
export function expectedOn(records: readonly CarriedRecord[], trust: EnbTrust): Expected {
  return {
    entries: records.map((record) => ({
      enb: { hwType: record.hwType, serialNumber: record.serialNumber },
      bundle: record.bundle,
      request: requestOf(record),
      folder: record.folder,
    })),
    judge: (bundle) => {
      const judged = judgeForDelivery(new Bundle(bundle), trust);
      return judged.ok ? ok(undefined) : judged;
    },
  };
}

/**
 * Marks a verified drive as on its way to the site, once it is ejected. For a drive that could not be ejected when it
 * was verified.
 */
export function noteEjected({ store }: OpenedStore, volume: string, now: () => Date): void {
  store.transaction(() => {
    for (const record of store.carried.onVolume(volume)) {
      if (record.state !== 'verified') continue;
      store.carried.put({
        ...record,
        state: 'carried',
        updatedAt: now().toISOString(),
      });
    }
  });
}

/** Keeps the result of a verification. A drive that was also ejected is on its way to the site. */
export function noteVerdict(
  { store, log }: OpenedStore,
  place: DriveFolder,
  verdict: DriveVerdict,
  now: () => Date,
): void {
  const states = verdict.entries.map((one) => {
    const good: CarriedState = verdict.kind === 'verified' ? 'carried' : 'verified';
    return one.state === 'verified'
      ? { entry: one.entry, state: good, reason: undefined }
      : { entry: one.entry, state: 'damaged' as const, reason: one.fault };
  });
  store.transaction(() => {
    for (const { entry, state, reason } of states) {
      const bundleSha256 = hash('sha256', entry.bundle);
      const record = store.carried.get(bundleSha256);
      if (record) store.carried.put({ ...record, state, updatedAt: now().toISOString() });
      const { serialNumber, hwType } = entry.enb;
      const site = record && { site: record.siteId };
      log.append({
        action: 'drive-bundle-verified',
        subject: { ...driveOf(place), serialNumber, hwType, ...site },
        facts: { bundleSha256, ...(reason && reasonOf(reason)) },
      });
    }
    log.append({
      action: 'drive-verified',
      subject: driveOf(place),
      facts: {
        verdict: verdict.kind,
        bundles: states.length,
        damaged: states.filter(({ state }) => state === 'damaged').length,
      },
    });
  });
}
