import { join } from 'node:path';
import { openLog, type OpenedStore } from '../audit/index.ts';
import { ok, type Result } from '../faults/index.ts';
import { claimDataFolder, openStore, type Store } from '../store/index.ts';
import type { Surroundings } from './surroundings.ts';

/** The store for real data and the one for training: opened when first needed, closed together. */
export class Stores {
  readonly #surroundings: Surroundings;
  readonly #opened = new Map<boolean, OpenedStore>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** The folder of a store. */
  folder(training: boolean): string {
    const { dataFolder } = this.#surroundings;
    return training ? join(dataFolder, 'training') : dataFolder;
  }

  /** Makes the data folder this user's alone. Anything that is put into it waits for that. */
  claim(): Result<void, 'store-unusable'> {
    return claimDataFolder(this.#surroundings.dataFolder);
  }

  /** Opens a store, or gives the one that is open. The audit log names the person as the operating system does. */
  open(training: boolean): Result<OpenedStore, 'store-unusable' | 'store-newer' | 'store-locked'> {
    const known = this.#opened.get(training);
    if (known) return ok(known);
    const claimed = this.claim();
    if (!claimed.ok) return claimed;
    const store = openStore(this.folder(training));
    if (!store.ok) return store;
    const { now, monotonic, bootId, userName } = this.#surroundings;
    const actor = { name: userName, standing: 'declared' } as const;
    const opened = {
      store: store.value,
      log: openLog(store.value, { actor, bootId, training, now, monotonic }),
    };
    this.#opened.set(training, opened);
    return ok(opened);
  }

  /** Whether it is the store for training. */
  isTraining(opened: OpenedStore): boolean {
    return this.#opened.get(true) === opened;
  }

  /** What work that keeps something in the stores needs of its surroundings. */
  surroundings() {
    const { process, bootId, now, newId, isAlive } = this.#surroundings;
    return {
      now,
      newId,
      openStore: (training: boolean) => this.open(training),
      takeLease: (store: Store, work: string) => store.leases.take(work, { process, bootId }, now(), isAlive),
    };
  }

  /** Closes both. */
  close(): void {
    for (const { store } of this.#opened.values()) store.close();
    this.#opened.clear();
  }
}
