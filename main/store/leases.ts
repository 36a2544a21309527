import type { Database } from 'better-sqlite3';
import { ok, refuse, type Result } from '../faults/index.ts';
import { integer, rowCodec, select, text, type Row } from './row.ts';

/** The process that holds a lease. Its process number identifies it only within one boot. */
export interface LeaseHolder {
  readonly process: number;
  readonly bootId: string;
}

/** Locks on long-running work, across processes. Each piece of work has at most one holder. */
export interface Leases {
  /**
   * Takes the lease on a piece of work. Refuses with `store-in-use` if this store already holds it, or if another
   * process of this boot holds it and `isAlive` reports that process as alive.
   */
  take(
    work: string,
    holder: LeaseHolder,
    at: Date,
    isAlive: (process: number) => boolean,
  ): Result<void, 'store-in-use'>;
  /** Releases the lease that this store took. Does nothing if another process has taken it since. */
  release(work: string): void;
}

const columns = {
  work: text('work'),
  process: integer('process'),
  bootId: text('boot_id'),
  takenAt: text('taken_at'),
};

const { names, parameters, encode, decode } = rowCodec(columns);

export function leases(
  database: Database,
  transaction: (work: () => Result<void, 'store-in-use'>) => Result<void, 'store-in-use'>,
): Leases {
  const leaseOf = select(database, 'SELECT * FROM lease WHERE work = ?', decode);
  const put = database.prepare(`INSERT OR REPLACE INTO lease (${names}) VALUES (${parameters})`);
  const remove = database.prepare(
    `DELETE FROM lease
       WHERE work = @work AND process = @process AND boot_id = @boot_id AND taken_at = @taken_at`,
  );
  // The latest lease taken here for each work. Its transaction may have been rolled back, so the table decides.
  const taken = new Map<string, Row<typeof columns>>();
  return {
    take: (work, { process, bootId }, at, isAlive) =>
      transaction(() => {
        const holder = leaseOf.get(work);
        // A lease with our process number that we did not take is left over from a dead process with the same number.
        const isHeld =
          holder?.process === process
            ? holder.takenAt === taken.get(work)?.takenAt
            : holder && isAlive(holder.process);
        if (holder?.bootId === bootId && isHeld)
          return refuse('store-in-use', { found: `process ${holder.process}` });
        const lease = { work, process, bootId, takenAt: at.toISOString() };
        put.run(encode(lease));
        taken.set(work, lease);
        return ok(undefined);
      }),
    release: (work) => {
      const lease = taken.get(work);
      if (lease) remove.run(encode(lease));
    },
  };
}
