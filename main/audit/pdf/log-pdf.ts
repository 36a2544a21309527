import type { Fault } from '../../faults/index.ts';

/** An entry of the log as a row of the table. */
export interface LogPdfRow {
  readonly sequence: number;
  /** RFC 3339, UTC, whole seconds. */
  readonly time: string;
  /** As declared. Absent once it is erased. */
  readonly person?: string;
  readonly personId: string;
  readonly sentence: string;
  readonly site?: string;
  readonly serialNumber?: string;
}

/** A file inside the PDF. It is read while the PDF is written. */
export interface LogPdfAttachment {
  readonly name: string;
  readonly path: string;
}

/** What the PDF of a log shows. The same input gives the same bytes. */
export interface LogPdf {
  /** Names the log in its checkpoints. */
  readonly origin: string;
  readonly training: boolean;
  readonly createdAt: Date;
  /** The times of the first and the last entry that is listed. Absent if none is. */
  readonly period?: { readonly from: string; readonly to: string };
  /** What was asked for, in words, a line each. Empty for the whole log. */
  readonly filter: readonly string[];
  /** How many entries the log has. */
  readonly entries: number;
  /** How many rows follow. */
  readonly total: number;
  readonly rows: Iterable<LogPdfRow> | AsyncIterable<LogPdfRow>;
  /** The checkpoint over all entries, as a signed note. */
  readonly checkpoint: string;
  /** What the paper and its attached files prove, a sentence each. */
  readonly proven: readonly string[];
  /** What they do not prove, a sentence each. */
  readonly unproven: readonly string[];
  readonly attachments: readonly LogPdfAttachment[];
  /** The path of the file to write. The caller makes it complete: sync and rename are his. */
  readonly out: string;
}

/** How the writing reports, yields and stops. */
export interface LogPdfWork {
  readonly signal?: AbortSignal;
  /** Called with the number of rows written. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called between rows. A fault that it returns ends the work. */
  readonly pause?: () => Promise<Fault<'cancelled'> | undefined>;
}

/**
 * Writes the readable PDF of a log. Streams it, in bounded memory. After a fault, an incomplete file may be left.
 *
 * @throws errors of the file system, as they come
 */
export async function writeLogPdf(_log: LogPdf, _work: LogPdfWork = {}): Promise<Fault<'cancelled'> | undefined> {
  return Promise.reject(new Error('not written yet'));
}
