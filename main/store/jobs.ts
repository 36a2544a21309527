import type { Database } from 'better-sqlite3';
import { list, type ListAnswer, type ListRequest, type ListSource } from './list.ts';

/** A job as its row, with how far its bundle has come. */
export interface JobRecord {
  readonly id: string;
  readonly site_id: string;
  readonly site_name: string;
  readonly hw_type: string;
  readonly serial_number: string;
  readonly operator: string;
  readonly sequence: number;
  readonly valid_from: string;
  readonly valid_until: string;
  /** DER. */
  readonly bundle: Uint8Array;
  readonly bundle_sha256: string;
  /** SHA-256 of the vendor root under which the bundle was accepted, lower-case hex. */
  readonly root_fingerprint: string;
  /** RFC 3339 with milliseconds. */
  readonly added_at: string;
  readonly state: string;
  /** When the job was added, or its delivery went on. */
  readonly updated_at: string;
}

/** A job as it is added: how far its bundle has come, its delivery tells. */
export type NewJob = Omit<JobRecord, 'state' | 'updated_at'>;

/** The jobs on this laptop. */
export interface Jobs {
  list(request: ListRequest): ListAnswer<JobRecord>;
  get(id: string): JobRecord | undefined;
  /** Adds a job; the id of the one that has the same bundle when there is one. */
  add(job: NewJob): string;
}

const source: ListSource = {
  table: 'job_list',
  sorts: { updatedAt: 'updated_at', siteId: 'site_id', serialNumber: 'serial_number', state: 'state' },
  searched: ['site_id', 'site_name', 'serial_number'],
  // Bundles that were opened together are added at one moment.
  tieBreak: 'site_id, id',
};

/** Prepares the statements. */
export function jobs(database: Database): Jobs {
  const byId = database.prepare<[string], JobRecord>('SELECT * FROM job_list WHERE id = ?');
  const byBundle = database.prepare<[string], string>('SELECT id FROM job WHERE bundle_sha256 = ?').pluck();
  const insert = database.prepare<NewJob>(
    `INSERT INTO job (id, site_id, site_name, hw_type, serial_number, operator, sequence, valid_from, valid_until,
       bundle, bundle_sha256, root_fingerprint, added_at)
     VALUES (@id, @site_id, @site_name, @hw_type, @serial_number, @operator, @sequence, @valid_from, @valid_until,
       @bundle, @bundle_sha256, @root_fingerprint, @added_at)
       ON CONFLICT (bundle_sha256) DO NOTHING`,
  );
  return {
    list: (request) => list<JobRecord>(database, source, request),
    get: (id) => byId.get(id),
    add: (job) => {
      insert.run(job);
      return byBundle.get(job.bundle_sha256) ?? job.id;
    },
  };
}
