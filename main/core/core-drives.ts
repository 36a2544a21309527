import type { OpenedStore } from '../audit/index.ts';
import type { Drive, DriveFolder, DriveVerdict, ReplugSurroundings } from '../drive/index.ts';
import type { EnbTrust } from '../device/index.ts';
import { ok, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { exactly, isTrainingCertificate } from '../pki/index.ts';
import { maximumBundleFile } from '../office/index.ts';
import type { CarryItem, CarryOutcome, CollectedReceipt } from '../site/index.ts';
import { DriveDesk, recordsOn } from './drives.ts';
import type { Stores } from './stores.ts';
import type { Surroundings } from './surroundings.ts';
import { readTrust, type TrustFiles } from './trust-files.ts';

/** A folder on a removable drive, and by what the eNBs on it are believed. */
export interface DriveAddress {
  readonly drive: string;
  readonly trust: TrustFiles;
}

/** Removable drives by direct call: folders and files by name. */
export class CoreDrives {
  readonly #surroundings: Surroundings;
  readonly #stores: Stores;
  readonly #desk: DriveDesk;

  constructor(surroundings: Surroundings, stores: Stores) {
    this.#surroundings = surroundings;
    this.#stores = stores;
    this.#desk = new DriveDesk(surroundings, stores);
  }

  /** The removable drives that are plugged in. */
  list(): Promise<Result<readonly Drive[]>> {
    return this.#desk.list();
  }

  /**
   * Writes bundle files, each with a request for a receipt, to the removable drive on which a folder lies. What is
   * written is not yet verified.
   */
  async write(
    files: readonly string[],
    { drive, trust }: DriveAddress,
    onOutcome: (outcome: CarryOutcome) => void,
  ): Promise<Result<readonly CarryOutcome[]>> {
    const known = this.#trust(trust);
    if (!known.ok) return known;
    const place = await this.#desk.find(drive);
    if (!place.ok) return place;
    const items: CarryItem[] = [];
    for (const file of files) {
      const bundle = readFile(file, maximumBundleFile);
      if (!bundle.ok) return bundle;
      items.push({ bundle: bundle.value, trust: known.value });
    }
    return this.#desk.write(place.value, items, { onOutcome });
  }

  /**
   * Verifies what was written from this computer to a removable drive: takes it out and in again, or with `replug` waits
   * until a person has.
   */
  async verify(
    { drive, trust }: DriveAddress,
    replug: ReplugSurroundings['onState'] | undefined,
  ): Promise<Result<DriveVerdict>> {
    const known = this.#trust(trust);
    if (!known.ok) return known;
    const place = await this.#desk.find(drive);
    if (!place.ok) return place;
    const opened = this.#storeOf(place.value);
    if (!opened.ok) return opened;
    return replug
      ? this.#desk.verifyAfterReplug(place.value, known.value, opened.value, { onState: replug })
      : this.#desk.verify(place.value, known.value, opened.value);
  }

  /** Reads the receipts on a removable drive, or in a copy of its folders. */
  async collect(
    { drive, trust }: DriveAddress,
    out: string | undefined,
  ): Promise<Result<readonly CollectedReceipt[]>> {
    const known = this.#trust(trust);
    if (!known.ok) return known;
    const training = known.value.vendorRoots.some(isTrainingCertificate);
    const opened = this.#stores.open(training);
    return opened.ok ? this.#desk.collect(drive, [known.value], opened.value, { out }) : opened;
  }

  /** The store that knows of something on a drive. */
  #storeOf(place: DriveFolder): Result<OpenedStore> {
    const real = this.#stores.open(false);
    if (!real.ok || recordsOn(real.value.store, place).length > 0) return real;
    return this.#stores.open(true);
  }

  #trust(files: TrustFiles): Result<EnbTrust> {
    const trust = readTrust(files);
    return trust.ok ? ok({ ...trust.value, clock: exactly(this.#surroundings.now()) }) : trust;
  }
}
