import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import {
  doors,
  type AppState,
  type DeliveryPhase,
  type Door,
  type DrivePhase,
  type FileHandle,
  type FoundEnb,
  type RunPhase,
  type Topic,
} from '../../preload/contract/index.ts';
import type { OpenedStore } from '../audit/index.ts';
import { refuse, ok, type Result } from '../faults/index.ts';
import { isBehindLink } from '../files/index.ts';
import { UnlockedKeys, type Core, type Stores, type Surroundings } from '../core/index.ts';
import { Works } from '../work/index.ts';

/** What the shell tells the core at its start. */
export interface ApiOptions {
  readonly shell: AppState['shell'];
  /** Folders that `files.list` may look into. Below them no symbolic link is followed. */
  readonly folders: readonly string[];
}

/** The lab behind the training door. */
export interface Training {
  /** Its eNBs, as they are found. */
  found(): FoundEnb[];
  /** Calls back when its eNBs, jobs or operator have changed. */
  onChanged(listener: () => void): void;
  /** Makes the lab at the first time, and switches its eNBs on. Doing it again changes nothing. */
  start(): Promise<Result<void>>;
}

/** The kinds of work that the window starts, with their phases. */
export interface WorkPhases {
  readonly delivery: DeliveryPhase;
  readonly drive: DrivePhase | 'ejecting' | 'collecting';
  readonly identification: 'identifying';
  readonly opening: 'opening';
  readonly run: RunPhase;
}

/** What the pages show of each kind of work: as it goes, and what its end changes beside that. */
const topicsOfWork: Readonly<
  Record<keyof WorkPhases, readonly [topics: readonly Topic[], atEnd: readonly Topic[]]>
> = {
  delivery: [['jobs'], ['log']],
  drive: [['jobs'], ['log']],
  identification: [[], []],
  opening: [[], ['jobs']],
  run: [['runs'], ['log']],
};

/** What the handlers share. */
export class ApiContext implements Core {
  readonly surroundings: Surroundings;
  readonly stores: Stores;
  readonly options: ApiOptions;
  readonly keys: UnlockedKeys;
  readonly training: Training;
  readonly works = new Works<WorkPhases>((kind, hasEnded) => {
    const [always, atEnd] = topicsOfWork[kind];
    const topics = hasEnded ? [...always, ...atEnd] : always;
    if (topics.length > 0) this.changed(...topics);
  });
  readonly #files = new Map<string, string>();
  /** Handles by path: what is listed again and again keeps its own. */
  readonly #handles = new Map<string, FileHandle>();
  readonly #ends: (() => Promise<void>)[] = [];
  readonly #listeners = new Set<(topics: readonly Topic[]) => void>();

  constructor({ surroundings, stores }: Core, options: ApiOptions, training: Training) {
    this.surroundings = surroundings;
    this.stores = stores;
    this.options = options;
    this.training = training;
    training.onChanged(() => this.changed('enbs', 'jobs', 'operators'));
    this.keys = new UnlockedKeys(surroundings, () => this.changed('operators'));
  }

  /** The door that was chosen on this laptop. */
  door(): Result<Door | null> {
    const opened = this.stores.open(false);
    if (!opened.ok) return opened;
    const chosen = opened.value.store.settings.get('door');
    return ok(doors.find((door) => door === chosen) ?? null);
  }

  /** Whether the door that was chosen is that of training. */
  isTraining(): boolean {
    const door = this.door();
    return door.ok && door.value === 'training';
  }

  /** The store of what is shown: training data behind the training door, real data elsewhere. */
  store(): Result<OpenedStore> {
    const door = this.door();
    return door.ok ? this.stores.open(door.value === 'training') : door;
  }

  /** A handle for a path that the person chose. */
  registerFile(path: string): FileHandle {
    const known = this.#handles.get(path);
    if (known) return known;
    const handle = { id: randomBytes(16).toString('hex'), name: basename(path).slice(0, 255) };
    this.#files.set(handle.id, path);
    this.#handles.set(path, handle);
    return handle;
  }

  /**
   * The path that a handle stands for. Refuses with `file-unreadable` a handle that this core has not given, and one whose
   * file, or a folder on the way to it, a symbolic link has replaced since.
   */
  pathOf({ id, name }: FileHandle): Result<string, 'file-unreadable'> {
    const path = this.#files.get(id);
    return path === undefined ? refuse('file-unreadable', { where: { file: name } }) : this.inPlace(path);
  }

  /** The same for a path that was kept. What reads it looks again: `readFile` with `options.folders`. */
  inPlace(path: string): Result<string, 'file-unreadable'> {
    return isBehindLink(path, this.options.folders)
      ? refuse('file-unreadable', { where: { file: basename(path) }, found: 'a symbolic link' })
      : ok(path);
  }

  /** Tells what has changed, until the function that it returns is called. */
  onChanged(listener: (topics: readonly Topic[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Says that what these topics show is another now. */
  changed(...topics: readonly Topic[]): void {
    for (const listener of this.#listeners) listener(topics);
  }

  /** Is done when the core closes. */
  onClose(end: () => Promise<void>): void {
    this.#ends.push(end);
  }

  /** Ends what is under way, which still needs the stores. */
  async close(): Promise<void> {
    await Promise.all([this.works.stopAll(), ...this.#ends.map((end) => end())]);
  }

  /** Now, as the store keeps times. */
  timestamp(): string {
    return this.surroundings.now().toISOString();
  }
}
