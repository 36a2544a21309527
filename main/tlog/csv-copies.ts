import { cellText, logTexts, type LogTextSource } from '../words/index.ts';
import type { ExportRow } from './export-rows.ts';
import type { LogProblem } from './log-problem.ts';

/** What people read of an entry. */
export interface EntryContent extends LogTextSource {
  readonly action: string;
  readonly actor: { readonly id: string };
  readonly sequence: number;
  readonly time: string;
}

/** The cells that repeat what an entry says, by their columns, whatever the version and the language of the export. */
export function csvCopies(entry: EntryContent): Readonly<Record<string, string>> {
  const { site = '', serialNumber = '' } = logTexts(entry);
  return {
    sequence: String(entry.sequence),
    time: entry.time,
    person_id: entry.actor.id,
    action: entry.action,
    site,
    serial_number: serialNumber,
  };
}

/** The cells of a CSV that repeat its entries. Someone who reads only them must not be misled. */
export class CsvCopies {
  /** The cell with the name of each actor that nothing has confirmed yet. */
  readonly #names = new Map<string, string>();

  /** Compares the cells of a row with its entry, whose form was checked. */
  row(text: string, { cells }: ExportRow): LogProblem | undefined {
    if (!cells) return undefined;
    const entry = JSON.parse(text) as EntryContent;
    const { id } = entry.actor;
    const name = this.#names.get(id) ?? cells.get('person') ?? '';
    this.#names.set(id, name);
    const copies = Object.entries(csvCopies(entry)).map(
      ([field, value]) => [field, cellText(value)] as const,
    );
    for (const [field, expected] of [...copies, ['person', name] as const]) {
      const found = cells.get(field) ?? expected;
      if (found !== expected) return { code: 'log-altered', rule: 'log-copy', field, expected, found };
    }
    return undefined;
  }

  /** Compares a name that the entries confirm with the cells of its person. */
  person(id: string, name: string): LogProblem | undefined {
    const expected = cellText(name);
    const found = this.#names.get(id) ?? expected;
    this.#names.delete(id);
    return found === expected ? undefined : { code: 'log-name-altered', field: 'person', expected, found };
  }

  /** A name that nothing confirms, as if its person had not erased it. */
  end(): LogProblem | undefined {
    const found = [...this.#names.values()].find((name) => name !== '');
    return found === undefined ? undefined : { code: 'log-name-altered', field: 'person', found };
  }
}
