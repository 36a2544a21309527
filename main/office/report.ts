import { type Fault } from '../faults/index.ts';
import { faultSentence } from '../words/index.ts';
import type { RowName } from './check-inventory.ts';
import { writeCsv } from './csv.ts';

/** What became of one row. `made`: its bundle is there; `skipped`: nothing is wrong with it, and there is none. */
export interface PreparedRow extends RowName {
  readonly state: 'made' | 'refused' | 'skipped';
  readonly fault?: Fault;
}

/** What came of a run. `made` counts all bundles that are there, also those of an interrupted run. */
export interface PrepareReport {
  readonly made: number;
  readonly refused: number;
  /** How many rows the inventory has. */
  readonly total: number;
  /** All rows but those that are `unlisted`. */
  readonly rows: readonly PreparedRow[];
  /** Refused rows beyond the first 10,000, which are only counted. */
  readonly unlisted: number;
  /** Why the run ended before its end; what is `made` is made all the same. */
  readonly stoppedBy?: Fault;
}

/** `report.csv` of a run: one line a row, in UTF-8. */
export function reportCsv({ rows, unlisted }: Pick<PrepareReport, 'rows' | 'unlisted'>): string {
  const lines = rows.map(({ row, line, siteId, serialNumber, state, fault }) => [
    String(row),
    String(line),
    siteId,
    serialNumber,
    state,
    fault?.code ?? '',
    fault ? faultSentence(fault) : '',
  ]);
  const header = ['row', 'line', 'site', 'serial', 'state', 'fault', 'detail'];
  const more = [
    '',
    '',
    '',
    '',
    'refused',
    '',
    `${unlisted} more rows were refused. Only the first are listed.`,
  ];
  return writeCsv([header, ...lines, ...(unlisted > 0 ? [more] : [])]);
}
