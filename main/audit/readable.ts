import { logActions, type LogAction, type LogKind } from '../faults/index.ts';
import type { LogRow } from '../store/index.ts';
import { logSentence } from '../words/index.ts';
import type { LogEntry, LogValue } from './entry.ts';

/** An entry as people read it, and as the tree covers it. */
export interface ReadableEntry {
  readonly entry: LogEntry;
  /** The exact text of the entry. */
  readonly text: string;
  /** Who did it, as declared. Undefined once the name is erased. */
  readonly person: string | undefined;
  /** Undefined for an action that only another version of Siteseal has. */
  readonly kind: LogKind | undefined;
  readonly sentence: string;
  readonly site: string | undefined;
  readonly serialNumber: string | undefined;
}

/** The names of people by their ids, without those that are erased. */
export type Names = ReadonlyMap<string, string>;

/** Reads a row of the log. */
export function readableEntry({ entry: text }: LogRow, names: Names): ReadableEntry {
  const entry = JSON.parse(text) as LogEntry;
  const facts = factsOf(entry);
  const said = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, valueText(value)]));
  return {
    entry,
    text,
    person: names.get(entry.actor.id),
    kind: Object.hasOwn(logActions, entry.action) ? logActions[entry.action as LogAction] : undefined,
    sentence: logSentence(entry.action, said),
    site: said['site'],
    serialNumber: said['serialNumber'],
  };
}

/** What an entry says of its subject, and the facts. */
export function factsOf({ subject, facts }: LogEntry): Readonly<Record<string, LogValue>> {
  return { ...subject, ...facts };
}

/** A value of an entry as text. */
export function valueText(value: LogValue): string {
  return typeof value === 'object' ? value.join(', ') : String(value);
}
