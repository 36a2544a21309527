import { logActions, type LogAction, type LogKind } from '../faults/index.ts';
import type { LogRow } from '../store/index.ts';
import { logSentence, logTexts } from '../words/index.ts';
import type { LogEntry } from './entry.ts';

/** The names of people by their ids, without those that are erased. */
export type Names = ReadonlyMap<string, string>;

/** An entry as people read it. */
export class ReadableEntry {
  readonly entry: LogEntry;
  /** Who did it, as declared. Undefined once the name is erased. */
  readonly person: string | undefined;
  /** Undefined for an action that only another version of Siteseal has. */
  readonly kind: LogKind | undefined;
  /** The members of its subject and its facts, as texts. */
  readonly texts: Readonly<Record<string, string>>;
  readonly site: string | undefined;
  readonly serialNumber: string | undefined;
  #sentence: string | undefined;

  constructor(entry: LogEntry, person: string | undefined) {
    const { action } = entry;
    this.entry = entry;
    this.person = person;
    this.kind = Object.hasOwn(logActions, action) ? logActions[action as LogAction] : undefined;
    this.texts = logTexts(entry);
    this.site = this.texts['site'];
    this.serialNumber = this.texts['serialNumber'];
  }

  get sentence(): string {
    return (this.#sentence ??= logSentence(this.entry.action, this.texts));
  }
}

/** An entry as people read it, and as the tree covers it. */
export class ReadableRow extends ReadableEntry {
  /** The exact text of the entry. */
  readonly text: string;

  constructor({ entry: text }: LogRow, names: Names) {
    const entry = JSON.parse(text) as LogEntry;
    super(entry, names.get(entry.actor.id));
    this.text = text;
  }
}
