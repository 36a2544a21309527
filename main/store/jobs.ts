import type { Database } from 'better-sqlite3';
import { delivery, jobParts, type JobPart, type JobSelection } from '../../preload/contract/steps.ts';
import {
  contains,
  foreignChanges,
  lastAnswer,
  orderBy,
  pageOf,
  type ListAnswer,
  type ListRequest,
} from './list.ts';
import { bytes, integer, oneOf, optional, rowCodec, select, text, type Row } from './row.ts';

const columns = {
  id: text('id'),
  siteId: text('site_id'),
  siteName: text('site_name'),
  hwType: text('hw_type'),
  serialNumber: text('serial_number'),
  operator: text('operator'),
  /** The vendor's epoch in which the sequence number counts. Undefined only until `setEpoch`; see `withoutEpoch`. */
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
};

/** A job to add. */
export type NewJob = Row<typeof columns>;

/** A job, with the state of its bundle's delivery. */
export type JobRecord = Row<typeof listed>;

/** Which jobs to return, and what only the caller knows about them. */
export interface JobsRequest extends ListRequest {
  readonly part: JobSelection;
  /** Validity is judged at this time. */
  readonly now: Date;
  /** What is being worked on: the ids of the jobs that are delivered, and the volumes that carry others. */
  readonly running: readonly string[];
}

/** Part of the jobs. `counts` counts all that match the filter, by part. */
export interface JobsAnswer extends ListAnswer<JobRecord> {
  readonly counts: Readonly<Record<JobPart, number>>;
}

/** The jobs on this laptop. */
export interface Jobs {
  list(request: JobsRequest): JobsAnswer;
  get(id: string): JobRecord | undefined;
  /** The id of the job that supersedes this one at a time: the newest of the same eNB that counts. */
  newer(id: string, now: Date): string | undefined;
  /** The jobs of an eNB. First those that count, and of these the newest. */
  ofEnb(enb: Pick<NewJob, 'hwType' | 'serialNumber'>, now: Date): readonly JobRecord[];
  /** Adds a job and returns its id, or the id of the job that already has this bundle. */
  add(job: NewJob): { readonly id: string; readonly isNew: boolean };
  /** Puts jobs away at a time, or brings them back. */
  archive(ids: readonly string[], at: string | undefined): void;
  /** The ids of the jobs of an earlier version, which kept no epoch. */
  withoutEpoch(): readonly string[];
  setEpoch(id: string, epoch: number): void;
}

const codec = rowCodec(columns);
const { decode } = rowCodec(listed);

/**
 * SQL for whether a job counts, with its delivery: the eNB has signed for it, or it can still be delivered. A job that
 * the user has put away, that has expired or that the eNB refused must not hide an older one.
 */
const counts = (job: string, delivered: string) => `(${delivered}.state IS 'receipt' OR (
  ${job}.archived_at IS NULL AND ${job}.valid_until >= @now AND ${delivered}.state IS NOT 'refused'))`;

/** SQL for the jobs that supersede `job`. Each vendor root has its own epochs. */
const newer = `
  FROM job AS newer INDEXED BY job_listed
    LEFT JOIN delivery AS newer_delivery INDEXED BY delivery_listed USING (bundle_sha256)
  WHERE newer.hw_type = job.hw_type AND newer.serial_number = job.serial_number
    AND newer.root_fingerprint = job.root_fingerprint
    AND (newer.epoch, newer.sequence) > (job.epoch, job.sequence)
    AND ${counts('newer', 'newer_delivery')}`;

/**
 * What a list of jobs filters, counts and sorts by. The first rule that fits decides about the part of a job. The
 * indexes have all these columns: reading the tables means reading the bundles. Without work on the drive, `writing` means
 * that the writing was not completed.
 */
const listing = `
  SELECT id, job.site_id, site_name, job.serial_number,
    COALESCE(delivery.state, 'selected') AS state,
    COALESCE(delivery.updated_at, job.added_at) AS updated_at,
    CASE
      WHEN id IN (SELECT value FROM json_each(@running)) THEN 'under-way'
      WHEN carried.volume IN (SELECT value FROM json_each(@running)) THEN 'under-way'
      WHEN archived_at IS NOT NULL OR EXISTS (SELECT 1 ${newer}) THEN 'put-away'
      WHEN delivery.state = 'receipt' AND EXISTS (
        SELECT 1 FROM step_report WHERE step_report.bundle_sha256 = job.bundle_sha256 AND has_failed) THEN 'problem'
      WHEN delivery.state = 'receipt' AND EXISTS (
        SELECT 1 FROM step_report WHERE step_report.bundle_sha256 = job.bundle_sha256 AND has_steps_left)
        THEN 'under-way'
      WHEN delivery.state = 'receipt' THEN 'done'
      WHEN delivery.state = 'refused' OR valid_until < @now THEN 'problem'
      WHEN carried.state IN ('writing', 'damaged') THEN 'problem'
      WHEN delivery.state <> 'selected' OR carried.state IS NOT NULL THEN 'under-way'
      ELSE 'to-do'
    END AS part
  FROM job INDEXED BY job_listed
    LEFT JOIN delivery INDEXED BY delivery_listed USING (bundle_sha256)
    LEFT JOIN carried INDEXED BY carried_listed USING (bundle_sha256)`;

/** SQL for the jobs of a selection. */
const selections: Readonly<Partial<Record<JobSelection, string>>> = {
  all: '1',
  active: "part <> 'put-away'",
};

const sorts: Readonly<Record<string, string>> = {
  updatedAt: 'updated_at',
  siteId: 'site_id',
  serialNumber: 'serial_number',
  state: 'state',
};

