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

/** SQL that orders rows as requested. */
export function orderBy(
  sorts: ListSource<unknown>['sorts'],
  { sort, descending }: Pick<ListRequest, 'sort' | 'descending'>,
  tieBreak: string,
): string {
  const column = sorts[sort];
  if (column === undefined) throw new Error(`Cannot sort by ${sort}`);
  return `ORDER BY ${column} ${descending ? 'DESC' : 'ASC'}, ${tieBreak}`;
}

/** Runs a list request on a table of few rows: it counts and sorts them for each page. */
export function list<Item>(
  database: Database,
  { table, sorts, searched, tieBreak, decode }: ListSource<Item>,
  { filter, offset, limit, ...order }: ListRequest,
): ListAnswer<Item> {
  const matches = contains(searched, filter, '?');
  const matching = `FROM ${table} WHERE ${matches.condition}`;
  const total = database.prepare(`SELECT COUNT(*) ${matching}`).pluck().get(matches.text) as number;
  const rows = database.prepare(`SELECT * ${matching} ${orderBy(sorts, order, tieBreak)} LIMIT ? OFFSET ?`);
  return { total, rows: (rows.all(matches.text, limit, offset) as never[]).map(decode) };
}

/**
 * Keeps the answer to the last question. Scrolling asks for one page after another of a list, and only the first of
 * them searches and sorts.
 *
 * The question must contain everything that the answer depends on. Within a transaction nothing is kept, as its changes
 * may be undone.
 */
export function lastAnswer<Answer>(
  database: Database,
): (question: readonly unknown[], find: () => Answer) => Answer {
  let last: { readonly key: string; readonly answer: Answer } | undefined;
  return (question, find) => {
    const key = JSON.stringify(question);
    if (last?.key === key && !database.inTransaction) return last.answer;
    last = undefined;
    const answer = find();
    if (!database.inTransaction) last = { key, answer };
    return answer;
  };
}

/** The requested part of a whole list. A limit of -1 is no limit. */
export function pageOf<Item>(
  all: readonly Item[],
  { offset, limit }: Pick<ListRequest, 'offset' | 'limit'>,
): readonly Item[] {
  return all.slice(offset, limit === -1 ? undefined : offset + limit);
}

/** Changes when another connection has written to the database. */
export function foreignChanges(database: Database): unknown {
  return database.pragma('data_version', { simple: true });
}
