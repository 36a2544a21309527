import type { Database } from 'better-sqlite3';
import { pathChecks } from '../../preload/contract/steps.ts';
import type { Fault } from '../faults/index.ts';
import type { PathCheck } from '../path/index.ts';
import { json, oneOf, optional, rowCodec, select, text, type Row } from './row.ts';

const columns = {
  bundleSha256: text('bundle_sha256'),
  place: oneOf('place', pathChecks.places),
  /** RFC 3339 with milliseconds. */
  checkedAt: text('checked_at'),
  /** In the order of the table of checks. */
  checks: json<readonly PathCheck[]>('checks'),
  /** Why nothing could be checked from there. */
  fault: optional(json<Fault>('fault')),
};

/** The path to the gateways of one bundle, as it was checked last from one place. */
export type PathReport = Row<typeof columns>;

/** The last checks of the path for each bundle, by the SHA-256 of the bundle in lower-case hex. */
export interface PathReports {
  /** From each place that has checked. */
  of(bundleSha256: string): readonly PathReport[];
  /** Adds a report, or replaces the one for the same bundle and place. */
  put(report: PathReport): void;
}

const codec = rowCodec(columns);

export function pathReports(database: Database): PathReports {
  const of = select(database, 'SELECT * FROM path_report WHERE bundle_sha256 = ?', codec.decode);
  const put = database.prepare(
    `INSERT OR REPLACE INTO path_report (${codec.names}) VALUES (${codec.parameters})`,
  );
  return {
    of: (bundleSha256) => of.all(bundleSha256),
    put: (report) => {
      put.run(codec.encode(report));
    },
  };
}
