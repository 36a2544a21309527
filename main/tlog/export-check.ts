import {
  parseExportHeader,
  parseExportLine,
  type ExportHeader,
  type ExportProofLine,
} from './export-proof.ts';
import { CsvCopies } from './csv-copies.ts';
import type { ExportRow } from './export-rows.ts';
import type { Queue } from './export-text.ts';
import { LogCheck, type LogExpectation } from './log-check.ts';
import type { LogFinding, LogPorts, LogProblem } from './log-problem.ts';

/** An export: its rows, and the lines of its proof. */
export interface ExportSource {
  readonly rows: Queue<ExportRow>;
  readonly lines: Queue<string>;
}

/** How an export is checked. */
export interface ExportControls {
  /** An entry of a row has passed. Nothing of it is proven before the check ends. */
  readonly onEntry?: (text: string) => void;
  /** A name that the proof has shown to be that of an actor. */
  readonly onPerson?: (id: string, name: string) => void;
  /** Is called now and then. True stops the work. */
  readonly pause?: () => Promise<boolean>;
}

/** What a check of an export found. */
export interface ExportFinding extends LogFinding {
  /** Absent if the proof does not begin with a header. */
  readonly header?: ExportHeader;
  /** Whether the caller stopped the check. */
  readonly isStopped: boolean;
}

/** How many rows or lines pass between two pauses. */
const slice = 100;

/** Verifies an export as its proof leads through the log. */
export async function checkExport(
  source: ExportSource,
  ports: LogPorts,
  expected: Omit<LogExpectation, 'origin' | 'filtered'>,
  controls: ExportControls,
): Promise<ExportFinding> {
  const header = parseExportHeader((await source.lines.next()) ?? '');
  const { origin, training, filter } = header ?? {};
  const check = new LogCheck(ports, {
    ...expected,
    ...(origin !== undefined && { origin }),
    ...(expected.training === undefined && training !== undefined && { training }),
    filtered: filter !== undefined,
  });
  if (!header) check.fail({ code: 'log-malformed', rule: 'log-proof-form', line: 1 });
  else if (expected.training !== undefined && training !== expected.training)
    check.fail({ code: 'log-training-mismatch' });
  const walk = new Walk(source, check, controls);
  const isStopped = header ? await walk.run(header) : false;
  return { ...check.end(), ...(header && { header }), isStopped };
}

/** Whether a line is about an entry that is not in the export. A whole export has none. */
function isOfFilter({ kind }: ExportProofLine): boolean {
  return kind === 'entry' || kind === 'skipped';
}

class Walk {
  readonly #source: ExportSource;
  readonly #check: LogCheck;
  readonly #controls: ExportControls;
  readonly #copies = new CsvCopies();
  #row = 0;
  #line = 1;
  #left = slice;

  constructor(source: ExportSource, check: LogCheck, controls: ExportControls) {
    this.#source = source;
    this.#check = check;
    this.#controls = controls;
  }

  /** Follows the proof to its end, to the first problem, or until it is stopped: then true. */
  async run({ listed, filter }: ExportHeader): Promise<boolean> {
    const { lines, rows } = this.#source;
    // The names are the last lines.
    let hasNames = false;
    for (;;) {
      const text = lines.ready() ?? (await lines.next());
      if (text === undefined) break;
      this.#line++;
      const line = parseExportLine(text);
      const isInPlace = line?.kind === 'person' || !hasNames;
      if (!line || !isInPlace || (filter === undefined && isOfFilter(line))) {
        this.#inProof();
        return false;
      }
      hasNames = line.kind === 'person';
      if (line.kind === 'listed') {
        for (let left = line.count; left > 0; left--) {
          if (this.#takeRow(rows.ready() ?? (await rows.next()))) return false;
          if (await this.#isStopped()) return true;
        }
      } else if (this.#takeLine(line)) return false;
      if (await this.#isStopped()) return true;
    }
    // Every log begins with a key.
    if (this.#row !== listed || this.#check.size === 0) this.#inProof();
    // A row that the proof does not know.
    else if (await rows.next()) this.#check.fail({ code: 'log-altered', row: this.#row + 1 });
    const left = this.#copies.end();
    if (left) this.#check.fail(left);
    return false;
  }

  #takeRow(row: ExportRow | undefined): LogProblem | undefined {
    const entry = this.#check.size;
    if (!row) return this.#check.fail({ code: 'log-altered', entry, row: this.#row + 1 });
    this.#row++;
    if (row.entry === undefined)
      return this.#check.fail({ code: 'log-malformed', rule: 'log-row-form', row: this.#row });
    const problem = this.#check.entry(row.entry);
    if (problem) return problem;
    this.#controls.onEntry?.(row.entry);
    const ofCells = this.#copies.row(row.entry, row);
    return ofCells && this.#check.fail({ row: this.#row, ...ofCells });
  }

  #takeLine(line: Exclude<ExportProofLine, { readonly kind: 'listed' }>): LogProblem | undefined {
    switch (line.kind) {
      case 'entry':
        return this.#check.entry(line.text);
      case 'skipped':
        return this.#check.skip(line.count, line.hashes);
      case 'checkpoint':
        return this.#check.checkpoint(line.note);
      case 'person': {
        const problem = this.#check.person(line.id, line.name, line.salt);
        if (problem) return problem;
        this.#controls.onPerson?.(line.id, line.name);
        const ofCells = this.#copies.person(line.id, line.name);
        return ofCells && this.#check.fail(ofCells);
      }
    }
  }

  #inProof(): LogProblem {
    return this.#check.fail({ code: 'log-malformed', rule: 'log-proof-form', line: this.#line });
  }

  async #isStopped(): Promise<boolean> {
    if (--this.#left > 0) return false;
    this.#left = slice;
    return (await this.#controls.pause?.()) ?? false;
  }
}
