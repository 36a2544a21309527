import type { Database } from 'better-sqlite3';
import { delivery, jobParts, type JobPart } from '../../preload/contract/steps.ts';
import { contains, searchText, type ListRequest } from './list.ts';
import { bytes, integer, oneOf, optional, rowCodec, select, text, type Row } from './row.ts';

const columns = {
  id: text('id'),
  siteId: text('site_id'),
  siteName: text('site_name'),
  hwType: text('hw_type'),
  serialNumber: text('serial_number'),
  operator: text('operator'),
  /** The vendor's epoch in which the sequence number counts. Unknown for a job of an earlier version. */
  epoch: optional(integer('epoch')),
  sequence: integer('sequence'),
  validFrom: text('valid_from'),
  validUntil: text('valid_until'),
  bundle: bytes('bundle'),
  bundleSha256: text('bundle_sha256'),
  /** SHA-256 of the vendor root that the bundle was accepted under, lower-case hex. */
  rootFingerprint: text('root_fingerprint'),
  /** RFC 3339 with milliseconds. */
  addedAt: text('added_at'),
};

const listed = {
  ...columns,
  state: oneOf('state', delivery.proven),
  /** When the job was added or its delivery last changed. RFC 3339 with milliseconds. */
  updatedAt: text('updated_at'),
  /** When the user put the job away. RFC 3339 with milliseconds. */
  archivedAt: optional(text('archived_at')),
  /** The job with the newest configuration of the same eNB, if that is newer than this one. */
  newerId: optional(text('newer_id')),
};

/** A job to add. */
export type NewJob = Row<typeof columns>;

/** A job, with the state of its bundle's delivery. */
export type JobRecord = Row<typeof listed>;

/** Which jobs to return, and what only the caller knows about them. */
export interface JobsRequest extends ListRequest {
  readonly part: JobPart;
  /** Validity is judged at this time. */
  readonly now: Date;
  /** The ids of the jobs whose delivery is running. */
  readonly running: readonly string[];
}

/** Part of the jobs: `rows` are the requested ones, and `counts` counts all that match the filter, by part. */
export interface JobsAnswer {
  readonly rows: readonly JobRecord[];
  readonly counts: Readonly<Record<JobPart, number>>;
}

/** The jobs on this laptop. */
export interface Jobs {
  list(request: JobsRequest): JobsAnswer;
  get(id: string): JobRecord | undefined;
  /** Adds a job and returns its id, or the id of the job that already has this bundle. */
  add(job: NewJob): { readonly id: string; readonly isNew: boolean };
  /** Puts jobs away at a time, or brings them back. */
  archive(ids: readonly string[], at: string | undefined): void;
}

const codec = rowCodec(columns);
const { decode } = rowCodec(listed);

/**
 * What a list of jobs filters, counts and sorts by. The first rule that fits decides about the part of a job. Both
 * indexes have all these columns: reading the tables means reading the bundles.
 */
const listing = `
  SELECT id, site_id, site_name, serial_number,
    COALESCE(delivery.state, 'selected') AS state,
    COALESCE(delivery.updated_at, job.added_at) AS updated_at,
    CASE
      WHEN archived_at IS NOT NULL OR EXISTS (SELECT 1 FROM job AS newer
        WHERE newer.hw_type = job.hw_type AND newer.serial_number = job.serial_number
          AND (newer.epoch, newer.sequence) > (job.epoch, job.sequence)) THEN 'put-away'
      WHEN delivery.state = 'receipt' THEN 'done'
      WHEN id IN (SELECT value FROM json_each(@running)) THEN 'under-way'
      WHEN delivery.state = 'refused' OR valid_until < @now THEN 'problem'
      WHEN delivery.state <> 'selected' THEN 'under-way'
      WHEN EXISTS (SELECT 1 FROM carried WHERE carried.bundle_sha256 = job.bundle_sha256) THEN 'under-way'
      ELSE 'to-do'
    END AS part
  FROM job INDEXED BY job_listed
    LEFT JOIN delivery INDEXED BY delivery_listed USING (bundle_sha256)`;

const sorts: Readonly<Record<string, string>> = {
  updatedAt: 'updated_at',
  siteId: 'site_id',
  serialNumber: 'serial_number',
  state: 'state',
};

export function jobs(database: Database): Jobs {
  const byId = select(database, 'SELECT * FROM job_list WHERE id = ?', decode);
  const byBundle = database.prepare<[string], string>('SELECT id FROM job WHERE bundle_sha256 = ?').pluck();
  // Opening a bundle again teaches a job of an earlier version its epoch.
  const insert = database.prepare(
    `INSERT INTO job (${codec.names}) VALUES (${codec.parameters})
       ON CONFLICT (bundle_sha256) DO UPDATE SET epoch = excluded.epoch`,
  );
  const archive = database.prepare(
    'UPDATE job SET archived_at = ? WHERE id IN (SELECT value FROM json_each(?))',
  );
  return {
    list: (request) => {
      const { counts, ids } = find(database, request);
      // Each exists: nothing deletes jobs.
      return { counts, rows: ids.flatMap((id) => byId.get(id) ?? []) };
    },
    get: (id) => byId.get(id),
    add: (job) => {
      const known = byBundle.get(job.bundleSha256);
      insert.run(codec.encode(job));
      const id = byBundle.get(job.bundleSha256) ?? job.id;
      return { id, isNew: known === undefined && id === job.id };
    },
    archive: (ids, at) => {
      archive.run(at ?? null, JSON.stringify(ids));
    },
  };
}

/** Counts the jobs that match, and finds the ids of the requested ones. */
function find(
  database: Database,
  { part, now, running, filter, sort, descending, offset, limit }: JobsRequest,
): { counts: JobsAnswer['counts']; ids: readonly string[] } {
  const column = sorts[sort];
  if (column === undefined) throw new Error(`Cannot sort by ${sort}`);
  const given = {
    running: JSON.stringify(running),
    // The form that bundles have, so that SQL compares them as text.
    now: now.toISOString().replace(/\.\d+Z$/, 'Z'),
    filter: searchText(filter),
  };
  const matching = `(${listing}) WHERE (${contains(['site_id', 'site_name', 'serial_number'], '@filter')})`;
  const counted = database
    .prepare<[typeof given], { part: JobPart; amount: number }>(
      `SELECT part, COUNT(*) AS amount FROM ${matching} GROUP BY part`,
    )
    .all(given);
  const count = (one: JobPart) => counted.find((row) => row.part === one)?.amount ?? 0;
  const all = counted.reduce((sum, { amount }) => sum + amount, 0);
  const counts = Object.fromEntries(
    jobParts.map((one) => [one, one === 'active' ? all - count('put-away') : count(one)]),
  ) as Record<JobPart, number>;
  // Bundles opened together are added at the same moment.
  const order = `${column} ${descending ? 'DESC' : 'ASC'}, site_id, id`;
  const shown = part === 'active' ? "part <> 'put-away'" : 'part = @part';
  const ids = database
    .prepare<unknown[], string>(
      `SELECT id FROM ${matching} AND ${shown} ORDER BY ${order} LIMIT @limit OFFSET @offset`,
    )
    .pluck()
    .all({ ...given, ...(part !== 'active' && { part }), limit, offset });
  return { counts, ids };
}
