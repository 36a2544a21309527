import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Drive, DriveSystem } from '../../main/drive/index.ts';
import { fault, ok, refuse } from '../../main/faults/index.ts';

/** What is wrong with a stick or with the operating system's handling of it. */
export interface Ailments {
  /** Writes are acknowledged and not stored. */
  readonly lies?: boolean;
  readonly readOnly?: boolean;
  readonly ejectFails?: boolean;
}

/**
 * A model of a removable drive with the operating system's cache above it, on plain folders, so that it outlives every
 * process. `mount` is what the system shows, `medium` what the stick holds. Unmounting copies what was written from one
 * to the other. What was flushed to the drive and renamed survives being pulled out. A file that was not flushed may be
 * cut anywhere.
 */
export class Stick {
  readonly medium: string;
  readonly mountPoint: string;
  readonly #gone: string;
  readonly #volume: string;

  constructor(folder: string) {
    this.#volume = basename(folder);
    this.medium = join(folder, 'medium');
    this.mountPoint = join(folder, 'mount');
    this.#gone = join(folder, 'gone');
    mkdirSync(this.medium, { recursive: true });
  }

  get isMounted(): boolean {
    return existsSync(this.mountPoint);
  }

  get isPluggedIn(): boolean {
    return !existsSync(this.#gone);
  }

  /** Plugs it in; the system mounts it. */
  plugIn(): void {
    rmSync(this.#gone, { force: true });
    this.mount();
  }

  mount(): void {
    if (!this.isMounted) cpSync(this.medium, this.mountPoint, { recursive: true });
  }

  /** Writes out the system's cache; true when a lying stick has lost some of it. */
  unmount(lies = false): boolean {
    if (!this.isMounted) return false;
    const before = lies ? bundlesIn(this.medium) : [];
    rmSync(this.medium, { recursive: true });
    cpSync(this.mountPoint, this.medium, { recursive: true });
    rmSync(this.mountPoint, { recursive: true });
    const lost = lies ? bundlesIn(this.medium).filter((file) => !before.includes(file)) : [];
    for (const file of lost) truncateSync(file, 0);
    return lost.length > 0;
  }

  /** Pulls it out in its current state. */
  pullOut(): void {
    const files = this.isMounted ? readdirSync(this.mountPoint, { recursive: true, encoding: 'utf8' }) : [];
    this.unmount();
    for (const file of files.filter((name) => name.endsWith('.part')))
      truncateSync(join(this.medium, file), 1);
    writeFileSync(this.#gone, '');
  }

  /**
   * The operating system with this stick and no other. `at` receives each action; `onFired` is called when an ailment
   * occurs.
   */
  system(ailments: Ailments, at: (place: string) => void, onFired: () => void): DriveSystem {
    const drive = (): Drive => ({
      device: '/dev/soak1',
      volume: this.#volume,
      name: `stick ${this.#volume}`,
      mountPoint: this.isMounted ? this.mountPoint : undefined,
      size: 16e9,
      free: 15e9,
      fault: ailments.readOnly === true ? fault('drive-read-only') : undefined,
      fileSystem: 'vfat',
    });
    return {
      list: () => Promise.resolve(ok(this.isPluggedIn ? [drive()] : [])),
      find: (folder) => {
        at('found');
        if (ailments.readOnly) onFired();
        const isThere = this.isPluggedIn && this.isMounted && folder === this.mountPoint;
        return Promise.resolve(
          isThere
            ? ok({ kind: 'drive', mountPoint: this.mountPoint, drive: drive() })
            : refuse('drive-gone', { where: { file: folder } }),
        );
      },
      unmount: () => {
        if (this.unmount(ailments.lies)) onFired();
        at('unmounted');
        return Promise.resolve(ok(undefined));
      },
      mount: () => {
        this.mount();
        at('mounted');
        return Promise.resolve(ok(undefined));
      },
      eject: ({ device }) => {
        if (ailments.ejectFails) {
          onFired();
          return Promise.resolve(refuse('drive-eject-failed', { where: { file: device } }));
        }
        this.unmount();
        writeFileSync(this.#gone, '');
        return Promise.resolve(ok(undefined));
      },
    };
  }
}

function bundlesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => basename(name) === 'bundle.p7m')
    .map((name) => join(folder, name));
}
