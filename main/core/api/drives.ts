import type { CollectedView, DriveView } from '../../../preload/contract/index.ts';
import type { OpenedStore } from '../../audit/index.ts';
import type { Drive, DriveFolder, DriveVerdict } from '../../drive/index.ts';
import type { EnbTrust } from '../../device/index.ts';
import { ok, refuse, refused, type Result } from '../../faults/index.ts';
import { exactly } from '../../pki/index.ts';
import type { CarryItem, CollectedReceipt } from '../../site/index.ts';
import { DriveDesk } from '../drives.ts';
import type { Handlers } from './handlers.ts';
import type { Work } from '../../work/index.ts';
import type { ApiContext, WorkPhases } from './context.ts';
import { enbTrust, trustedVendor, trustedVendors } from './vendors.ts';
import { faultView } from './views.ts';

type DriveCalls = 'drives.list' | 'drives.write' | 'drives.verify' | 'drives.eject' | 'drives.collect';

/** The answer of a call that has nothing to answer. */
type Nothing = Record<string, never>;

/** A drive as the operating system knows it, mounted. */
type Place = DriveFolder & { readonly kind: 'drive' };

/** Removable drives for the jobs on this laptop. */
export function driveHandlers(context: ApiContext): Handlers<DriveCalls> {
  const drives = new JobDrives(context);
  return {
    'drives.list': () => drives.list(),
    'drives.write': ({ volume, jobIds, confirmedSerialNumbers }) =>
      drives.write(volume, jobIds, confirmedSerialNumbers),
    'drives.verify': ({ volume, replug }) => drives.verify(volume, replug),
    'drives.eject': ({ volume }) => drives.eject(volume),
    'drives.collect': ({ volume }) => drives.collect(volume),
  };
}

/** Removable drives for the jobs on this laptop. */
class JobDrives {
  readonly #context: ApiContext;
  readonly #desk: DriveDesk;

  constructor(context: ApiContext) {
    this.#context = context;
    this.#desk = new DriveDesk(context.surroundings, context.stores);
  }

  async list(): Promise<Result<DriveView[]>> {
    const drives = await this.#desk.list();
    return drives.ok ? ok(drives.value.map(driveView)) : drives;
  }

