import type { Database } from 'better-sqlite3';

/** What part of a list is asked for. */
export interface ListRequest {
  /** Text that one of the searched columns contains, without regard to case (ASCII). */
  readonly filter: string;
  readonly sort: string;
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** A part of a list: `total` counts all rows that match, `rows` are those that were asked for. */
export interface ListAnswer<Item> {
  readonly total: number;
  readonly rows: readonly Item[];
}

/** A list as SQL knows it. */
export interface ListSource<Item> {
  readonly table: string;
  /** The columns that may be sorted by, by the names that requests use. */
  readonly sorts: Readonly<Record<string, string>>;
  readonly searched: readonly string[];
  /** Makes equal rows keep their order. */
  readonly tieBreak: string;
  /** Makes an item of a row. */
  readonly decode: (record: never) => Item;
}

/** Answers a list in SQL, with an optional further condition. */
export function list<Item>(
  database: Database,
  { table, sorts, searched, tieBreak, decode }: ListSource<Item>,
  { filter, sort, descending, offset, limit }: ListRequest,
  condition = '1',
  parameters: readonly (string | number)[] = [],
): ListAnswer<Item> {
  const column = sorts[sort];
  if (column === undefined) throw new Error(`No sort ${sort}`);
  const matches = searched.map((name) => `${name} LIKE '%' || ? || '%' ESCAPE '\\'`).join(' OR ');
  const where = `WHERE (${condition}) AND (${filter === '' ? '1' : matches})`;
  const escaped = filter.replace(/[\\%_]/g, '\\$&');
  const values = [...parameters, ...(filter === '' ? [] : searched.map(() => escaped))];
  const total = database
    .prepare(`SELECT COUNT(*) FROM ${table} ${where}`)
    .pluck()
    .get(...values) as number;
  const order = `ORDER BY ${column} ${descending ? 'DESC' : 'ASC'}, ${tieBreak}`;
  const rows = database.prepare(`SELECT * FROM ${table} ${where} ${order} LIMIT ? OFFSET ?`);
  return { total, rows: (rows.all(...values, limit, offset) as never[]).map(decode) };
}
