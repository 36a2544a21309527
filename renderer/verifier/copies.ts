// The cells of a CSV that repeat the entry. Someone who reads only them must not be misled.
import type { ExportRow, LogProblem } from '../../main/tlog/index.ts';
import { cellText } from '../../main/words/index.ts';
import { factTexts, type ParsedEntry } from './entry.ts';

export class Copies {
  /** The cell with the name of each actor. */
  readonly #names = new Map<string, string>();

  /** Compares a row with its entry, which is proven or will be. */
  takeRow(entry: ParsedEntry, { cells }: ExportRow): LogProblem | undefined {
    if (!cells) return undefined;
    const facts = factTexts(entry);
    const { id } = entry.actor;
    const copies: Readonly<Record<string, string>> = {
      sequence: String(entry.sequence),
      time: entry.time,
      person_id: id,
      action: entry.action,
      site: facts['site'] ?? '',
      serial_number: facts['serialNumber'] ?? '',
    };
    for (const [field, value] of Object.entries(copies)) {
      const problem = compare(field, cells.get(field), cellText(value));
      if (problem) return problem;
    }
    const name = cells.get('person');
    const known = this.#names.get(id);
    if (name !== undefined && known === undefined) this.#names.set(id, name);
    return known === undefined ? undefined : compare('person', name, known);
  }

  /** Compares a name with the cells of its person. The entries hold its digest. */
  takeName(id: string, name: string): LogProblem | undefined {
    const known = this.#names.get(id);
    this.#names.delete(id);
    return compare('person', known, cellText(name));
  }

  /** A name that the proof does not have, as if its person had not erased it. */
  end(): LogProblem | undefined {
    const unproven = [...this.#names.values()].find((name) => name !== '');
    return compare('person', unproven, '');
  }
}

function compare(field: string, found: string | undefined, expected: string): LogProblem | undefined {
  if (found === undefined || found === expected) return undefined;
  return { code: 'log-altered', rule: 'log-copy', field, expected, found };
}
