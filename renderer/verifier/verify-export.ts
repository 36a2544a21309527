import { fault, type Fault, type FaultCode } from '../../main/faults/index.ts';
import {
  LogCheck,
  parseCheckpoint,
  type Checkpoint,
  type KnownHead,
  type LogProblem,
  type VerifierKey,
} from '../../main/tlog/index.ts';
import { cellText } from '../../main/words/index.ts';
import { noteCrypto, treeHashes } from './crypto.ts';
import { factTexts, keyIn, listedEntry, parseEntry, type ParsedEntry } from './entry.ts';
import { pointSentence, problemFault } from './sentences.ts';
import { rowsOf, type Format, type Row } from './formats.ts';
import { parseProofHeader, parseProofLine, type ProofHeader, type ProofLine } from './proof.ts';
import { linesOf, Queue } from './read.ts';
import { mostShown, type ListedEntry, type LogKey, type Report } from './report.ts';
import type { Work } from './work.ts';
import { counted, fill, words } from './words.ts';

/** An export, its proof, and what is known from elsewhere. */
export interface ExportFiles {
  readonly file: File;
  readonly format: Format;
  readonly proof: File;
  readonly heads: readonly KnownHead[];
  readonly witnessKeys: readonly VerifierKey[];
}

/** Verifies an export as its proof leads through the log. Both files are streams. */
export async function verifyExport(files: ExportFiles, work: Work): Promise<Report> {
  const rows = rowsOf(files.file, files.format, work);
  const lines = new Queue(linesOf(files.proof, work));
  try {
    const header = parseProofHeader((await lines.next()) ?? '');
    return await new Walk(files, header, rows, lines, work).run();
  } finally {
    await rows.close();
    await lines.close();
  }
}

class Walk {
  readonly #files: ExportFiles;
  readonly #header: ProofHeader | undefined;
  readonly #rows: Queue<Row>;
  readonly #lines: Queue<string>;
  readonly #work: Work;
  readonly #check: LogCheck;
  readonly #entries: ListedEntry[] = [];
  readonly #names = new Map<string, string>();
  readonly #keys: LogKey[] = [];
  #head: Checkpoint | undefined;
  #row = 0;
  #line = 1;

