import type { Database } from 'better-sqlite3';
import { bytes, optional, rowCodec, select, text, type Row } from './row.ts';

const columns = {
  /** The id of an actor in the log, 16 hex digits. */
  id: text('id'),
  /** Undefined once the name is erased, and then the salt is empty. */
  name: optional(text('name')),
  /** 16 random bytes. */
  salt: bytes('salt'),
};

/** Someone in the log, by the name that they declared. */
export type PersonRecord = Row<typeof columns>;

/** The names of the people in the log. They lie outside of it, so that they can be erased. */
export interface People {
  get(id: string): PersonRecord | undefined;
  named(name: string): PersonRecord | undefined;
  all(): readonly PersonRecord[];
  add(person: PersonRecord): void;
  /** Overwrites a name and its salt, also in free pages of the file. `flushErased` completes it. */
  erase(id: string): void;
  /** Empties the write-ahead log, which may still hold what was erased. Must run outside of a transaction. */
  flushErased(): void;
}

const { names, parameters, encode, decode } = rowCodec(columns);

export function people(database: Database): People {
  const get = select(database, 'SELECT * FROM person WHERE id = ?', decode);
  const named = select(database, 'SELECT * FROM person WHERE name = ?', decode);
  const all = select(database, 'SELECT * FROM person ORDER BY name, id', decode);
  const add = database.prepare(`INSERT INTO person (${names}) VALUES (${parameters})`);
  const erase = database.prepare<[string]>("UPDATE person SET name = NULL, salt = x'' WHERE id = ?");
  return {
    get: (id) => get.get(id),
    named: (name) => named.get(name),
    all: () => all.all(),
    add: (person) => {
      add.run(encode(person));
    },
    erase: (id) => {
      erase.run(id);
    },
    flushErased: () => {
      database.pragma('wal_checkpoint(TRUNCATE)');
    },
  };
}
