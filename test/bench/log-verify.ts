import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { keepHeapSmall, verifyLog } from '../../main/core/index.ts';
import { openStore, type Store } from '../../main/store/index.ts';
import { openLogIn } from '../kit/log.ts';
import { deliveryEvent } from './delivery-event.ts';
import type { Figures } from './figures.ts';
import { median, rounded, time } from './rounds.ts';

const entries = 1_000_000;
const perTransaction = 10_000;
const rounds = 3;

/**
 * Measures the verification of a log with a million entries. Beside it, in turn: better-sqlite3 reads the same rows, with
 * one SHA-256 call each.
 */
export async function benchLogVerify(folder: string, say: (progress: string) => void): Promise<Figures> {
  keepHeapSmall(); // As the product does.
  const home = join(folder, 'store');
  const opened = openStore(home);
  if (!opened.ok) throw new Error(opened.fault.code);
  const store = opened.value;
  const log = openLogIn(home, store, { now: () => new Date('2026-11-15T12:00:00Z') });
  say(`appending ${entries} entries`);
  for (let from = 0; from < entries; from += perTransaction) {
    store.transaction(() => {
      for (let index = from; index < from + perTransaction; index++) log.append(deliveryEvent(index));
    });
  }
  const bare = new Database(join(home, 'siteseal.db'), { readonly: true });
  const ours: number[] = [];
  const limit: number[] = [];
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    limit.push((await time(entries, () => readBare(bare))).elapsed);
    ours.push((await time(entries, () => verify(store, log))).elapsed);
  }
  bare.close();
  log.close();
  store.close();
  const resident = memoryOf(home);
  const times = rounded(median(ours.map((elapsed, at) => elapsed / (limit[at] ?? elapsed))), 2);
  const perSecond = Math.round(1 / median(ours));
  const detail = `${times} times reading with one SHA-256 call each; ${Math.round(resident / 2 ** 20)} MiB resident`;
  return { perSecond, ofLimit: rounded(1 / times, 2), detail };
}

async function verify(store: Store, log: ReturnType<typeof openLogIn>): Promise<void> {
  const found = await verifyLog({ store, log }, { heads: [], isTraining: false });
  if (!found.ok || !found.value.intact) throw new Error(JSON.stringify(found));
}

function readBare(database: Database.Database): void {
  const rows = database.prepare<[], { readonly entry: string }>(
    'SELECT sequence, entry FROM log ORDER BY sequence',
  );
  for (const { entry } of rows.iterate()) hash('sha256', entry, 'hex');
}

/** The most memory of a process that only verifies, in bytes. */
function memoryOf(home: string): number {
  const script = join(import.meta.dirname, 'log-verify-memory.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, home], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}
