import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { maximumSequence, verdictSchema } from '../bundle/index.ts';
import { fields, readDocument } from '../json/index.ts';

const stateFormat = 'siteseal-lab-enb/1';

const stateSchema = z.strictObject({
  format: z.literal(stateFormat),
  /** The accepted bundle and its sequence number change together: they are one file. */
  accepted: z
    .strictObject({
      bundle: fields.base64,
      sha256: fields.sha256,
      sequence: z.int().min(1).max(maximumSequence),
    })
    .optional(),
  /** What the eNB thought of the last bundle that it was given. */
  last: z
    .strictObject({
      bundleSha256: fields.sha256,
      bundleId: fields.uuid.optional(),
      sequence: z.int().optional(),
      verdict: verdictSchema,
    })
    .optional(),
  receiptNumber: z.int().min(0).max(maximumSequence),
  /** The latest time seen from a trusted source: when a bundle was issued, a CRL published. */
  latestTrusted: fields.time.optional(),
  /** The newest CRL of each issuer. */
  crls: z.array(fields.base64),
});

export type EnbState = z.infer<typeof stateSchema>;

/** The state of a reference eNB, in one file that is replaced as a whole. */
export class EnbStateFile {
  readonly #file: string;
  readonly #folder: string;
  #state: EnbState;

  /** Throws when the file is there and is not a state: an eNB that has lost its memory must not guess. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = folder;
    this.#file = join(folder, 'state.json');
    this.#state = { format: stateFormat, receiptNumber: 0, crls: [] };
    if (!existsSync(this.#file)) return;
    const state = readDocument(readFileSync(this.#file), stateFormat, stateSchema);
    if (!state.ok) throw new Error(`${this.#file} is not the state of a reference eNB`);
    this.#state = state.value;
  }

  get(): EnbState {
    return this.#state;
  }

  /** Replaces the state on the disk, then in memory: whole, or not at all. */
  set(state: EnbState): void {
    const temporary = `${this.#file}.part`;
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeSync(file, JSON.stringify(state));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, this.#file);
    if (process.platform !== 'win32') {
      const folder = openSync(this.#folder, 'r');
      try {
        fsyncSync(folder);
      } finally {
        closeSync(folder);
      }
    }
    this.#state = state;
  }
}
