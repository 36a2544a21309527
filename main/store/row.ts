import type { Database } from 'better-sqlite3';

/** A value as better-sqlite3 reads and writes it. */
export type Sql = string | number | Uint8Array | null;

/** A column of a table: its SQL name, and how its values are encoded. */
export interface Column<Value> {
  readonly name: string;
  encode(value: Value): Sql;
  decode(sql: Sql): Value;
}

type Columns = Readonly<Record<string, Column<unknown>>>;

/** A row of a table with these columns, as the rest of the program sees it. */
export type Row<Of extends Columns> = {
  readonly [Member in keyof Of]: Of[Member] extends Column<infer Value> ? Value : never;
};

/** Encodes and decodes the rows of a table. */
export interface RowCodec<Of extends Columns> {
  /** The column names, for `INSERT INTO table (…)`. */
  readonly names: string;
  /** The matching named parameters, for `VALUES (…)`. */
  readonly parameters: string;
  readonly encode: (row: Row<Of>) => Readonly<Record<string, Sql>>;
  readonly decode: (record: Readonly<Record<string, Sql>>) => Row<Of>;
}

/** The codec for rows with these columns. The keys of `columns` become the members of a row. */
export function rowCodec<Of extends Columns>(columns: Of): RowCodec<Of> {
  const all = Object.entries(columns);
  return {
    names: all.map(([, { name }]) => name).join(', '),
    parameters: all.map(([, { name }]) => `@${name}`).join(', '),
    encode: (row) => {
      const record: Record<string, Sql> = {};
      for (const [member, column] of all) record[column.name] = column.encode(row[member]);
      return record;
    },
    decode: (record) => {
      const row: Record<string, unknown> = {};
      for (const [member, column] of all) row[member] = column.decode(record[column.name] ?? null);
      return row as Row<Of>;
    },
  };
}

/** A column whose values SQLite stores unchanged. The tables are STRICT, so SQLite enforces their type. */
function plain<Value extends Sql>(name: string): Column<Value> {
  return { name, encode: (value) => value, decode: (sql) => sql as Value };
}

export const text = (name: string): Column<string> => plain(name);
export const integer = (name: string): Column<number> => plain(name);
/** True or false, as 1 or 0. */
export const flag = (name: string): Column<boolean> => ({
  name,
  encode: (value) => Number(value),
  decode: (sql) => sql === 1,
});
/** A BLOB, such as DER. */
export const bytes = (name: string): Column<Uint8Array> => plain(name);

/** A JSON column. Only this program writes it, so decoding trusts that the value has the type that was encoded. */
export function json<Value>(name: string): Column<Value> {
  return {
    name,
    encode: (value) => JSON.stringify(value),
    decode: (sql) => JSON.parse(sql as string) as Value,
  };
}

/** A column that may be NULL, which decodes to undefined. */
export function optional<Value>(column: Column<Value>): Column<Value | undefined> {
  return {
    name: column.name,
    encode: (value) => (value === undefined ? null : column.encode(value)),
    decode: (sql) => (sql === null ? undefined : column.decode(sql)),
  };
}

/** A column that holds one of these states. Decoding throws if a damaged store holds anything else. */
export function oneOf<const State extends string>(name: string, states: readonly State[]): Column<State> {
  return {
    name,
    encode: (state) => state,
    decode: (sql) => {
      const state = states.find((known) => known === sql);
      if (!state) throw new Error(`Column ${name} holds an unknown state: ${String(sql)}`);
      return state;
    },
  };
}

/** A prepared SELECT whose rows are decoded. `get` returns the first. */
export function select<Item>(
  database: Database,
  sql: string,
  decode: (record: Readonly<Record<string, Sql>>) => Item,
): { get(...values: readonly Sql[]): Item | undefined; all(...values: readonly Sql[]): readonly Item[] } {
  const statement = database.prepare<Sql[], Record<string, Sql>>(sql);
  return {
    get: (...values) => {
      const record = statement.get(...values);
      return record && decode(record);
    },
    all: (...values) => statement.all(...values).map(decode),
  };
}
