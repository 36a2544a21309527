import {
  checkExport,
  exportRows,
  linesOf,
  parseCheckpoint,
  Queue,
  UnreadableExport,
  problemFault,
  type Checkpoint,
  type ExportFormat,
  type KnownHead,
  type LogFinding,
  type VerifierKey,
} from '../../main/tlog/index.ts';
import { logPorts } from './crypto.ts';
import { keyIn, listedEntry } from './entry.ts';
import { bytesOf, named, Unreadable } from './files.ts';
import { mostShown, type ListedEntry, type LogKey, type Report } from './report.ts';
import { pointSentence } from './sentences.ts';
import type { Work } from './work.ts';
import { counted, fill, words } from './words.ts';

/** An export, its proof, and what is known from elsewhere. */
export interface ExportFiles {
  readonly file: File;
  readonly format: ExportFormat;
  readonly proof: File;
  readonly heads: readonly KnownHead[];
  readonly witnessKeys: readonly VerifierKey[];
}

/** Verifies an export as its proof leads through the log. Both files are streams. */
export async function verifyExport(files: ExportFiles, work: Work): Promise<Report> {
  const { file, format, proof, heads, witnessKeys } = files;
  const seen = new Seen();
  const rows = exportRows(bytesOf(file, work), format);
  const lines = new Queue(seen.lines(named(proof, linesOf(bytesOf(proof, work)))));
  try {
    const finding = await checkExport(
      { rows, lines },
      logPorts,
      { heads, witnessKeys },
      {
        onEntry: (text) => seen.entry(text),
        onPerson: (id, name) => seen.name(id, name),
        pause: async () => {
          if (work.isDue) await work.pause();
          return work.signal.aborted;
        },
      },
    );
    const { header, problem } = finding;
    const end = provenEnd(finding);
    const head = problem ? undefined : seen.head;
    const isTable = format === 'csv';
    const { filter } = header ?? {};
    return {
      compared: [
        fill(words.compared.export, {
          file: file.name,
          proof: proof.name,
          entries: counted(words.entries, seen.count),
        }),
        ...heads.map(({ source }) => fill(words.compared.head, { source })),
      ],
      proven: [...finding.proven.map(pointSentence), ...(isTable && !problem ? [words.comparedColumns] : [])],
      unproven: [...finding.unproven.map(pointSentence), ...(isTable ? [words.columns] : [])],
      ...(problem && {
        fault: problemFault(problem, problem.line === undefined ? file.name : proof.name),
      }),
      result: fill(words.intactExport, { entries: counted(words.entries, seen.count) }),
      head: {
        origin: header?.origin,
        training: header?.training,
        size: head?.size ?? (end > 0 ? end : undefined),
        root: head?.root,
      },
      keys: seen.keysBefore(end),
      ...(filter && { filter: texts(filter) }),
      entries: seen.listed(end),
      listed: seen.count,
    };
  } catch (error) {
    throw error instanceof UnreadableExport ? new Unreadable(error.reason, file.name) : error;
  } finally {
    await rows.close();
    await lines.close();
  }
}

/** What passes by while an export is checked. Nothing of it is proven before the check ends. */
class Seen {
  readonly #keys: LogKey[] = [];
  readonly #entries: ListedEntry[] = [];
  readonly #names = new Map<string, string>();
  #checkpoint: string | undefined;
  /** How many rows there are. */
  count = 0;

  /** The newest checkpoint. */
  get head(): Checkpoint | undefined {
    return this.#checkpoint === undefined ? undefined : parseCheckpoint(this.#checkpoint);
  }

  /** The keys that entries before this one name. */
  keysBefore(end: number): readonly LogKey[] {
    return this.#keys.filter(({ entry }) => entry < end).sort((one, other) => one.entry - other.entry);
  }

  /** The lines of the proof as they pass. */
  async *lines(batches: AsyncIterable<readonly string[]>): AsyncGenerator<readonly string[], void> {
    for await (const batch of batches) {
      for (const line of batch) this.#line(line);
      yield batch;
    }
  }

  entry(text: string): void {
    this.count++;
    const key = keyIn(text);
    if (key) this.#keys.push(key);
    if (this.#entries.length < mostShown) this.#entries.push(listedEntry(text));
  }

  name(id: string, name: string): void {
    this.#names.set(id, name);
  }

  /** The first entries before this one, with their names. */
  listed(end: number): readonly ListedEntry[] {
    return this.#entries.flatMap((entry) => {
      const person = this.#names.get(entry.personId);
      if (entry.sequence >= end) return [];
      return [person === undefined ? entry : { ...entry, person }];
    });
  }

  /** Keeps the last checkpoint, and the keys that are not in the export. */
  #line(line: string): void {
    if (!line.startsWith('{"checkpoint":') && !line.startsWith('{"entry":')) return;
    try {
      const { checkpoint, entry } = JSON.parse(line) as Readonly<Record<string, unknown>>;
      const key = typeof entry === 'string' ? keyIn(entry) : undefined;
      if (key) this.#keys.push(key);
      if (typeof checkpoint === 'string') this.#checkpoint = checkpoint;
    } catch {
      // The check names the line.
    }
  }
}

/** The first entry that is not proven. */
function provenEnd({ entries, proven }: LogFinding): number {
  const [before] = proven.filter(({ code }) => code === 'sealed-before');
  if (before) return Number(before.facts['count']);
  return proven.some(({ code }) => code === 'sealed' || code === 'sealed-part') ? entries : 0;
}

function texts(filter: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, String(value)]));
}
