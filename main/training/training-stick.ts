import { existsSync, readdirSync, renameSync, statSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileNames, type Drive, type DriveFolder, type DriveSystem } from '../drive/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { makeFolder, systemErrorCode } from '../files/index.ts';
import type { FaultEffects } from './training-faults.ts';

const size = 8e9;

/** The part of a place's name that marks an eNB. */
const enbMark = 'enb-';

/**
 * Where the stick is: mounted on the laptop, plugged in there but not mounted, ejected there, in the user's hand, or in
 * an eNB.
 */
type Place = 'laptop' | 'unmounted' | 'ejected' | 'hand' | `${typeof enbMark}${string}`;

/**
 * An emulated removable drive. It is a folder, and its place is the folder's name: so it stays where it is when Siteseal
 * ends, and moves in one step.
 */
export class TrainingStick implements DriveSystem {
  readonly #folder: () => string;
  readonly #places: readonly string[];
  #fault: FaultEffects['stick'];

  /**
   * @param folder of all its places
   * @param serialNumbers of the eNBs that it fits into
   */
  constructor(folder: () => string, serialNumbers: readonly string[]) {
    this.#folder = folder;
    const inEnbs = serialNumbers.map((serialNumber) => `${enbMark}${serialNumber}`);
    this.#places = ['laptop', 'unmounted', 'ejected', 'hand', ...inEnbs];
  }

  setFault(fault: FaultEffects['stick']): void {
    this.#fault = fault;
  }

  /** `laptop`, `ejected`, `hand`, or the serial number of an eNB. */
  where(): string {
    const place = this.#place();
    if (place.startsWith(enbMark)) return place.slice(enbMark.length);
    return place === 'unmounted' ? 'laptop' : place;
  }

  /** The folder with its contents. */
  path(): string {
    return this.#pathOf(this.#place());
  }

  /** Moves it as a hand would: to `laptop`, `hand`, or the serial number of an eNB. */
  move(to: string): Result<void, 'output-unwritable'> {
    return this.#moveTo(to === 'laptop' || to === 'hand' ? to : `${enbMark}${to}`);
  }

  list(): ReturnType<DriveSystem['list']> {
    const drive = this.#drive();
    return Promise.resolve(ok(drive ? [drive] : []));
  }

  find(folder: string): ReturnType<DriveSystem['find']> {
    const drive = this.#drive();
    if (drive?.mountPoint !== folder)
      return Promise.resolve(refuse('drive-gone', { where: { file: folder } }));
    return Promise.resolve(ok<DriveFolder>({ kind: 'drive', mountPoint: drive.mountPoint, drive }));
  }

  unmount({ device }: Drive): ReturnType<DriveSystem['unmount']> {
    if (this.#fault === 'loses-data') loseData(this.path());
    const moved = this.#moveTo(this.#fault === 'pulled-early' ? 'hand' : 'unmounted');
    if (moved.ok) return Promise.resolve(ok(undefined));
    const { found } = moved.fault;
    return Promise.resolve(
      refuse('drive-unmount-failed', { where: { file: device }, ...(found && { found }) }),
    );
  }

  mount({ device }: Drive): ReturnType<DriveSystem['mount']> {
    const isHere = this.#place() === 'unmounted' && this.#moveTo('laptop').ok;
    return Promise.resolve(
      isHere ? ok(undefined) : refuse('drive-remount-failed', { where: { file: device } }),
    );
  }

  eject({ device }: Drive): ReturnType<DriveSystem['eject']> {
    const isHere = this.#drive() !== undefined && this.#moveTo('ejected').ok;
    return Promise.resolve(
      isHere ? ok(undefined) : refuse('drive-eject-failed', { where: { file: device } }),
    );
  }

  /** The drive, if it is in the laptop and not ejected. */
  #drive(): Drive | undefined {
    const place = this.#place();
    if (place !== 'laptop' && place !== 'unmounted') return undefined;
    return {
      device: 'training-stick',
      volume: 'training-stick',
      name: 'Training stick (simulated)',
      mountPoint: place === 'laptop' ? this.#pathOf(place) : undefined,
      size,
      free: place === 'laptop' ? size : undefined,
      fault: undefined,
      fileSystem: 'vfat',
    };
  }

  /** A new stick is in the laptop. Ignores what file managers leave here, such as `.DS_Store`. */
  #place(): Place {
    const folder = this.#folder();
    const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
    const place = entries.find((entry) => entry.isDirectory() && this.#places.includes(entry.name));
    if (place) return place.name as Place;
    makeFolder(this.#pathOf('laptop'), 0o700);
    return 'laptop';
  }

  #pathOf(place: Place): string {
    return join(this.#folder(), place);
  }

  #moveTo(to: Place): Result<void, 'output-unwritable'> {
    const path = this.#pathOf(to);
    try {
      const from = this.#place();
      if (from !== to) renameSync(this.#pathOf(from), path);
    } catch (error) {
      return refuse('output-unwritable', { where: { file: path }, found: systemErrorCode(error) });
    }
    return ok(undefined);
  }
}

/** Cuts every bundle in half. */
function loseData(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, entry);
    if (basename(entry) === fileNames.bundle) truncateSync(path, statSync(path).size >> 1);
  }
}
