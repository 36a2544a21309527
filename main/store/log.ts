import type { Database } from 'better-sqlite3';
import { contains, type ListAnswer } from './list.ts';
import { integer, rowCodec, select, text, type Row } from './row.ts';

const headColumns = {
  /** How many entries the log has. */
  size: integer('size'),
  /** Of the tree over these entries, the roots of the perfect subtrees, the largest first, in hex, joined by spaces. */
  subtrees: text('subtrees'),
  /** The signed checkpoint over these entries. Empty before the first entry. */
  checkpoint: text('checkpoint'),
  /** Names the log in its checkpoints. */
  origin: text('origin'),
  /** The verifier key that signs. Empty before the first entry. */
  key: text('key'),
  /** The key's number, counted from 1. */
  epoch: integer('epoch'),
  /** When the key began to sign, RFC 3339. */
  keySince: text('key_since'),
  /** The time of the last entry. */
  lastTime: text('last_time'),
};

/** The state of the log after its last entry, written in the same transaction. */
export type LogHead = Row<typeof headColumns>;

const checkpointColumns = {
  size: integer('size'),
  checkpoint: text('checkpoint'),
  /** Why it is kept: `handover`, because its key ended with it, or `given`, because it left this computer. */
  kind: text('kind'),
};

/** A checkpoint that is kept for good. */
export type CheckpointRecord = Row<typeof checkpointColumns>;

const processColumns = {
  id: text('id'),
  process: integer('process'),
  bootId: text('boot_id'),
  startedAt: text('started_at'),
};

/** A process that writes to the log and has not said that it stopped. */
export type LogProcess = Row<typeof processColumns>;

/** Which entries are wanted. Absent members restrict nothing. */
export interface LogFilter {
  /** The entry holds this text, in any case of letters. */
  readonly text?: string;
  /** RFC 3339, inclusive. */
  readonly from?: string;
  /** RFC 3339, exclusive. */
  readonly to?: string;
  readonly site?: string;
  readonly serialNumber?: string;
  /** The id of an actor. */
  readonly person?: string;
  readonly actions?: readonly string[];
}

/** The rows of the audit log, numbered without gaps, and what is kept beside them. */
export interface LogRows {
  /** Undefined before the log has a name. */
  head(): LogHead | undefined;
  putHead(head: LogHead): void;
  insert(sequence: number, entry: string): void;
  /** The number after the last row. 0 for an empty log. */
  end(): number;
  /** The number of a row before the first entry or after the last of so many. */
  stray(size: number): number | undefined;
  /** The entries from `from` to before `to` that match, in order, with their sequence, each as canonical JSON. */
  read(from: number, to: number, filter?: LogFilter): Iterable<LogRow>;
  list(
    filter: LogFilter,
    page: { readonly descending: boolean; readonly offset: number; readonly limit: number },
  ): ListAnswer<LogRow>;
  /** How many entries match. */
  count(filter: LogFilter): number;
  /** Keeps a checkpoint, unless one of its size is kept: that one may have been cosigned. */
  keepCheckpoint(checkpoint: CheckpointRecord): void;
  /** Keeps a checkpoint in the place of the one of its size, for example when a witness has cosigned it. */
  replaceCheckpoint(checkpoint: CheckpointRecord): void;
  /** All kept checkpoints, the smallest first. */
  checkpoints(): readonly CheckpointRecord[];
  processes(): readonly LogProcess[];
  addProcess(process: LogProcess): void;
  removeProcess(id: string): void;
  /** Entries of a version without proofs, in order. */
  oldEntries(): readonly string[];
  /** Forgets them. */
  dropOldEntries(): void;
}

/** A row of the log. */
export interface LogRow {
  readonly sequence: number;
  readonly entry: string;
}

const headCodec = rowCodec(headColumns);
const checkpointCodec = rowCodec(checkpointColumns);
const processCodec = rowCodec(processColumns);

const site = member('site');
const serialNumber = member('serialNumber');

/** The time of an entry, which ends with `"time":"…","training":false}`. SQLite refuses to read JSON that is damaged. */
const time = `trim(substr(entry, -39, 21), '"')`;

/** SQL and parameters of a filter. */
function conditionOf(filter: LogFilter): { readonly sql: string; readonly values: readonly string[] } {
  const found = contains(['entry'], filter.text ?? '', '?');
  const actions = filter.actions?.map((action) => `{"action":${JSON.stringify(action)},`);
  const parts: readonly (readonly [sql: string, ...values: readonly string[]] | undefined)[] = [
    filter.site === undefined ? undefined : site(filter.site),
    filter.serialNumber === undefined ? undefined : serialNumber(filter.serialNumber),
    filter.person === undefined
      ? undefined
      : ['instr(entry, ?) > 0', `"actor":{"id":${JSON.stringify(filter.person)},`],
    actions && [
      `(${['0', ...actions.map(() => 'substr(entry, 1, length(?)) = ?')].join(' OR ')})`,
      ...actions.flatMap((start) => [start, start]),
    ],
    filter.from === undefined ? undefined : [`${time} >= ?`, filter.from],
    filter.to === undefined ? undefined : [`${time} < ?`, filter.to],
    [found.condition, found.text],
  ];
  const used = parts.filter((part) => part !== undefined);
  return { sql: used.map(([sql]) => sql).join(' AND '), values: used.flatMap(([, ...values]) => values) };
}

