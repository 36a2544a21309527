import type { Database } from 'better-sqlite3';
import { rowCodec, text, type Row, type Sql } from './row.ts';

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
  const select = (rest: string) =>
    database.prepare<unknown[], Record<string, Sql>>(`SELECT * FROM operator ${rest}`);
  const all = select('ORDER BY added_at, id');
  const byId = select('WHERE id = ?');
  const byFile = select('WHERE profile_file = ?');
  const add = database.prepare(`INSERT OR IGNORE INTO operator (${names}) VALUES (${parameters})`);
  const remove = database.prepare('DELETE FROM operator WHERE id = ?');
  return {
    all: () => all.all().map(decode),
    get: (id) => byId.all(id).map(decode)[0],
    add: (operator) => {
      add.run(encode(operator));
      return byFile.all(operator.profileFile).map(decode)[0] ?? operator;
    },
    remove: (id) => {
      remove.run(id);
    },
  };
}
