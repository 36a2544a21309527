import type { Difference } from '../bundle/index.ts';
import type { Fault, RowWarning, RunWarning } from '../faults/index.ts';
import { faultSentence, fill, warningSentence, words, writeCsv } from '../words/index.ts';
import type { RowName } from './check-row.ts';
import type { RowCells } from './inventory.ts';

/** What a good row says, beside its name. A good row holds no secret in these cells. */
export interface RowContents {
  readonly siteName: string;
  readonly vendor: string;
  readonly outerIp: string;
  readonly vlan: string;
  readonly validUntil: string;
}

export function contentsOf(cells: RowCells, vendor: string): RowContents {
  const { site_name: siteName, outer_ip: outerIp, vlan, valid_until: validUntil } = cells;
  return { siteName, vendor, outerIp, vlan, validUntil };
}

/**
 * The result for one row. `made`: its bundle exists. `skipped`: the row is good, but it has no bundle. `unchanged`: it
 * needs none, because the newest bundle of its eNB asks the same.
 */
export interface PreparedRow extends RowName {
  readonly state: 'made' | 'refused' | 'skipped' | 'unchanged';
  /** Of a good row. */
  readonly contents?: RowContents;
  /** What the bundle changes for the eNB. Empty if the earlier content is not known, absent for a first bundle. */
  readonly differences?: readonly Difference[];
  /** Of a good row that has any. */
  readonly warnings?: readonly RowWarning[];
  readonly fault?: Fault;
  /** As in `RefusedRow`. */
  readonly value?: string;
}

/** The result of a run. `made` counts all existing bundles, including those from an interrupted run. */
export interface PrepareReport {
  readonly made: number;
  readonly refused: number;
  /** Number of rows in the inventory. */
  readonly total: number;
  /** All rows except the `unlisted` ones. */
  readonly rows: readonly PreparedRow[];
  /** Number of refused rows beyond the first 10,000. They are only counted. */
  readonly unlisted: number;
  /** The rows that change nothing for their eNBs, and those that change something, if the run has compared them. */
  readonly unchanged: number;
  readonly changed: number;
  /** The run has made nothing (more), because the user must look at the rows first. */
  readonly isHeldBack?: true;
  /** What to know about the good rows. */
  readonly warnings: readonly RunWarning[];
  /** The registrations for the RA/CA that this run has written, if it makes credentials: absolute paths. */
  readonly registrations?: readonly string[];
  /** Why the run stopped early. The `made` bundles are still valid. */
  readonly stoppedBy?: Fault;
}

/** The content of `report.csv`: one line per row. */
export function reportCsv({ rows, unlisted }: Pick<PrepareReport, 'rows' | 'unlisted'>): string {
  const lines = rows.map(({ row, line, siteId, serialNumber, state, fault, warnings = [] }) => [
    String(row),
    String(line),
    siteId,
    serialNumber,
    state,
    fault?.code ?? '',
    fault ? faultSentence(fault) : warnings.map((one) => warningSentence({ ...one, rows: 1 })).join(' '),
  ]);
  const header = ['row', 'line', 'site', 'serial', 'state', 'fault', 'detail'];
  const more = ['', '', '', '', 'refused', '', fill(words.cli.unlistedRows, { count: unlisted })];
  return writeCsv([header, ...lines, ...(unlisted > 0 ? [more] : [])]);
}
