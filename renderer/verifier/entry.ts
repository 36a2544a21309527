import type { ListedEntry, LogKey } from './report.ts';

/** An entry as parsed. The check of the log has judged its form. */
export interface ParsedEntry {
  readonly action: string;
  readonly actor: { readonly id: string };
  readonly facts: Readonly<Record<string, unknown>>;
  readonly sequence: number;
  readonly subject: Readonly<Record<string, string>>;
  readonly time: string;
}

export function parseEntry(text: string): ParsedEntry {
  return JSON.parse(text) as ParsedEntry;
}

/** The entry as the page lists it. */
export function listedEntry(entry: ParsedEntry): ListedEntry {
  const { sequence, time, action, actor } = entry;
  return { sequence, time, action, personId: actor.id, facts: factTexts(entry) };
}

/** The subject and the facts of an entry, as texts. */
export function factTexts({ subject, facts }: ParsedEntry): Readonly<Record<string, string>> {
  const all = Object.entries({ ...subject, ...facts });
  return Object.fromEntries(all.map(([name, value]) => [name, valueText(value)]));
}

/** The key that an entry of the log names. Undefined for any other entry. */
export function keyIn(text: string): LogKey | undefined {
  if (!text.startsWith('{"action":"log-key",')) return undefined;
  const { sequence, time, facts } = parseEntry(text);
  const { epoch, key, reason } = facts;
  return { entry: sequence, epoch: Number(epoch), key: String(key), reason: String(reason), since: time };
}

function valueText(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}