  /** Writes and, when all is written, verifies. */
  async write(
    volume: string,
    jobIds: readonly string[],
    confirmedSerialNumbers: readonly string[],
  ): Promise<Result<Nothing>> {
    const opened = this.#context.store();
    if (!opened.ok) return opened;
    const items = this.#itemsOf(opened.value, jobIds, confirmedSerialNumbers);
    if (!items.ok) return items;
    return this.#work(volume, 'writing', async (work) => {
      const total = items.value.length;
      work.report({ phase: 'writing', done: 0, total });
      const place = await this.#desk.mounted(volume);
      if (!place.ok) return place;
      let done = 0;
      const onOutcome = () => work.report({ phase: 'writing', done: ++done, total });
      const written = await this.#desk.write(place.value, items.value, { onOutcome, signal: work.signal });
      if (!written.ok) return written;
      const bad = written.value.find(({ fault }) => fault)?.fault;
      if (bad) return refused(bad);
      work.report({ phase: 'verifying', done, total });
      return this.#verify(place.value, opened.value);
    });
  }

  async verify(volume: string, replug: boolean): Promise<Result<Nothing>> {
    const opened = this.#context.store();
    if (!opened.ok) return opened;
    return this.#work(volume, 'verifying', async (work) => {
      const place = await this.#desk.mounted(volume);
      if (!place.ok) return place;
      if (!replug) return this.#verify(place.value, opened.value);
      const trust = this.#trustOfAll(opened.value);
      const verdict = await this.#desk.verifyAfterReplug(place.value, trust, opened.value, {
        onState: (phase) => work.report({ phase, done: 0, total: 0 }),
        signal: work.signal,
      });
      return verdict.ok ? toResult(verdict.value) : verdict;
    });
  }

  async #verify(place: Place, opened: OpenedStore): Promise<Result<Nothing>> {
    const verdict = await this.#desk.verify(place, this.#trustOfAll(opened), opened);
    return verdict.ok ? toResult(verdict.value) : verdict;
  }

  /** One work at a time on each drive. */
  #work<Value>(
    volume: string,
    phase: WorkPhases['drive'],
    action: (work: Work<WorkPhases['drive']>) => Promise<Result<Value>>,
  ): Promise<Result<Value>> {
    // A drive's fault says why its bundles are not safely on it. Ejecting and collecting do not change that.
    const keepsFault = phase === 'writing' || phase === 'verifying';
    return this.#context.works.run({ kind: 'drive', subject: volume, phase, keepsFault }, action);
  }

  async eject(volume: string): Promise<Result<Nothing>> {
    const opened = this.#context.store();
    if (!opened.ok) return opened;
    return this.#work(volume, 'ejecting', async () => {
      const place = await this.#desk.mounted(volume);
      if (!place.ok) return place;
      const ejected = await this.#desk.eject(place.value, opened.value);
      return ejected.ok ? ok({}) : ejected;
    });
  }

  async collect(volume: string): Promise<Result<{ drive: string; receipts: CollectedView[] }>> {
    const opened = this.#context.store();
    if (!opened.ok) return opened;
    return this.#work(volume, 'collecting', async (work) => {
      const place = await this.#desk.mounted(volume);
      if (!place.ok) return place;
      const trusts = trustedVendors(opened.value.store).map((vendor) => this.#trust(vendor));
      const pause = () => work.pause();
      const receipts = await this.#desk.collect(place.value.mountPoint, trusts, opened.value, { pause });
      return receipts.ok
        ? ok({ drive: place.value.drive.name, receipts: receipts.value.map(collectedView) })
        : receipts;
    });
  }

  /** What is to be written for jobs; refuses unless the person has confirmed just these eNBs, each of them once. */
  #itemsOf(
    { store }: OpenedStore,
    jobIds: readonly string[],
    confirmed: readonly string[],
  ): Result<readonly CarryItem[]> {
    const items: CarryItem[] = [];
    const enbs = new Set<string>();
    for (const [place, id] of jobIds.entries()) {
      const job = store.jobs.get(id);
      if (!job) return refuse('not-found', { where: { field: 'job' } });
      const vendor = trustedVendor(store, job.root_fingerprint);
      if (!vendor) return refuse('vendor-not-trusted');
      const { serial_number: expected, hw_type: hwType, bundle } = job;
      const found = confirmed[place];
      if (found !== expected)
        return refuse('enb-mismatch', { expected, ...(found !== undefined && { found }) });
      // The second would take the place of the first on the drive.
      if (enbs.has(`${hwType} ${expected}`)) return refuse('usage-invalid', { found: expected });
      enbs.add(`${hwType} ${expected}`);
      items.push({ bundle, trust: this.#trust(vendor) });
    }
    return ok(items);
  }

  #trust(vendor: Parameters<typeof enbTrust>[0]): EnbTrust {
    return enbTrust(vendor, exactly(this.#context.surroundings.now()));
  }

  /** A drive can carry bundles for the eNBs of several vendors. */
  #trustOfAll({ store }: OpenedStore): EnbTrust {
    const trusts = trustedVendors(store).map((vendor) => this.#trust(vendor));
    return {
      vendorRoots: trusts.flatMap(({ vendorRoots }) => vendorRoots),
      intermediates: trusts.flatMap(({ intermediates }) => intermediates),
      crls: [],
      clock: exactly(this.#context.surroundings.now()),
    };
  }
}

/** The store has the verdict; what stands against pulling the drive out is the fault. */
function toResult(verdict: DriveVerdict): Result<Nothing> {
  if (verdict.kind === 'verified') return ok({});
  if (verdict.kind === 'verified-not-ejected') return refused(verdict.fault);
  const damaged = verdict.entries.find((entry) => entry.state === 'damaged');
  return damaged?.state === 'damaged' ? refused(damaged.fault) : refuse('drive-damaged');
}

function driveView({ volume, name, size, free, readOnly }: Drive): DriveView {
  return { volume, name, size, readOnly, ...(free !== undefined && { free }) };
}

function collectedView(receipt: CollectedReceipt): CollectedView {
  switch (receipt.kind) {
    case 'proven':
      return { kind: 'proven', name: receipt.enb.serialNumber };
    case 'refused': {
      const fault = faultView({ code: 'bundle-refused', found: receipt.failed.join(', ') });
      return { kind: 'refused', name: receipt.enb.serialNumber, fault };
    }
    case 'known':
      return { kind: 'known', name: receipt.folder };
    case 'unusable':
      return { kind: 'unusable', name: receipt.folder, fault: faultView(receipt.fault) };
  }
}
