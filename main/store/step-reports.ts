import type { Database } from 'better-sqlite3';
import { lastStarted } from '../../preload/contract/steps.ts';
import type { Receipt } from '../bundle/index.ts';
import { flag, json, rowCodec, select, text, type Row } from './row.ts';

const columns = {
  bundleSha256: text('bundle_sha256'),
  steps: json<Receipt['steps']>('steps'),
  /** RFC 3339 with milliseconds. */
  reportedAt: text('reported_at'),
  /** A step that the bundle requires is not done. */
  hasStepsLeft: flag('has_steps_left'),
};

/** What an eNB reported about its steps with one bundle, over a connection that proved its identity. Not signed. */
export type StepReport = Row<typeof columns>;

/** The last report for each bundle, by the SHA-256 of the bundle in lower-case hex. */
export interface StepReports {
  get(bundleSha256: string): StepReport | undefined;
  /** Adds a report, or replaces the one for the same bundle. */
  put(report: StepReport): void;
}

const codec = rowCodec(columns);

export function stepReports(database: Database): StepReports {
  const get = select(database, 'SELECT * FROM step_report WHERE bundle_sha256 = ?', codec.decode);
  const put = database.prepare(
    `INSERT OR REPLACE INTO step_report (${codec.names}, has_failed) VALUES (${codec.parameters}, @hasFailed)`,
  );
  return {
    get: (bundleSha256) => get.get(bundleSha256),
    put: (report) => {
      const hasFailed = lastStarted(report.steps)?.state === 'failed';
      put.run({ ...codec.encode(report), hasFailed: Number(hasFailed) });
    },
  };
}