/** SQL for a table with the listing, for as long as the store is open: it takes longer to find than to sort. */
const listedTable = `
  CREATE TEMP TABLE job_listed_now (
    place INTEGER PRIMARY KEY, id TEXT, site_id TEXT, site_name TEXT, serial_number TEXT, state TEXT, updated_at TEXT,
    part TEXT
  )`;

export function jobs(database: Database): Jobs {
  const byId = select(database, 'SELECT * FROM job_list WHERE id = ?', decode);
  const byBundle = database.prepare<[string], string>('SELECT id FROM job WHERE bundle_sha256 = ?').pluck();
  const newerId = database
    .prepare<[{ id: string; now: string }], string>(
      `SELECT (SELECT newer.id ${newer} ORDER BY newer.epoch DESC, newer.sequence DESC LIMIT 1) FROM job WHERE id = @id`,
    )
    .pluck();
  const ofEnb = database.prepare<[Record<string, string>], never>(
    `SELECT * FROM job_list WHERE hw_type = @hwType AND serial_number = @serialNumber
       ORDER BY ${counts('job_list', 'job_list')} DESC, epoch DESC, sequence DESC`,
  );
  const insert = database.prepare(
    `INSERT INTO job (${codec.names}) VALUES (${codec.parameters}) ON CONFLICT (bundle_sha256) DO NOTHING`,
  );
  const withoutEpoch = database
    .prepare<[], string>('SELECT id FROM job INDEXED BY job_listed WHERE epoch IS NULL')
    .pluck();
  const setEpoch = database.prepare('UPDATE job SET epoch = ? WHERE id = ?');
  const archive = database.prepare(
    'UPDATE job SET archived_at = ? WHERE id IN (SELECT value FROM json_each(?))',
  );
  const find = finder(database);
  return {
    list: (request) => {
      const { ids, ...found } = find(request);
      // Each exists: nothing deletes jobs.
      return { ...found, rows: ids.flatMap((id) => byId.get(id) ?? []) };
    },
    get: (id) => byId.get(id),
    newer: (id, now) => newerId.get({ id, now: inBundles(now) }) ?? undefined,
    ofEnb: ({ hwType, serialNumber }, now) =>
      ofEnb.all({ hwType, serialNumber, now: inBundles(now) }).map(decode),
    add: (job) => {
      const known = byBundle.get(job.bundleSha256);
      insert.run(codec.encode(job));
      const id = byBundle.get(job.bundleSha256) ?? job.id;
      return { id, isNew: known === undefined && id === job.id };
    },
    archive: (ids, at) => {
      archive.run(at ?? null, JSON.stringify(ids));
    },
    withoutEpoch: () => withoutEpoch.all(),
    setEpoch: (id, epoch) => {
      setEpoch.run(epoch, id);
    },
  };
}

/** A time in the form that bundles have, so that SQL compares them as text. */
function inBundles(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The places of the requested jobs in the listing, in their order, and how many match the filter, by part. */
interface Found {
  readonly places: readonly number[];
  readonly counts: JobsAnswer['counts'];
}

/** Counts the jobs that match, and finds the ids of the requested ones. */
function finder(
  database: Database,
): (request: JobsRequest) => Omit<JobsAnswer, 'rows'> & { readonly ids: readonly string[] } {
  database.exec(listedTable);
  const clear = database.prepare('DELETE FROM job_listed_now');
  const fill = database.prepare(
    `INSERT INTO job_listed_now (id, site_id, site_name, serial_number, state, updated_at, part) ${listing}`,
  );
  const idAt = database.prepare<[number], string>('SELECT id FROM job_listed_now WHERE place = ?').pluck();
  const total = database.prepare<[], number>('SELECT total_changes()').pluck();
  const lastListed = lastAnswer<undefined>(database);
  const lastFound = lastAnswer<Found>(database);
  let ownChanges = 0;
  const changes = () => (total.get() ?? 0) - ownChanges;
  return ({ offset, limit, now: date, running, ...question }) => {
    const now = inBundles(date);
    // Validity ends to the second, but is judged once a minute.
    const listed = [foreignChanges(database), changes(), now.slice(0, 'yyyy-mm-ddThh:mm'.length), running];
    lastListed(listed, () => {
      const before = changes();
      clear.run();
      fill.run({ running: JSON.stringify(running), now });
      ownChanges += changes() - before;
    });
    const { places, counts } = lastFound([listed, question], () => findListed(database, question));
    const ids = pageOf(places, { offset, limit }).flatMap((place) => idAt.get(place) ?? []);
    return { total: places.length, counts, ids };
  };
}

function findListed(
  database: Database,
  { part, filter, ...order }: Pick<JobsRequest, 'part' | 'filter' | 'sort' | 'descending'>,
): Found {
  const matches = contains(['site_id', 'site_name', 'serial_number'], filter, '@filter');
  const matching = `FROM job_listed_now WHERE ${matches.condition}`;
  const counted = database
    .prepare<[{ filter: string }], { part: JobPart; amount: number }>(
      `SELECT part, COUNT(*) AS amount ${matching} GROUP BY part`,
    )
    .all({ filter: matches.text });
  const count = (one: JobPart) => counted.find((row) => row.part === one)?.amount ?? 0;
  const all = counted.reduce((sum, { amount }) => sum + amount, 0);
  const counts = Object.fromEntries(
    jobParts.map((one) => [one, one === 'active' ? all - count('put-away') : count(one)]),
  ) as Record<JobPart, number>;
  const shown = selections[part] ?? 'part = @part';
  // Bundles opened together are added at the same moment.
  const places = database
    .prepare<[Record<string, string>], number>(
      `SELECT place ${matching} AND ${shown} ${orderBy(sorts, order, 'site_id, id')}`,
    )
    .pluck()
    .all({ filter: matches.text, ...(!(part in selections) && { part }) });
  return { places, counts };
}
