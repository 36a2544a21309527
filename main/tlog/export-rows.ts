import { entryOfCell } from './csv-cell.ts';
import { linesOf, Queue, recordsOf } from './export-text.ts';

/** A row of an export. */
export interface ExportRow {
  /** The entry as the tree covers it. Undefined if the row holds none. */
  readonly entry: string | undefined;
  /** The row's cells by the names of their columns. Only a CSV has them. */
  readonly cells?: ReadonlyMap<string, string>;
}

/** A format of an export that holds the exact entry in each row. */
export type ExportFormat = 'csv' | 'jsonl' | 'ocsf' | 'cef';

/** The format of an export by how it starts. */
export function exportFormatOf(start: string): ExportFormat | undefined {
  const [line = ''] = start.replace(/^\ufeff/, '').split(/\r?\n/, 1);
  if (/^(?:<\d{1,3}>1 .*)?CEF:\d/.test(line)) return 'cef';
  if (line.startsWith('{"action":')) return 'jsonl';
  if (line.startsWith('{')) return 'ocsf';
  return /(?:^|[,;\t])"?entry"?$/.test(line) ? 'csv' : undefined;
}

/** The rows of an export. */
export function exportRows(bytes: AsyncIterable<Uint8Array>, format: ExportFormat): Queue<ExportRow> {
  return new Queue(format === 'csv' ? tableRows(bytes) : lineRows(bytes, entryIn[format]));
}

async function* lineRows(
  bytes: AsyncIterable<Uint8Array>,
  entryOf: (line: string) => string | undefined,
): AsyncGenerator<readonly ExportRow[]> {
  for await (const lines of linesOf(bytes)) yield lines.map((line) => ({ entry: entryOf(line) }));
}

async function* tableRows(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<readonly ExportRow[]> {
  let names: readonly string[] | undefined;
  for await (const batch of recordsOf(bytes)) {
    const [header, ...records] = names ? [names, ...batch] : batch;
    names ??= header;
    yield records.map((record) => tableRow(names ?? [], record));
  }
}

function tableRow(names: readonly string[], record: readonly string[]): ExportRow {
  if (record.length !== names.length) return { entry: undefined };
  const cells = new Map(names.map((name, at) => [name, record[at] ?? '']));
  const cell = cells.get('entry');
  return { entry: cell === undefined ? undefined : entryOfCell(cell), cells };
}

/** Where a line holds the entry. */
const entryIn: Readonly<Record<Exclude<ExportFormat, 'csv'>, (line: string) => string | undefined>> = {
  jsonl: (line) => line,
  ocsf: (line) => {
    try {
      const event: unknown = JSON.parse(line);
      const raw = typeof event === 'object' && event !== null && 'raw_data' in event && event.raw_data;
      return typeof raw === 'string' ? raw : undefined;
    } catch {
      return undefined;
    }
  },
  cef: (line) => {
    const extensions = /CEF:\d+\|(?:(?:[^\\|]|\\.)*\|){6}(.*)$/s.exec(line)?.[1];
    // In a value an equals sign has a backslash before it, so that a bare one ends the name of a key.
    const raw = /(?:^| )rawEvent=((?:[^\\=]|\\.)*)$/s.exec(extensions ?? '')?.[1];
    return raw?.replace(/\\(.)/gs, '$1');
  },
};
