import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import {
  modes,
  type AppState,
  type DeliveryPhase,
  type FollowingPhase,
  type PathPlace,
  type Mode,
  type DrivePhase,
  type FileHandle,
  type RunPhase,
  type Topic,
  type TrainingFault,
  type TrainingView,
  type Tried,
} from '../../preload/contract/index.ts';
import type { OpenedStore } from '../audit/index.ts';
import { refuse, ok, type Result } from '../faults/index.ts';
import { isBehindLink } from '../files/index.ts';
import { permit, UnlockedKeys, type Core, type Stores, type Surroundings } from '../core/index.ts';
import { Works } from '../work/index.ts';

/** The options that the shell passes to the core at start. */
export interface ApiOptions {
  readonly shell: AppState['shell'];
  /** Folders that `files.list` may read. Below them, symbolic links are not followed. */
  readonly folders: readonly string[];
}

/** The lab for training. */
export interface Training {
  /** The surroundings in training, with emulated devices. */
  readonly surroundings: Surroundings;
  /** Calls back when the lab's eNBs, jobs, operator, stick or fault changed. */
  onChanged(listener: () => void): void;
  /** Makes the lab the first time, and switches its eNBs on. Calling it again changes nothing. */
  start(): Promise<Result<void>>;
  view(): Result<TrainingView>;
  noteTried(what: Tried): void;
  setFault(fault: TrainingFault | null): Promise<Result<void>>;
  moveStick(to: string): Promise<Result<void>>;
  /** Deletes everything of training, unless this refuses right before. Says when that is done, and starts a new one. */
  restart(refuseIfBusy: () => Result<void>, onDeleted: () => void): Promise<Result<void>>;
}

/** The kinds of work that the window starts, and their phases. */
export interface WorkPhases {
  readonly 'certificate-import': 'importing';
  readonly delivery: DeliveryPhase;
  readonly drive: DrivePhase | 'ejecting' | 'collecting';
  readonly identification: 'identifying';
  readonly 'log-export': 'writing';
  readonly 'log-verification': 'reading';
  readonly opening: 'opening';
  readonly path: PathPlace;
  readonly run: RunPhase;
  readonly steps: FollowingPhase;
}

/** A kind of work. */
interface WorkKind {
  /** What it changes always, and in addition when it ends. */
  readonly topics: readonly Topic[];
  readonly atEnd: readonly Topic[];
  /** Sleep stops it: its connection would be lost, or it holds a key. Other work continues afterwards. */
  readonly stopsInSleep: boolean;
  /** The computer must not fall asleep before it ends. An eNB may take any time for its steps. */
  readonly keepsAwake: boolean;
}

const workKinds: Readonly<Record<keyof WorkPhases, WorkKind>> = {
  'certificate-import': { topics: ['operators'], atEnd: ['log'], stopsInSleep: false, keepsAwake: true },
  delivery: { topics: ['jobs'], atEnd: ['log'], stopsInSleep: true, keepsAwake: true },
  drive: { topics: ['jobs'], atEnd: ['log'], stopsInSleep: false, keepsAwake: true },
  identification: { topics: [], atEnd: ['log'], stopsInSleep: true, keepsAwake: true },
  'log-export': { topics: ['log'], atEnd: [], stopsInSleep: false, keepsAwake: true },
  'log-verification': { topics: ['log'], atEnd: [], stopsInSleep: false, keepsAwake: true },
  opening: { topics: [], atEnd: ['jobs', 'log'], stopsInSleep: false, keepsAwake: true },
  path: { topics: ['jobs'], atEnd: ['log'], stopsInSleep: true, keepsAwake: true },
  run: { topics: ['runs'], atEnd: ['log'], stopsInSleep: true, keepsAwake: true },
  steps: { topics: ['jobs'], atEnd: ['log'], stopsInSleep: true, keepsAwake: false },
};

/** The kinds of work of which something is true. */
function kindsThat(is: 'stopsInSleep' | 'keepsAwake'): readonly (keyof WorkPhases)[] {
  return (Object.keys(workKinds) as (keyof WorkPhases)[]).filter((kind) => workKinds[kind][is]);
}

const [stoppedBySleep, keepingAwake] = [kindsThat('stopsInSleep'), kindsThat('keepsAwake')];

/** The name under which the start choice is stored. It is older than the word mode. */
export const modeSetting = 'door';

