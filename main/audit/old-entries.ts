import { canonicalise, type JsonObject } from '../json/index.ts';
import { DamagedLog } from '../store/index.ts';
import { entryFormat, mostEntryBytes } from './entry.ts';
import { nameDigest, type People } from './people.ts';

/** An entry of a version without proofs. It bears the actor's name. */
interface OldEntry {
  readonly action: string;
  readonly actor: { readonly name: string };
  readonly bootId: string;
  readonly facts: JsonObject;
  /** Whole milliseconds since the computer started. */
  readonly monotonic: number;
  readonly sequence: number;
  readonly subject: JsonObject;
  /** RFC 3339 with milliseconds. */
  readonly time: string;
  readonly training: boolean;
}

/** Entries of a version without proofs in today's format, so that names can be erased from them too. */
export function takeOldEntries(entries: readonly string[], people: People): readonly string[] {
  return entries.map((text) => {
    const { actor, monotonic, time, ...rest } = readOld(text);
    const { id, salt } = people.known(actor.name);
    const entry = {
      ...rest,
      format: entryFormat,
      actor: { id, nameSha256: nameDigest(salt, actor.name), proof: 'declared' },
      monotonicMs: monotonic,
      time: `${time.slice(0, 19)}Z`,
    };
    const taken = canonicalise(entry);
    return Buffer.byteLength(taken) <= mostEntryBytes
      ? taken
      : canonicalise({ ...entry, facts: withoutLists(entry.facts) });
  });
}

/** Reads an entry that this computer wrote. Throws `DamagedLog` if it is damaged: it stays as it is. */
function readOld(text: string): OldEntry {
  let entry: Partial<OldEntry> | null;
  try {
    entry = JSON.parse(text) as Partial<OldEntry> | null;
  } catch {
    throw new DamagedLog();
  }
  if (typeof entry?.actor?.name !== 'string' || typeof entry.time !== 'string') throw new DamagedLog();
  return entry as OldEntry;
}

/** Facts with the length of each list in its place. */
function withoutLists(facts: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, Array.isArray(value) ? value.length : value]),
  );
}
