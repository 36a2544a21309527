import { dirname } from 'node:path';
import { lineFormats, type LineFormat, type OpenedStore } from '../audit/index.ts';
import { ok, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { errorCode, makeFolder, nameTogether, PartFile } from '../files/index.ts';
import { UnusableFile, type LogFilter } from '../store/index.ts';
import { logFault } from './log-damage.ts';
import { writeLines } from './log-export-lines.ts';
import { writePdf } from './log-export-pdf.ts';
import { writeEntryProof } from './log-export-proof.ts';
import { LogPass, type LogControls } from './log-pass.ts';

/** The formats of exports. */
export const logExportFormats = ['csv', 'jsonl', 'pdf', 'ocsf', 'cef', 'proof'] as const;
export type LogExportFormat = (typeof logExportFormats)[number];

/** What to export, and where. */
export interface LogExportRequest extends LogControls {
  /** `proof`: of one entry of a site, as C2SP tlog-proof. */
  readonly format: LogExportFormat;
  readonly filter: LogFilter;
  /** The file. The proof of a list goes to a second one beside it, with `.proof` after the name. Both are replaced. */
  readonly out: string;
  /** When the export is made, for the PDF to show. */
  readonly now: Date;
}

/** A finished export. */
export interface LogExport {
  /** How many entries it has. */
  readonly entries: number;
  /** How many entries the log has at its checkpoint. */
  readonly size: number;
  readonly files: readonly string[];
  /** Whether a filter chose the entries. Then nothing proves that no matching entry was left out. */
  readonly isFiltered: boolean;
  /** How many people in it have no name any more. */
  readonly erasedNames: number;
}

type ExportCode = 'cancelled' | 'log-export-empty' | 'log-export-too-large' | 'usage-invalid';
type LogCode = 'store-unusable' | 'store-locked' | 'log-malformed' | 'log-altered';

/** What a format has written. Its files are complete, but have their temporary names. */
interface Written {
  readonly files: readonly [PartFile, ...PartFile[]];
  readonly entries: number;
  readonly erasedNames: number;
}

/** Writes a format. `open` opens a file that does not survive a fault. */
interface Writer {
  /** How often it reads the whole log. */
  readonly passes: number;
  readonly needsSite?: boolean;
  readonly write: (
    pass: LogPass,
    out: string,
    open: (path: string) => PartFile,
    now: Date,
  ) => Promise<Fault<ExportCode> | Written>;
}

const writers: Readonly<Record<LogExportFormat, Writer>> = {
  csv: lines(lineFormats.csv),
  jsonl: lines(lineFormats.jsonl),
  pdf: {
    passes: 2,
    write: async (pass, out, open, now) => {
      const paper = open(out);
      const written = await writePdf(pass, now, paper, open(`${out}.jsonl`), open(`${out}.jsonl.proof`));
      return 'code' in written ? written : { files: [paper], entries: pass.listed, ...written };
    },
  },
  ocsf: lines(lineFormats.ocsf),
  cef: lines(lineFormats.cef),
  proof: {
    passes: 2,
    needsSite: true,
    write: async (pass, out, open) => {
      const file = open(out);
      const fault = await writeEntryProof(pass, file);
      return fault ?? { files: [file], entries: 1, erasedNames: 0 };
    },
  },
};

function lines(format: LineFormat): Writer {
  return {
    passes: 1,
    write: async (pass, out, open) => {
      const [list, proof] = [open(out), open(`${out}.proof`)];
      const written = await writeLines(pass, format, list, proof);
      return 'code' in written ? written : { files: [list, proof], entries: pass.listed, ...written };
    },
  };
}

/**
 * Writes the log, or the entries that match, to a file with its proof. It is the log as it is at the start: entries that
 * follow are not in it. Memory does not grow with the log, apart from a byte for each entry. After a fault, the files are
 * as they were. The log records each export before its files get their names.
 */
export async function exportLog(
  opened: OpenedStore,
  { format, filter, out, now, ...controls }: LogExportRequest,
): Promise<Result<LogExport, ExportCode | LogCode | 'output-unwritable'>> {
  const { passes, needsSite, write } = writers[format];
  if (needsSite && !filter.site) return refuse('usage-invalid', { rule: 'proof-of-site' });
  const parts: PartFile[] = [];
  const open = (path: string) => {
    const part = new PartFile(path);
    parts.push(part);
    return part;
  };
  try {
    const pass = await LogPass.start(opened, filter, { ...controls, passes });
    if (!pass.ok) return pass;
    makeFolder(dirname(out));
    const written = await write(pass.value, out, open, now);
    if ('code' in written) return refused(written);
    const { files, entries, erasedNames } = written;
    const { size } = pass.value.snapshot;
    const isFiltered = pass.value.filter !== undefined;
    opened.log.append({
      action: 'log-exported',
      subject: {},
      facts: { entries, format, size, ...(isFiltered && { filtered: true }) },
    });
    nameTogether(files);
    return ok({ entries, size, files: files.map(({ path }) => path), isFiltered, erasedNames });
  } catch (error) {
    const code = errorCode(error);
    const isOfStore = error instanceof UnusableFile || code === 'unknown' || code.startsWith('SQLITE_');
    if (isOfStore) return logFault(opened, error);
    return refuse('output-unwritable', { where: { file: out }, found: code });
  } finally {
    for (const part of parts) part.abandon();
  }
}

/** The id of someone in the log, by id or by name. */
export function personOf({ log }: OpenedStore, idOrName: string): Result<string, 'usage-invalid'> {
  const found = log.people.all().find(({ id, name }) => id === idOrName || name === idOrName);
  return found ? ok(found.id) : refuse('usage-invalid', { rule: 'person-of-log', found: idOrName });
}
