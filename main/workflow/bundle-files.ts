import { createHash } from 'node:crypto';
import {
  close,
  closeSync,
  fsync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { der } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import type { EnbIdentity } from '../pki/index.ts';
import { clear, errorCode, syncFolder } from './files.ts';

const suffix = '.p7m';

/** Names that Windows keeps for devices, whatever the extension. */
const reservedName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * The file name of each eNB's bundle: its serial number, or with a mark of its identity where two would clash without
 * regard to case, or Windows reserves the name.
 */
export function bundleFileNames(enbs: readonly EnbIdentity[]): readonly string[] {
  const counts = new Map<string, number>();
  const folded = enbs.map(({ serialNumber }) => serialNumber.toLowerCase());
  for (const name of folded) counts.set(name, (counts.get(name) ?? 0) + 1);
  return enbs.map((enb, index) => {
    const clashes = (counts.get(folded[index] ?? '') ?? 0) > 1 || reservedName.test(enb.serialNumber);
    return `${enb.serialNumber}${clashes ? `~${identityMark(enb)}` : ''}${suffix}`;
  });
}

/** The first 8 hex digits of SHA-256 over the DER of hwType and the octets of the serial number. */
function identityMark({ hwType, serialNumber }: EnbIdentity): string {
  const hash = createHash('sha256').update(der.oid(hwType)).update(Buffer.from(serialNumber, 'latin1'));
  return hash.digest('hex').slice(0, 8);
}

/** Bundles on their way to the disk at a time: enough to keep the disk busy while the next ones are made. */
const maximumInFlight = 128;
const temporarySuffix = '.part';

/**
 * Writes many files into one folder, each there whole or not at all: under a temporary name, forced to the disk,
 * then renamed. Forcing happens behind the back of the caller, who awaits `flush` before believing any of it.
 */
export class BundleFiles {
  readonly #folder: string;
  readonly #inFlight = new Set<Promise<void>>();
  #error: unknown;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The names of the files that are there; none where there is no folder yet. */
  list(): Result<ReadonlySet<string>, 'output-unwritable'> {
    try {
      return ok(new Set(readdirSync(this.#folder).filter((name) => name.endsWith(suffix))));
    } catch (error) {
      return errorCode(error) === 'ENOENT' ? ok(new Set()) : this.#refuse(error);
    }
  }

  /** Makes the folder, and clears what an interrupted run left half written. */
  open(): Result<void, 'output-unwritable'> {
    try {
      mkdirSync(this.#folder, { recursive: true });
      for (const name of readdirSync(this.#folder))
        if (name.endsWith(suffix + temporarySuffix)) rmSync(join(this.#folder, name), { force: true });
      return ok(undefined);
    } catch (error) {
      return this.#refuse(error);
    }
  }

  async write(name: string, bytes: Uint8Array): Promise<Result<void, 'output-unwritable'>> {
    const path = join(this.#folder, name);
    try {
      const file = openSync(path + temporarySuffix, 'w', 0o644);
      try {
        writeFileSync(file, bytes); // all of it: a disk that fills up takes a part without complaint at first
      } catch (error) {
        closeSync(file);
        throw error;
      }
      const done = this.#complete(file, path);
      this.#inFlight.add(done);
      void done.finally(() => this.#inFlight.delete(done));
    } catch (error) {
      this.#error ??= error;
      clear(path + temporarySuffix);
    }
    if (this.#inFlight.size >= maximumInFlight) await Promise.race(this.#inFlight);
    return this.#error === undefined ? ok(undefined) : this.#refuse(this.#error);
  }

  async #complete(file: number, path: string): Promise<void> {
    try {
      await fsyncFile(file).finally(() => closeFile(file));
      renameSync(path + temporarySuffix, path);
    } catch (error) {
      this.#error ??= error;
      clear(path + temporarySuffix);
    }
  }

  /** Waits until all that was written is on the disk under its name. */
  async flush(): Promise<Result<void, 'output-unwritable'>> {
    await Promise.all(this.#inFlight);
    if (this.#error !== undefined) return this.#refuse(this.#error);
    try {
      syncFolder(this.#folder);
      return ok(undefined);
    } catch (error) {
      return this.#refuse(error);
    }
  }

  #refuse(error: unknown): Result<never, 'output-unwritable'> {
    return refuse('output-unwritable', { where: { file: this.#folder }, found: errorCode(error) });
  }
}

const fsyncFile = promisify(fsync);
const closeFile = promisify(close);
