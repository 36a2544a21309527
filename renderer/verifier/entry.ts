import type { EntryContent } from '../../main/tlog/index.ts';
import { logTexts } from '../../main/words/index.ts';
import type { ListedEntry, LogKey } from './report.ts';

/** The entry of a text as the page lists it. The check of the log has judged its form. */
export function listedEntry(text: string): ListedEntry {
  const entry = JSON.parse(text) as EntryContent;
  const { sequence, time, action, actor } = entry;
  return { sequence, time, action, personId: actor.id, facts: logTexts(entry) };
}

/** The key that an entry of the log names. Undefined for any other entry. */
export function keyIn(text: string): LogKey | undefined {
  if (!text.startsWith('{"action":"log-key",')) return undefined;
  const { sequence, time, facts } = JSON.parse(text) as EntryContent;
  const { epoch, key, reason } = facts;
  return { entry: sequence, epoch: Number(epoch), key: String(key), reason: String(reason), since: time };
}
