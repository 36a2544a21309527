/** A value as SQLite has it. */
export type Sql = string | number | Uint8Array | null;

/** A column of a table: its name in SQL, and how a value is encoded in it. */
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

/** How the rows of a table are read and written. */
export interface RowCodec<Of extends Columns> {
  /** The columns, for `INSERT INTO table (…)`. */
  readonly names: string;
  /** Their parameters, for `VALUES (…)`. */
  readonly parameters: string;
  readonly encode: (row: Row<Of>) => Readonly<Record<string, Sql>>;
  readonly decode: (record: Readonly<Record<string, Sql>>) => Row<Of>;
}

/** How rows with these columns are read and written, by the names of their members. */
export function rowCodec<Of extends Columns>(columns: Of): RowCodec<Of> {
  const all = Object.entries(columns);
  return {
    names: all.map(([, { name }]) => name).join(', '),
    parameters: all.map(([, { name }]) => `@${name}`).join(', '),
    encode: (row) => Object.fromEntries(all.map(([member, one]) => [one.name, one.encode(row[member])])),
    decode: (record) =>
      Object.fromEntries(
        all.map(([member, one]) => [member, one.decode(record[one.name] ?? null)]),
      ) as Row<Of>,
  };
}

/** A column whose values SQLite has as they are; the table is STRICT, which keeps their type. */
function plain<Value extends Sql>(name: string): Column<Value> {
  return { name, encode: (value) => value, decode: (sql) => sql as Value };
}

export const text = (name: string): Column<string> => plain(name);
export const integer = (name: string): Column<number> => plain(name);
/** DER, or other bytes. */
export const bytes = (name: string): Column<Uint8Array> => plain(name);

/** A column with JSON. Only this program writes it, so what is read has the type of what was written. */
export function json<Value>(name: string): Column<Value> {
  return {
    name,
    encode: (value) => JSON.stringify(value),
    decode: (sql) => JSON.parse(sql as string) as Value,
  };
}

/** A column that can be NULL: undefined then. */
export function optional<Value>(column: Column<Value>): Column<Value | undefined> {
  return {
    name: column.name,
    encode: (value) => (value === undefined ? null : column.encode(value)),
    decode: (sql) => (sql === null ? undefined : column.decode(sql)),
  };
}

/** A column with one of these states. Throws where a damaged store has another. */
export function oneOf<const State extends string>(name: string, states: readonly State[]): Column<State> {
  return {
    name,
    encode: (state) => state,
    decode: (sql) => {
      const state = states.find((known) => known === sql);
      if (!state) throw new Error(`${name} has one of the known states, not ${String(sql)}`);
      return state;
    },
  };
}
