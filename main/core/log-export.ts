import {
  isFiltered,
  lineFormats,
  LogSnapshot,
  ProofWriter,
  readableEntry,
  treeHashes,
  type LogSource,
  type LogValue,
  type OpenedStore,
  type Pause,
} from '../audit/index.ts';
import { ok, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { errorCode, nameTogether, PartFile } from '../files/index.ts';
import { storeFault, type LogFilter } from '../store/index.ts';
import { slices } from './slices.ts';
import { productVersion } from './version.ts';

export type LogExportFormat = keyof typeof lineFormats;

/** What to export, and where. */
export interface LogExportRequest {
  readonly format: LogExportFormat;
  readonly filter: LogFilter;
  /** The file. Its proof goes to a second one beside it, with `.proof` after the name. Both are replaced. */
  readonly out: string;
  readonly signal?: AbortSignal | undefined;
  /** How many entries of the log have passed. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Yields to the event loop from time to time, and stops the work. Otherwise `signal` does. */
  readonly pause?: Pause | undefined;
}

/** A finished export. */
export interface LogExport {
  /** How many entries it has. */
  readonly entries: number;
  /** How many entries the log has at its checkpoint. */
  readonly size: number;
  readonly files: readonly string[];
  /** Whether entries were left out. Then nothing proves that none of them matches. */
  readonly isFiltered: boolean;
  /** How many people in it have no name any more. */
  readonly erasedNames: number;
}

/** The name of an export's proof. */
export function proofOf(out: string): string {
  return `${out}.proof`;
}

/**
 * Writes the log, or the entries that match, to a file with its proof. It is the log as it is at the start: entries that
 * follow are not in it. Memory does not grow with the log, apart from a byte for each entry. After a fault, the files are
 * as they were.
 */
export async function exportLog(opened: OpenedStore, request: LogExportRequest): Promise<Result<LogExport>> {
  try {
    const run = new ExportRun(opened, request);
    const exported = await run.write();
    if (exported.ok) opened.log.append(entryOf(request, exported.value));
    return exported;
  } catch (error) {
    if (errorCode(error).startsWith('SQLITE_')) return storeFault(error);
    if (errorCode(error) === 'unknown') throw error;
    return refuse('output-unwritable', { where: { file: request.out }, found: errorCode(error) });
  }
}
