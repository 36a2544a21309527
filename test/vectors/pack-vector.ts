import { join } from 'node:path';
import { vectorsFolder } from './vector.ts';

export const packFolder = join(vectorsFolder, 'pack');

/** The moment at which the vectors are judged. */
export const packMoment = '2026-11-15T12:00:00Z';

/** A published introduction or job pack, and the code of its refusal. */
export interface PackVector {
  readonly file: string;
  readonly shows: string;
  /** Absent if it must be accepted under `operator-root.crt`. */
  readonly refusal?: string;
  /** The broken rule, or the code of the reason. */
  readonly reason?: string;
}
