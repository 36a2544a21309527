import type { Database } from 'better-sqlite3';
import { run as runStates } from '../../preload/contract/steps.ts';
import type { Difference } from '../bundle/index.ts';
import type { Fault, RunWarning } from '../faults/index.ts';
import {
  contains,
  foreignChanges,
  lastAnswer,
  list,
  orderBy,
  pageOf,
  type ListAnswer,
  type ListRequest,
} from './list.ts';
import { flag, integer, json, oneOf, optional, rowCodec, select, text, type Row } from './row.ts';

const columns = {
  id: text('id'),
  operatorId: text('operator_id'),
  operator: text('operator'),
  inventoryFile: text('inventory_file'),
  outFolder: optional(text('out_folder')),
  state: oneOf('state', runStates.states),
  rows: integer('rows'),
  made: integer('made'),
  refused: integer('refused'),
  /** Whether it makes only the bundles that change something for their eNBs. */
  onlyChanged: flag('only_changed'),
  /** Whether it makes the credentials. */
  generateCredentials: flag('generate_credentials'),
  /** The good rows whose eNBs have a bundle: those that change nothing, and those that do. */
  unchanged: integer('unchanged'),
  changed: integer('changed'),
  /** RFC 3339 with milliseconds. */
  startedAt: text('started_at'),
  /** RFC 3339 with milliseconds. Undefined while the run is in progress, or if the core ended during it. */
  endedAt: optional(text('ended_at')),
  fault: optional(json<Fault>('fault')),
  warnings: optional(json<readonly RunWarning[]>('warnings')),
};

/** A run: one inventory becoming bundles. */
export type RunRecord = Row<typeof columns>;

const rowColumns = {
  row: integer('row'),
  line: integer('line'),
  siteId: text('site_id'),
  serialNumber: text('serial_number'),
  state: oneOf('state', runStates.rowStates),
  /** What a good row says; empty for a refused row. */
  siteName: text('site_name'),
  vendor: text('vendor'),
  outerIp: text('outer_ip'),
  vlan: text('vlan'),
  validUntil: text('valid_until'),
  fault: optional(json<Fault>('fault')),
  /** The whole text of the cell that the fault is about, where it may be shown. */
  value: optional(text('value')),
  /** What the bundle changes for its eNB. Empty if the earlier content is not known, undefined for a first bundle. */
  differences: optional(json<readonly Difference[]>('differences')),
  /** The fault in words, to search in. Empty for a good row. */
  problem: text('problem'),
};

/** The result of a run for one inventory row. */
export type RunRowRecord = Row<typeof rowColumns>;

/** All runs, and the result of each for its inventory rows. */
export interface Runs {
  list(request: ListRequest): ListAnswer<RunRecord>;
  get(id: string): RunRecord | undefined;
  /** Adds a run, or updates what changes in its course. */
  put(run: RunRecord): void;
  /** Replaces all rows of a run, in one transaction. */
  putRows(runId: string, rows: Iterable<RunRowRecord>): void;
  /** The rows of a run, and how many of each kind match the filter. */
  rows(runId: string, request: ListRequest, show: keyof RowCounts): RowsAnswer;
}

/**
 * How many rows match a filter: all, those with a problem, those that have or need a bundle, those of them whose bundle
 * changes something, and those that need none.
 */
export interface RowCounts {
  readonly all: number;
  readonly refused: number;
  readonly good: number;
  readonly changed: number;
  readonly unchanged: number;
}

/** Part of the rows of a run. */
export interface RowsAnswer extends ListAnswer<RunRowRecord> {
  readonly counts: RowCounts;
}

const codec = rowCodec(columns);
const rowsCodec = rowCodec(rowColumns);

const runSource = {
  table: 'run',
  sorts: { startedAt: 'started_at' },
  searched: ['operator', 'inventory_file'],
  tieBreak: 'id',
  decode: codec.decode,
};

const rowSorts = { row: 'row', siteId: 'site_id', serialNumber: 'serial_number', state: 'state' };

const rowSearched = ['site_id', 'site_name', 'serial_number', 'vendor', 'problem'];

/** SQL for the rows of each kind. */
const conditions: Readonly<Record<keyof RowCounts, string>> = {
  all: '1',
  refused: "state = 'refused'",
  good: "state NOT IN ('refused', 'unchanged')",
  changed: 'differences IS NOT NULL',
  unchanged: "state = 'unchanged'",
};

/** The places of the requested rows in the inventory, in their order, and how many of each kind match the filter. */
interface FoundRows {
  readonly places: readonly number[];
  readonly counts: RowCounts;
}

export function runs(database: Database): Runs {
  const byId = select(database, 'SELECT * FROM run WHERE id = ?', codec.decode);
  const put = database.prepare(
    `INSERT INTO run (${codec.names}) VALUES (${codec.parameters})
     ON CONFLICT DO UPDATE SET out_folder = excluded.out_folder, state = excluded.state, rows = excluded.rows,
       made = excluded.made, refused = excluded.refused, only_changed = excluded.only_changed,
       unchanged = excluded.unchanged, changed = excluded.changed, ended_at = excluded.ended_at,
       fault = excluded.fault, warnings = excluded.warnings`,
  );
  const clearRows = database.prepare<[string]>('DELETE FROM run_row WHERE run_id = ?');
  const putRow = database.prepare(
    `INSERT INTO run_row (run_id, ${rowsCodec.names}) VALUES (@run_id, ${rowsCodec.parameters})`,
  );
  const rowAt = select(database, 'SELECT * FROM run_row WHERE run_id = ? AND row = ?', rowsCodec.decode);
  const lastFound = lastAnswer<FoundRows>(database);
  let timesPut = 0;
  return {
    list: (request) => list(database, runSource, request),
    get: (id) => byId.get(id),
    put: (run) => {
      put.run(codec.encode(run));
    },
    putRows: (runId, rows) => {
      timesPut += 1;
      database.transaction(() => {
        clearRows.run(runId);
        for (const row of rows) putRow.run({ ...rowsCodec.encode(row), run_id: runId });
      })();
    },
    rows: (runId, { offset, limit, ...question }, show) => {
      const { places, counts } = lastFound([foreignChanges(database), timesPut, runId, question, show], () =>
        findRows(database, runId, question, show),
      );
      const rows = pageOf(places, { offset, limit }).flatMap((place) => rowAt.get(runId, place) ?? []);
      return { total: counts[show], rows, counts };
    },
  };
}

function findRows(
  database: Database,
  runId: string,
  { filter, ...order }: Omit<ListRequest, 'offset' | 'limit'>,
  show: keyof RowCounts,
): FoundRows {
  const matches = contains(rowSearched, filter, '?');
  const matching = `FROM run_row WHERE run_id = ? AND ${matches.condition}`;
  const sums = Object.entries(conditions).map(([kind, condition]) => `TOTAL(${condition}) AS "${kind}"`);
  const counts = database
    .prepare<string[], RowCounts>(`SELECT ${sums.join(', ')} ${matching}`)
    .get(runId, matches.text) as RowCounts;
  const places = database
    .prepare<string[], number>(
      `SELECT row ${matching} AND ${conditions[show]} ${orderBy(rowSorts, order, 'row')}`,
    )
    .pluck()
    .all(runId, matches.text);
  return { places, counts };
}
