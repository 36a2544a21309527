import type { Database } from 'better-sqlite3';
import { rowCodec, select, text, type Row } from './row.ts';

const columns = {
  id: text('id'),
  /** The absolute path of the profile. Siteseal reads the file again at each use. */
  profileFile: text('profile_file'),
  /** RFC 3339 with milliseconds. */
  addedAt: text('added_at'),
};

/** The location of an operator's profile. */
export type OperatorRecord = Row<typeof columns>;

/** The operator profiles on this laptop. */
export interface Operators {
  all(): readonly OperatorRecord[];
  get(id: string): OperatorRecord | undefined;
  /** Adds a profile. If the same file is already there, returns its existing record. */
  add(operator: OperatorRecord): OperatorRecord;
  remove(id: string): void;
}

const { names, parameters, encode, decode } = rowCodec(columns);

export function operators(database: Database): Operators {
  const all = select(database, 'SELECT * FROM operator ORDER BY added_at, id', decode);
  const byId = select(database, 'SELECT * FROM operator WHERE id = ?', decode);
  const byFile = select(database, 'SELECT * FROM operator WHERE profile_file = ?', decode);
  const add = database.prepare(`INSERT OR IGNORE INTO operator (${names}) VALUES (${parameters})`);
  const remove = database.prepare('DELETE FROM operator WHERE id = ?');
  return {
    all: () => all.all(),
    get: (id) => byId.get(id),
    add: (operator) => {
      add.run(encode(operator));
      return byFile.get(operator.profileFile) ?? operator;
    },
    remove: (id) => {
      remove.run(id);
    },
  };
}