/** The state that the handlers share. */
export class ApiContext implements Core {
  readonly stores: Stores;
  readonly options: ApiOptions;
  readonly keys: UnlockedKeys;
  readonly training: Training;
  readonly works = new Works<WorkPhases>((kind, hasEnded) => {
    const { topics: always, atEnd } = workKinds[kind];
    const topics = hasEnded ? [...always, ...atEnd] : always;
    if (topics.length > 0) this.changed(...topics);
    this.#noteBusy();
  });
  readonly #surroundings: Surroundings;
  readonly #files = new Map<string, string>();
  /** Handles by path. A path that is listed repeatedly keeps its handle. */
  readonly #handles = new Map<string, FileHandle>();
  readonly #ends: (() => Promise<void>)[] = [];
  #isBusy = false;
  #onBusy: (isBusy: boolean) => void = () => undefined;
  readonly #listeners = new Set<(topics: readonly Topic[]) => void>();

  constructor({ surroundings, stores }: Core, options: ApiOptions, training: Training) {
    this.#surroundings = surroundings;
    this.stores = stores;
    this.options = options;
    this.training = training;
    training.onChanged(() => this.changed('enbs', 'jobs', 'operators', 'training'));
    this.keys = new UnlockedKeys(surroundings, stores, () => this.changed('operators', 'log'));
  }

  /** The outside world. In training, its devices are the lab's. */
  get surroundings(): Surroundings {
    return this.isTraining() ? this.training.surroundings : this.#surroundings;
  }

  /** The choice on the start screen of this laptop. Null before the first, and for training that is not allowed any more. */
  mode(): Result<Mode | null> {
    const opened = this.stores.open(false);
    if (!opened.ok) return opened;
    const chosen = opened.value.store.settings.get(modeSetting);
    const mode = modes.find((one) => one === chosen);
    const isPermitted = mode !== 'training' || permit(this.#surroundings, 'training').ok;
    return ok((isPermitted && mode) || null);
  }

  /** Whether training was chosen on the start screen. */
  isTraining(): boolean {
    const mode = this.mode();
    return mode.ok && mode.value === 'training';
  }

  /** Notes what the user has tried, if this is training. */
  noteTried(what: Tried): void {
    if (this.isTraining()) this.training.noteTried(what);
  }

  /** The current store: training data in training, otherwise real data. */
  store(): Result<OpenedStore> {
    const mode = this.mode();
    return mode.ok ? this.stores.open(mode.value === 'training') : mode;
  }

  /** A handle for a path that the user chose. */
  registerFile(path: string): FileHandle {
    const known = this.#handles.get(path);
    if (known) return known;
    const handle = { id: randomBytes(16).toString('hex'), name: basename(path).slice(0, 255) };
    this.#files.set(handle.id, path);
    this.#handles.set(path, handle);
    return handle;
  }

  /**
   * The path of a handle. Refuses with `file-unreadable` a handle that this core did not issue. Refuses likewise if a
   * symbolic link has since replaced the file or a folder on its path.
   */
  pathOf({ id, name }: FileHandle): Result<string, 'file-unreadable'> {
    const path = this.#files.get(id);
    return path === undefined ? refuse('file-unreadable', { where: { file: name } }) : this.inPlace(path);
  }

  /** Like `pathOf`, for a stored path. The reader must check again: `readFile` with `options.folders`. */
  inPlace(path: string): Result<string, 'file-unreadable'> {
    return isBehindLink(path, this.options.folders)
      ? refuse('file-unreadable', { where: { file: basename(path) }, found: 'a symbolic link' })
      : ok(path);
  }

  /** Reports the topics that changed, until the returned function is called. */
  onChanged(listener: (topics: readonly Topic[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells listeners that data behind these topics changed. */
  changed(...topics: readonly Topic[]): void {
    for (const listener of this.#listeners) listener(topics);
  }

  /** Calls back whenever work starts or ends that the computer must stay awake for. Replaces an earlier listener. */
  onBusy(listener: (isBusy: boolean) => void): void {
    this.#onBusy = listener;
  }

  #noteBusy(): void {
    const isBusy = this.works.isRunning(keepingAwake);
    if (isBusy === this.#isBusy) return;
    this.#isBusy = isBusy;
    this.#onBusy(isBusy);
  }

  /**
   * The computer is about to sleep, or has slept: stops work that cannot survive that, and locks all keys. Their
   * connections close at once, because an eNB serves one at a time.
   */
  sleep(): void {
    this.works.stopKinds(stoppedBySleep, 'interrupted-by-sleep');
    this.keys.lockAll('sleep');
  }

  /** Registers an action for when the core closes. */
  onClose(end: () => Promise<void>): void {
    this.#ends.push(end);
  }

  /** Stops all work in progress, and locks all keys. The stores must still be open. */
  async close(): Promise<void> {
    await Promise.all([this.works.stopAll(), ...this.#ends.map((end) => end())]);
    this.keys.lockAll('ended');
  }

  /** The current time, in the store's format. */
  timestamp(): string {
    return this.surroundings.now().toISOString();
  }
}
