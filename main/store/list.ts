import type { Database } from 'better-sqlite3';

/** Which part of a list to return, in which order. */
export interface ListRequest {
  /** Keeps rows where a searched column contains this text. Letters match in any case; empty matches all rows. */
  readonly filter: string;
  readonly sort: string;
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** Part of a list: `rows` are the requested ones, `total` counts all rows that match the filter. */
export interface ListAnswer<Item> {
  readonly total: number;
  readonly rows: readonly Item[];
}

/** Where a list comes from in SQL. */
export interface ListSource<Item> {
  readonly table: string;
  /** SQL columns to sort by. The keys are the names that requests use. */
  readonly sorts: Readonly<Record<string, string>>;
  readonly searched: readonly string[];
  /** SQL that orders rows which compare equal, so that pages never overlap. */
  readonly tieBreak: string;
  /** Turns a row into an item. */
  readonly decode: (record: never) => Item;
}

/** Adds the SQL function `fold` to a connection. SQLite's own functions know the case of ASCII letters only. */
export function addFold(database: Database): void {
  database.function('fold', { deterministic: true, directOnly: true }, fold);
}

/** A text in which the case of letters makes no difference. */
function fold(text: unknown): string {
  return String(text).toUpperCase();
}

/** SQL for the rows where one of these columns contains the filter, and the text for its parameter. */
export function contains(
  searched: readonly string[],
  filter: string,
  parameter: string,
): { readonly condition: string; readonly text: string } {
  if (filter === '') return { condition: `${parameter} = ''`, text: '' };
  // For a filter of ASCII letters, SQLite's own function finds the same and is faster.
  const upper = /^\p{ASCII}*$/u.test(filter) ? 'upper' : 'fold';
  const all = `concat_ws(char(10), ${searched.join(', ')})`;
  return { condition: `instr(${upper}(${all}), ${parameter}) > 0`, text: fold(filter) };
}

/** Runs a list request. `condition` is further SQL for WHERE, with `parameters` for its placeholders. */
export function list<Item>(
  database: Database,
  { table, sorts, searched, tieBreak, decode }: ListSource<Item>,
  { filter, sort, descending, offset, limit }: ListRequest,
  condition = '1',
  parameters: readonly (string | number)[] = [],
): ListAnswer<Item> {
  const column = sorts[sort];
  if (column === undefined) throw new Error(`Cannot sort by ${sort}`);
  const matches = contains(searched, filter, '?');
  const where = `WHERE (${condition}) AND ${matches.condition}`;
  const values = [...parameters, matches.text];
  const total = database
    .prepare(`SELECT COUNT(*) FROM ${table} ${where}`)
    .pluck()
    .get(...values) as number;
  const order = `ORDER BY ${column} ${descending ? 'DESC' : 'ASC'}, ${tieBreak}`;
  const rows = database.prepare(`SELECT * FROM ${table} ${where} ${order} LIMIT ? OFFSET ?`);
  return { total, rows: (rows.all(...values, limit, offset) as never[]).map(decode) };
}
