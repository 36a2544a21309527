import type { Database } from 'better-sqlite3';

/** Which part of a list to return, in which order. */
export interface ListRequest {
  /** Keeps rows where a searched column contains this text. ASCII letters match in any case; empty matches all rows. */
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

/** SQL for the rows where one of these columns contains the text that a parameter gives as `searchText`. */
export function contains(searched: readonly string[], parameter: string): string {
  return searched.map((name) => `${name} LIKE '%' || ${parameter} || '%' ESCAPE '\\'`).join(' OR ');
}

/** The text of a filter, for `contains`. */
export function searchText(filter: string): string {
  return filter.replace(/[\\%_]/g, '\\$&');
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
  const matches = contains(searched, '?');
  const where = `WHERE (${condition}) AND (${filter === '' ? '1' : matches})`;
  const escaped = searchText(filter);
  const values = [...parameters, ...(filter === '' ? [] : searched.map(() => escaped))];
  const total = database
    .prepare(`SELECT COUNT(*) FROM ${table} ${where}`)
    .pluck()
    .get(...values) as number;
  const order = `ORDER BY ${column} ${descending ? 'DESC' : 'ASC'}, ${tieBreak}`;
  const rows = database.prepare(`SELECT * FROM ${table} ${where} ${order} LIMIT ? OFFSET ?`);
  return { total, rows: (rows.all(...values, limit, offset) as never[]).map(decode) };
}
