import { join } from 'node:path';
import { openLog, type AuditLog, type OpenedStore } from '../audit/index.ts';
import { ok, type Result } from '../faults/index.ts';
import { claimDataFolder, discardStore, openStore, storeFault, type Store } from '../store/index.ts';
import { fillEpochs } from './old-jobs.ts';
import type { Surroundings } from './surroundings.ts';
import { productVersion } from './version.ts';

/** The store for real data and the store for training. Each opens on first use; both close together. */
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

  /** Makes the data folder accessible to this user alone. Must run before anything is put into it. */
  claim(): Result<void, 'store-unusable'> {
    return claimDataFolder(this.#surroundings.dataFolder);
  }

  /** Opens a store, or returns the open one. The audit log records the user by their operating system name. */
  open(training: boolean): Result<OpenedStore, 'store-unusable' | 'store-newer' | 'store-locked'> {
    const known = this.#opened.get(training);
    if (known) return ok(known);
    const claimed = this.claim();
    if (!claimed.ok) return claimed;
    const folder = this.folder(training);
    const store = openStore(folder);
    if (!store.ok) return store;
    let log: AuditLog;
    try {
      fillEpochs(store.value);
      log = openLog(store.value, { ...this.#surroundings, folder, training, version: productVersion() });
    } catch (error) {
      store.value.close();
      return storeFault(error);
    }
    const opened = { store: store.value, log };
    this.#opened.set(training, opened);
    return ok(opened);
  }

  /**
   * Deletes everything of training: the store, and the files of the lab. The next `open` makes a new store. Refuses
   * with `store-locked` while another process has the store open. The caller makes sure that nothing uses it here.
   */
  discardTraining(): Result<void, 'store-unusable' | 'store-locked'> {
    const claimed = this.claim();
    if (!claimed.ok) return claimed;
    this.#opened.get(true)?.store.close();
    this.#opened.delete(true);
    const folder = this.folder(true);
    return discardStore(folder, `${folder}-old`);
  }

  /** Whether it is the store for training. */
  isTraining(opened: OpenedStore): boolean {
    return this.#opened.get(true) === opened;
  }

  /** What work that writes to the stores needs from its surroundings. */
  surroundings() {
    const { process, bootId, now, newId, isAlive, processors } = this.#surroundings;
    return {
      now,
      newId,
      processors,
      openStore: (training: boolean) => this.open(training),
      takeLease: (store: Store, work: string) => store.leases.take(work, { process, bootId }, now(), isAlive),
    };
  }

  /** Closes both stores. */
  close(): void {
    for (const { store, log } of this.#opened.values()) {
      try {
        log.close();
      } catch (error) {
        // The disk is full, or someone else holds the store: the next process says that this one ended.
        storeFault(error);
      }
      store.close();
    }
    this.#opened.clear();
  }
}