/**
 * The condition that a member of subject or facts has this value. An entry is canonical JSON, so that a member and its
 * value are one exact text, and quotes inside of values are escaped: no JSON need be read.
 */
function member(name: string): (value: string) => readonly [string, string] {
  return (value) => ['instr(entry, ?) > 0', `${JSON.stringify(name)}:${JSON.stringify(value)}`];
}

/** The entry. Of one that is too long to be one, its start: more than an entry may have, but not more than memory has. */
const bounded = 'CASE WHEN octet_length(entry) > 65535 THEN substr(entry, 1, 65536) ELSE entry END AS entry';

/** How many entries are read at a time. Reading ends between them, so that the caller may append meanwhile. */
const slice = 1_000;

export function log(database: Database, transaction: (work: () => void) => void): LogRows {
  const head = select(database, 'SELECT * FROM log_head', headCodec.decode);
  const putHead = database.prepare(
    `INSERT OR REPLACE INTO log_head (one, ${headCodec.names}) VALUES (1, ${headCodec.parameters})`,
  );
  const insert = database.prepare<[number, string]>('INSERT INTO log VALUES (?, ?)');
  const end = database.prepare<[], number>('SELECT coalesce(max(sequence) + 1, 0) FROM log').pluck();
  const stray = database
    .prepare<[number], number>(
      'SELECT sequence FROM log WHERE sequence < 0 OR sequence >= ? ORDER BY 1 LIMIT 1',
    )
    .pluck();
  const checkpoints = select(database, 'SELECT * FROM log_checkpoint ORDER BY size', checkpointCodec.decode);
  const insertCheckpoint = (verb: 'INSERT OR IGNORE' | 'INSERT OR REPLACE') =>
    database.prepare(
      `${verb} INTO log_checkpoint (${checkpointCodec.names}) VALUES (${checkpointCodec.parameters})`,
    );
  const [keepCheckpoint, replaceCheckpoint] = [
    insertCheckpoint('INSERT OR IGNORE'),
    insertCheckpoint('INSERT OR REPLACE'),
  ];
  const processes = select(database, 'SELECT * FROM log_process ORDER BY started_at', processCodec.decode);
  const addProcess = database.prepare(
    `INSERT INTO log_process (${processCodec.names}) VALUES (${processCodec.parameters})`,
  );
  const removeProcess = database.prepare<[string]>('DELETE FROM log_process WHERE id = ?');
  const oldEntries = database
    .prepare<[], string>('SELECT entry FROM log_without_proof ORDER BY sequence')
    .pluck();
  return {
    head: () => head.get(),
    putHead: (state) => {
      putHead.run(headCodec.encode(state));
    },
    insert: (sequence, entry) => {
      insert.run(sequence, entry);
    },
    end: () => end.get() ?? 0,
    stray: (size) => stray.get(size),
    *read(from, to, filter = {}) {
      const { sql, values } = conditionOf(filter);
      const rows = database.prepare<(string | number)[], LogRow>(
        `SELECT sequence, ${bounded} FROM log WHERE sequence >= ? AND sequence < ? AND ${sql} ORDER BY sequence LIMIT ${slice}`,
      );
      for (let next = from; next < to;) {
        const part = rows.all(next, to, ...values);
        yield* part;
        const last = part.at(-1);
        if (!last || part.length < slice) return;
        next = last.sequence + 1;
      }
    },
    list: (filter, { descending, offset, limit }) => {
      const { sql, values } = conditionOf(filter);
      const order = descending ? 'DESC' : 'ASC';
      const rows = database.prepare<(string | number)[], LogRow>(
        `SELECT sequence, ${bounded} FROM log WHERE ${sql} ORDER BY sequence ${order} LIMIT ? OFFSET ?`,
      );
      return { total: count(filter), rows: rows.all(...values, limit, offset) };
    },
    count,
    keepCheckpoint: (checkpoint) => {
      keepCheckpoint.run(checkpointCodec.encode(checkpoint));
    },
    replaceCheckpoint: (checkpoint) => {
      replaceCheckpoint.run(checkpointCodec.encode(checkpoint));
    },
    checkpoints: () => checkpoints.all(),
    processes: () => processes.all(),
    addProcess: (process) => {
      addProcess.run(processCodec.encode(process));
    },
    removeProcess: (id) => {
      removeProcess.run(id);
    },
    oldEntries: () => oldEntries.all(),
    dropOldEntries: () => transaction(() => database.exec('DELETE FROM log_without_proof')),
  };

  function count(filter: LogFilter): number {
    const { sql, values } = conditionOf(filter);
    return (
      database
        .prepare<string[], number>(`SELECT COUNT(*) FROM log WHERE ${sql}`)
        .pluck()
        .get(...values) ?? 0
    );
  }
}
