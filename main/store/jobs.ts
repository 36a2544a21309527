import type { Database } from 'better-sqlite3';
import { delivery } from '../../preload/contract/steps.ts';
import { list, type ListAnswer, type ListRequest } from './list.ts';
import { bytes, integer, oneOf, rowCodec, select, text, type Row } from './row.ts';

const columns = {
  id: text('id'),
  siteId: text('site_id'),
  siteName: text('site_name'),
  hwType: text('hw_type'),
  serialNumber: text('serial_number'),
  operator: text('operator'),
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
};

/** A job to add. */
export type NewJob = Row<typeof columns>;

/** A job, with the state of its bundle's delivery. */
export type JobRecord = Row<typeof listed>;

/** The jobs on this laptop. */
export interface Jobs {
  list(request: ListRequest): ListAnswer<JobRecord>;
  get(id: string): JobRecord | undefined;
  /** Adds a job and returns its id, or the id of the job that already has this bundle. */
  add(job: NewJob): string;
}

const codec = rowCodec(columns);
const { decode } = rowCodec(listed);

const source = {
  table: 'job_list',
  sorts: { updatedAt: 'updated_at', siteId: 'site_id', serialNumber: 'serial_number', state: 'state' },
  searched: ['site_id', 'site_name', 'serial_number'],
  // Bundles opened together are added at the same moment.
  tieBreak: 'site_id, id',
  decode,
};

export function jobs(database: Database): Jobs {
  const byId = select(database, 'SELECT * FROM job_list WHERE id = ?', decode);
  const byBundle = database.prepare<[string], string>('SELECT id FROM job WHERE bundle_sha256 = ?').pluck();
  const insert = database.prepare(
    `INSERT INTO job (${codec.names}) VALUES (${codec.parameters}) ON CONFLICT (bundle_sha256) DO NOTHING`,
  );
  return {
    list: (request) => list(database, source, request),
    get: (id) => byId.get(id),
    add: (job) => {
      insert.run(codec.encode(job));
      return byBundle.get(job.bundleSha256) ?? job.id;
    },
  };
}
