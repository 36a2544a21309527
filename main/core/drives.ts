import type { OpenedStore } from '../audit/index.ts';
import {
  findVolume,
  mountDrive,
  verifyAfterRemount,
  verifyAfterReplug,
  type Drive,
  type DriveFolder,
  type DriveVerdict,
  type Expected,
  type ReplugSurroundings,
} from '../drive/index.ts';
import type { EnbTrust } from '../device/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import type { CarriedRecord, Store } from '../store/index.ts';
import {
  aloneOnDrive,
  carry,
  collect,
  expectedOn,
  nameOf,
  noteEjected,
  noteVerdict,
  type CarryItem,
  type CarryOutcome,
  type CollectedReceipt,
} from '../site/index.ts';
import { receiptKeeping } from './receipt-keeping.ts';
import type { Stores } from './stores.ts';
import type { Surroundings } from './surroundings.ts';

/** How long to wait between two looks whether a drive has been pulled out or plugged in, in milliseconds. */
const lookEvery = 500;

/** Removable drives, for all shells: what is written to them, verified, and brought back. */
export class DriveDesk {
  readonly #surroundings: Pick<Surroundings, 'now' | 'drives' | 'pause'>;
  readonly #stores: Stores;

  constructor(surroundings: Pick<Surroundings, 'now' | 'drives' | 'pause'>, stores: Stores) {
    this.#surroundings = surroundings;
    this.#stores = stores;
  }

  /** The removable drives that are plugged in, mounted or not. */
  list(): Promise<Result<readonly Drive[]>> {
    return this.#surroundings.drives.list();
  }

  /** The drive on which a folder lies. */
  find(folder: string): Promise<Result<DriveFolder>> {
    return this.#surroundings.drives.find(folder);
  }

  /** The drive of a volume, mounted if it is not yet. */
  async mounted(volume: string): Promise<Result<DriveFolder & { readonly kind: 'drive' }>> {
    const { drives } = this.#surroundings;
    const found = await findVolume(drives, volume);
    if (!found.ok) return found;
    const { value: drive } = found;
    if (!drive) return refuse('drive-gone');
    const { mountPoint } = drive;
    return mountPoint === undefined ? mountDrive(drives, drive) : ok({ kind: 'drive', mountPoint, drive });
  }

  /** Writes bundles to a drive, each with a request for a receipt; see `carry`. */
  write(
    place: DriveFolder,
    items: readonly CarryItem[],
    options: Parameters<typeof carry>[3],
  ): Promise<Result<readonly CarryOutcome[]>> {
    const { drives } = this.#surroundings;
    return carry(place, items, { ...receiptKeeping(this.#stores, undefined), drives }, options);
  }

  /** Takes the drive out and in again, and compares what is on it with what was written from this computer. */
  verify(place: DriveFolder, trust: EnbTrust, opened: OpenedStore): Promise<Result<DriveVerdict>> {
    return this.#verifyBy(place, trust, opened, async (expected) =>
      place.kind === 'drive'
        ? verifyAfterRemount(this.#surroundings.drives, place.drive, expected)
        : refuse('drive-replug-needed', { where: { file: place.mountPoint } }),
    );
  }

  /** The same, once a person has pulled the drive out and plugged it in again. */
  verifyAfterReplug(
    place: DriveFolder,
    trust: EnbTrust,
    opened: OpenedStore,
    { onState, signal }: Omit<ReplugSurroundings, 'pause'>,
  ): Promise<Result<DriveVerdict>> {
    return this.#verifyBy(place, trust, opened, (expected) =>
      verifyAfterReplug(this.#surroundings.drives, place, expected, {
        onState,
        pause: () => this.#surroundings.pause(lookEvery),
        ...(signal && { signal }),
      }),
    );
  }

  #verifyBy(
    place: DriveFolder,
    trust: EnbTrust,
    opened: OpenedStore,
    look: (expected: Expected) => Promise<Result<DriveVerdict>>,
  ): Promise<Result<DriveVerdict>> {
    return this.#alone(place, async () => {
      const records = recordsOn(opened.store, place);
      if (records.length === 0) return refuse('drive-nothing-written', { found: nameOf(place) });
      const verdict = await look(expectedOn(records, trust));
      if (verdict.ok) noteVerdict(opened, verdict.value, this.#surroundings.now);
      return verdict;
    });
  }

  /** Makes a drive safe to pull out; what is verified on it is then on its way. */
  eject(place: DriveFolder & { readonly kind: 'drive' }, opened: OpenedStore): Promise<Result<void>> {
    return this.#alone(place, async () => {
      const ejected = await this.#surroundings.drives.eject(place.drive);
      if (ejected.ok) noteEjected(opened, place.drive.volume, this.#surroundings.now);
      return ejected;
    });
  }

  /** No other window or command may take the drive out while it is being written. */
  #alone<Value>(place: DriveFolder, work: () => Promise<Result<Value>>): Promise<Result<Value>> {
    return aloneOnDrive(place, receiptKeeping(this.#stores, undefined), work);
  }

  /** Reads the receipts on a drive; those that prove a delivery are kept, as files in `out` or in the data folder. */
  collect(
    mountPoint: string,
    trusts: readonly EnbTrust[],
    opened: OpenedStore,
    {
      out,
      pause,
    }: { readonly out?: string | undefined; readonly pause?: Parameters<typeof collect>[4] } = {},
  ): Promise<Result<readonly CollectedReceipt[]>> {
    return collect(mountPoint, trusts, opened, receiptKeeping(this.#stores, out), pause);
  }
}

/** What should be on a drive. One that the operating system does not know is known by its folder. */
export function recordsOn(store: Store, place: DriveFolder): readonly CarriedRecord[] {
  const records = store.carried.onVolume(place.kind === 'drive' ? place.drive.volume : '');
  const written = records.filter(({ folder }) => folder !== '');
  return place.kind === 'drive' ? written : written.filter(({ drive }) => drive === place.mountPoint);
}
