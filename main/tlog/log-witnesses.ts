import type { SignedHead } from './checkpoint.ts';
import { verifyCosignature } from './cosignature.ts';
import type { LogPoint } from './log-problem.ts';
import { keyIdOf, type NoteCrypto, type VerifierKey } from './note.ts';

/** The cosignatures under the valid checkpoints and heads of a log. */
export class Cosignatures {
  readonly #crypto: NoteCrypto;
  readonly #known: ReadonlyMap<string, VerifierKey>;
  /** Of each known witness, the largest head that it saw. */
  readonly #seen = new Map<string, LogPoint>();
  readonly #unknown = new Map<string, LogPoint>();

  constructor(crypto: NoteCrypto, keys: readonly VerifierKey[]) {
    this.#crypto = crypto;
    this.#known = new Map(keys.map((key) => [`${key.name} ${keyIdOf(key, crypto)}`, key]));
  }

  /** Takes a valid checkpoint of the log. False if a known witness did not make a cosignature that bears its key id. */
  take({ origin, size, note }: SignedHead): boolean {
    for (const { name, keyId } of note.signatures) {
      if (name === origin) continue;
      const key = this.#known.get(`${name} ${keyId}`);
      if (!key) {
        this.#unknown.set(name, { code: 'witness-unknown', facts: { witness: name } });
        continue;
      }
      const time = verifyCosignature(note, key, this.#crypto);
      if (time === undefined) return false;
      const facts = { witness: name, size, time: timeOf(time) };
      if (Number(this.#seen.get(name)?.facts['size'] ?? 0) <= size)
        this.#seen.set(name, { code: 'witnessed', facts });
    }
    return true;
  }

  /** The size of the largest head that a known witness saw. */
  get newest(): number {
    return Math.max(0, ...this.seen.map(({ facts }) => Number(facts['size'])));
  }

  get seen(): readonly LogPoint[] {
    return [...this.#seen.values()];
  }

  get unknown(): readonly LogPoint[] {
    return [...this.#unknown.values()];
  }
}

/** RFC 3339, UTC, whole seconds. A time that no calendar has stays a number. */
function timeOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : `${date.toISOString().slice(0, 19)}Z`;
}
