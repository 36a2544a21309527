import type { Database } from 'better-sqlite3';

/** The user's settings on this laptop, as strings by name. */
export interface Settings {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

export function settings(database: Database): Settings {
  const get = database.prepare<[string], string>('SELECT value FROM setting WHERE name = ?').pluck();
  const set = database.prepare<[string, string]>('INSERT OR REPLACE INTO setting VALUES (?, ?)');
  return {
    get: (name) => get.get(name),
    set: (name, value) => {
      set.run(name, value);
    },
  };
}
