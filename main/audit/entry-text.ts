import type { LogRow } from '../store/index.ts';
import { readEntry } from '../tlog/index.ts';
import type { LogEvent } from './actions.ts';
import { entryFormat, entryValue, mostEntryBytes, type LogEntry, type LogValue } from './entry.ts';

/** What an entry says besides the event. */
type EntryFrame = Pick<LogEntry, 'actor' | 'bootId' | 'monotonicMs' | 'sequence' | 'time' | 'training'>;

/** An entry as canonical JSON (RFC 8785). */
export function entryText({ action, facts, subject }: LogEvent, frame: EntryFrame): string {
  const { actor, bootId, monotonicMs, sequence, time, training } = frame;
  // The members in the order of RFC 8785, so that JSON.stringify makes the canonical form.
  const entry: LogEntry = {
    action,
    actor,
    bootId,
    facts: sorted<LogValue>(facts),
    format: entryFormat,
    monotonicMs,
    sequence,
    subject: sorted(subject),
    time,
    training,
  };
  const text = JSON.stringify(entry);
  if (isTooLong(text)) throw new Error(`The entry ${action} is too large`);
  return text;
}

/** The entry of a row. A row that is damaged has a place and nothing else, so that the others can be seen. */
export function entryOfRow({ sequence, entry }: LogRow): LogEntry {
  if (typeof readEntry(entry) !== 'string') return JSON.parse(entry) as LogEntry;
  return {
    format: entryFormat,
    action: 'unreadable',
    sequence,
    time: '1970-01-01T00:00:00Z',
    monotonicMs: 0,
    bootId: '',
    actor: { id: '', nameSha256: '', proof: 'declared' },
    training: false,
    subject: {},
    facts: {},
  };
}

/** Whether a text has more bytes than an entry may have. A character has at most three. */
function isTooLong(text: string): boolean {
  return 3 * text.length > mostEntryBytes && Buffer.byteLength(text) > mostEntryBytes;
}

/** The members in the order of RFC 8785. Members without a value are left out. */
function sorted<Value extends LogValue>(
  members: Readonly<Partial<Record<string, Value>>>,
): Readonly<Record<string, Value>> {
  const names = Object.keys(members);
  const result: Record<string, Value> = {};
  for (const name of names.sort()) {
    const value = members[name];
    if (value !== undefined) result[name] = entryValue(value) as Value;
  }
  return result;
}