  constructor(
    files: ExportFiles,
    header: ProofHeader | undefined,
    rows: Queue<Row>,
    lines: Queue<string>,
    work: Work,
  ) {
    this.#files = files;
    this.#header = header;
    this.#rows = rows;
    this.#lines = lines;
    this.#work = work;
    const { heads, witnessKeys } = files;
    const expected = header ? { origin: header.origin, training: header.training } : {};
    this.#check = new LogCheck(
      { hashes: treeHashes, crypto: noteCrypto },
      { ...expected, heads, witnessKeys },
    );
  }

  async run(): Promise<Report> {
    const found = this.#header ? await this.#follow() : this.#inProof();
    const { entries, proven, unproven, problem } = this.#check.end();
    const wrong = found ?? (problem && problemFault(problem, this.#files.file.name));
    const { origin, training, filter } = this.#header ?? {};
    const isFiltered = filter !== undefined && !unproven.some(({ code }) => code === 'filtered');
    const isTable = this.#files.format === 'csv';
    return {
      compared: this.#compared(),
      proven: [...proven.map(pointSentence), ...(isTable && !wrong ? [words.comparedColumns] : [])],
      unproven: [
        ...unproven.map(pointSentence),
        ...(isFiltered ? [pointSentence({ code: 'filtered', facts: {} })] : []),
        ...(isTable ? [words.columns] : []),
      ],
      ...(wrong && { fault: wrong }),
      result: fill(words.intactExport, { entries: counted(words.entries, this.#row) }),
      head: {
        origin,
        training,
        size: this.#head?.size ?? (wrong ? undefined : entries),
        root: this.#head?.root,
      },
      keys: this.#keys,
      ...(filter && { filter }),
      entries: this.#listed(wrong ? (this.#head?.size ?? 0) : entries),
      listed: this.#row,
    };
  }

  /** The first entries that are proven, with their names. */
  #listed(end: number): readonly ListedEntry[] {
    return this.#entries.flatMap((entry) => {
      const person = this.#names.get(entry.personId);
      if (entry.sequence >= end) return [];
      return [person === undefined ? entry : { ...entry, person }];
    });
  }

  #compared(): readonly string[] {
    const { file, proof, heads } = this.#files;
    const { compared } = words;
    return [
      fill(compared.export, {
        file: file.name,
        proof: proof.name,
        entries: counted(words.entries, this.#row),
      }),
      ...heads.map(({ source }) => fill(compared.head, { source })),
    ];
  }

  /** Follows the proof to its end, or to the first problem. */
  async #follow(): Promise<Fault | undefined> {
    for (let line = await this.#lines.next(); line !== undefined; line = await this.#lines.next()) {
      this.#line++;
      const parsed = parseProofLine(line);
      const found = parsed ? await this.#take(parsed) : this.#inProof();
      if (found) return found;
      if (this.#work.isDue) await this.#work.pause();
    }
    if (this.#row !== this.#header?.listed) return this.#inProof();
    const left = await this.#rows.next();
    // The first row that the proof does not know.
    return left && this.#inRow({ found: left.entry?.slice(0, 200) ?? '' }, this.#row + 1);
  }

  async #take(line: ProofLine): Promise<Fault | undefined> {
    switch (line.kind) {
      case 'listed':
        return this.#takeRows(line.count);
      case 'entry':
        return this.#inLog(this.#check.entry(line.text), line.text);
      case 'skipped':
        return this.#inLog(this.#check.skip(line.count, line.hashes));
      case 'checkpoint': {
        const problem = this.#check.checkpoint(line.note);
        if (!problem) this.#head = parseCheckpoint(line.note);
        return this.#inLog(problem);
      }
      case 'person': {
        const problem = this.#check.person(line.id, line.name, line.salt);
        if (!problem) this.#names.set(line.id, line.name);
        return this.#inLog(problem);
      }
    }
  }

  async #takeRows(count: number): Promise<Fault | undefined> {
    for (let left = count; left > 0; left--) {
      const row = this.#rows.ready() ?? (await this.#rows.next());
      if (!row) return this.#missingRow();
      this.#row++;
      const found = this.#takeRow(row);
      if (found) return found;
      if (this.#work.isDue) await this.#work.pause();
    }
    return undefined;
  }

  #takeRow({ entry, cells }: Row): Fault | undefined {
    if (entry === undefined) return this.#inRow({}, this.#row, 'log-malformed');
    const problem = this.#check.entry(entry);
    if (problem) return this.#inLog(problem);
    this.#keepKey(entry);
    if (!cells && this.#entries.length >= mostShown) return undefined;
    const parsed = parseEntry(entry);
    if (this.#entries.length < mostShown) this.#entries.push(listedEntry(parsed));
    return cells && this.#compareCells(parsed, cells);
  }

  /** The readable columns that are copies of the entry, so that someone who reads only them is not misled. */
  #compareCells(entry: ParsedEntry, cells: ReadonlyMap<string, string>): Fault | undefined {
    const facts = factTexts(entry);
    const copies: Readonly<Record<string, string>> = {
      sequence: String(entry.sequence),
      time: entry.time,
      person_id: entry.actor.id,
      action: entry.action,
      site: facts['site'] ?? '',
      serial_number: facts['serialNumber'] ?? '',
    };
    for (const [field, value] of Object.entries(copies)) {
      const cell = cells.get(field);
      const expected = cellText(value);
      if (cell !== undefined && cell !== expected)
        return this.#inRow({ expected, found: cell }, this.#row, 'log-altered', field);
    }
    return undefined;
  }

  #keepKey(entry: string): void {
    const key = keyIn(entry);
    if (key) this.#keys.push(key);
  }

  #inLog(problem: LogProblem | undefined, entry?: string): Fault | undefined {
    if (problem) return problemFault(problem, this.#files.file.name);
    if (entry !== undefined) this.#keepKey(entry);
    return undefined;
  }

  /** The export ends before the proof does. */
  #missingRow(): Fault {
    const { file } = this.#files;
    const facts = { expected: String(this.#header?.listed), found: String(this.#row) };
    return fault('log-altered', { ...facts, where: { file: file.name } });
  }

  #inRow(
    facts: Pick<Fault, 'expected' | 'found'>,
    row: number,
    code: FaultCode = 'log-altered',
    field?: string,
  ): Fault {
    const where = { file: this.#files.file.name, row, ...(field !== undefined && { field }) };
    return fault(code, { ...facts, where });
  }

  /** A line of the proof that is no such line. */
  #inProof(): Fault {
    return fault('log-malformed', { where: { file: this.#files.proof.name, line: this.#line } });
  }
}
