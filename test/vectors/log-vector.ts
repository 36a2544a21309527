import { join } from 'node:path';

/** docs/test-vectors/audit-log/ */
export const logVectorsFolder = join(import.meta.dirname, '../../docs/test-vectors/audit-log');

/** A file to verify, what to verify it with, and the verdict. All files are relative to the folder. */
export interface LogVector {
  /** An export, a head, or a `.tlog-proof`. */
  readonly file: string;
  /** The proof of an export. */
  readonly proof?: string;
  /** Heads that are known from elsewhere: notes and head files. */
  readonly heads?: readonly string[];
  /** Files with verifier keys of known witnesses. */
  readonly keys?: readonly string[];
  readonly shows: string;
  /** `intact`, or the code of the first problem. */
  readonly verdict: string;
}
