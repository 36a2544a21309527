import { logActions, type LogAction, type LogKind } from '../faults/index.ts';
import type { LogRow } from '../store/index.ts';
import { logSentence } from '../words/index.ts';
import type { LogEntry, LogValue } from './entry.ts';

/** The names of people by their ids, without those that are erased. */
export type Names = ReadonlyMap<string, string>;

/** An entry as people read it, and as the tree covers it. */
export class ReadableEntry {
  /** The exact text of the entry. */
  readonly text: string;
  readonly entry: LogEntry;
  /** Who did it, as declared. Undefined once the name is erased. */
  readonly person: string | undefined;
  /** Undefined for an action that only another version of Siteseal has. */
  readonly kind: LogKind | undefined;
  readonly site: string | undefined;
  readonly serialNumber: string | undefined;
  #sentence: string | undefined;

  constructor({ entry: text }: LogRow, names: Names) {
    const entry = JSON.parse(text) as LogEntry;
    const { action, actor } = entry;
    const { site, serialNumber } = factsOf(entry);
    this.text = text;
    this.entry = entry;
    this.person = names.get(actor.id);
    this.kind = Object.hasOwn(logActions, action) ? logActions[action as LogAction] : undefined;
    this.site = site === undefined ? undefined : valueText(site);
    this.serialNumber = serialNumber === undefined ? undefined : valueText(serialNumber);
  }

  get sentence(): string {
    return (this.#sentence ??= sentenceOf(this.entry));
  }
}

/** The members of an entry's subject and its facts. */
export function factsOf({ subject, facts }: LogEntry): Readonly<Record<string, LogValue>> {
  return { ...subject, ...facts };
}

/** A value of an entry as text. Lists are separated by commas. */
export function valueText(value: LogValue): string {
  return String(value);
}

function sentenceOf(entry: LogEntry): string {
  const facts: Record<string, string> = {};
  for (const [name, value] of Object.entries(factsOf(entry))) facts[name] = valueText(value);
  return logSentence(entry.action, facts);
}
