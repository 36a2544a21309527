import type { Database } from 'better-sqlite3';
import { list, type ListAnswer, type ListRequest, type ListSource } from './list.ts';

/** A run of an inventory, as its row. `fault` is JSON. */
export interface RunRecord {
  readonly id: string;
  readonly operator_id: string;
  readonly operator: string;
  readonly inventory_file: string;
  readonly out_folder: string | null;
  readonly state: string;
  readonly rows: number;
  readonly made: number;
  readonly refused: number;
  /** RFC 3339 with milliseconds. */
  readonly started_at: string;
  /** The same; null while it is under way, and when the core ended in the middle of it. */
  readonly ended_at: string | null;
  readonly fault: string | null;
}

/** What became of one row of the inventory. `fault` is JSON. */
export interface RunRowRecord {
  readonly row: number;
  readonly line: number;
  readonly site_id: string;
  readonly serial_number: string;
  readonly state: string;
  readonly fault: string | null;
}

/** The runs, and the rows of each. */
export interface Runs {
  list(request: ListRequest): ListAnswer<RunRecord>;
  get(id: string): RunRecord | undefined;
  /** Adds a run or replaces it. */
  put(run: RunRecord): void;
  /** Replaces the rows of a run. */
  putRows(runId: string, rows: Iterable<RunRowRecord>): void;
  /** The rows of a run, all or those that were refused. */
  rows(runId: string, request: ListRequest, onlyRefused: boolean): ListAnswer<RunRowRecord>;
}

const runSource: ListSource = {
  table: 'run',
  sorts: { startedAt: 'started_at' },
  searched: ['operator', 'inventory_file'],
  tieBreak: 'id',
};

const rowSource: ListSource = {
  table: 'run_row',
  sorts: { row: 'row', siteId: 'site_id', serialNumber: 'serial_number', state: 'state' },
  searched: ['site_id', 'serial_number', 'fault'],
  tieBreak: 'row',
};

/** Prepares the statements. */
export function runs(database: Database): Runs {
  const byId = database.prepare<[string], RunRecord>('SELECT * FROM run WHERE id = ?');
  const put = database.prepare<RunRecord>(
    `INSERT INTO run VALUES (@id, @operator_id, @operator, @inventory_file, @out_folder, @state, @rows, @made,
       @refused, @started_at, @ended_at, @fault)
     ON CONFLICT DO UPDATE SET out_folder = excluded.out_folder, state = excluded.state, rows = excluded.rows,
       made = excluded.made, refused = excluded.refused, ended_at = excluded.ended_at, fault = excluded.fault`,
  );
  const clearRows = database.prepare<[string]>('DELETE FROM run_row WHERE run_id = ?');
  const putRow = database.prepare(
    'INSERT INTO run_row VALUES (@run_id, @row, @line, @site_id, @serial_number, @state, @fault)',
  );
  return {
    list: (request) => list<RunRecord>(database, runSource, request),
    get: (id) => byId.get(id),
    put: (run) => {
      put.run(run);
    },
    putRows: (runId, rows) => {
      database.transaction(() => {
        clearRows.run(runId);
        for (const row of rows) putRow.run({ ...row, run_id: runId });
      })();
    },
    rows: (runId, request, onlyRefused) =>
      list<RunRowRecord>(
        database,
        rowSource,
        request,
        onlyRefused ? `run_id = ? AND state = 'refused'` : 'run_id = ?',
        [runId],
      ),
  };
}
