import Database from 'better-sqlite3';
import { join } from 'node:path';
import { openStore } from '../../main/store/index.ts';
import { logTexts, openLogIn } from '../kit/log.ts';
import { deliveryEvent } from './delivery-event.ts';
import type { Figures } from './figures.ts';
import { median, rounded, time } from './rounds.ts';

const rounds = 9;
const warmUps = 2;

/** How many entries a transaction appends, and how many transactions a round has. */
const shapes = [
  { entries: 1, transactions: 400 },
  { entries: 1_000, transactions: 20 },
] as const;

/**
 * Measures appends to the log of a store, one and 1,000 a transaction. Beside them, in turn: better-sqlite3 inserts the same
 * entries as JSON into a table without anything else, at the same durability.
 */
export async function benchLogAppend(folder: string, say: (progress: string) => void): Promise<Figures> {
  const opened = openStore(join(folder, 'store'));
  if (!opened.ok) throw new Error(opened.fault.code);
  const store = opened.value;
  const now = new Date();
  const log = openLogIn(join(folder, 'store'), store, { now: () => now });
  const append = (index: number) => log.append(deliveryEvent(index));
  append(0);
  const bare = bareTable(join(folder, 'bare.db'), JSON.parse(logTexts(store).at(-1) ?? '') as object);
  const ratios = shapes.map((): number[] => []);
  const rates = shapes.map((): number[] => []);
  let index = 0;
  for (let round = 0; round < warmUps + rounds; round++) {
    if (round === warmUps) say(`${rounds} rounds`);
    for (const [at, { entries, transactions }] of shapes.entries()) {
      const run = (transaction: (work: () => void) => void, add: () => void) =>
        time(entries * transactions, () => {
          for (let number = 0; number < transactions; number++)
            transaction(() => {
              for (let entry = 0; entry < entries; entry++) add();
            });
        });
      const ours = await run(
        (work) => store.transaction(work),
        () => append(index++),
      );
      const limit = await run(bare.transaction, bare.insert);
      if (round < warmUps) continue;
      ratios[at]?.push(limit.elapsed / ours.elapsed);
      rates[at]?.push(1 / ours.elapsed);
    }
  }
  log.close();
  store.close();
  bare.close();
  const [single = 0, bulk = 0] = ratios.map((all) => rounded(median(all), 2));
  const [singleRate = 0, bulkRate = 0] = rates.map((all) => Math.round(median(all)));
  return {
    perSecond: singleRate,
    ofLimit: Math.min(single, bulk),
    detail: `one a transaction: ${singleRate} per second, ${single} of bare inserts; 1,000 a transaction: ${bulkRate} per second, ${bulk} of bare inserts`,
  };
}

/** A table without anything else, and an entry for what all inserted ones have in common. */
function bareTable(file: string, entry: object) {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE entry (sequence INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT');
  const insert = database.prepare<[number, string]>('INSERT INTO entry VALUES (?, ?)');
  const transaction = database.transaction((work: () => void) => work());
  let sequence = 0;
  return {
    transaction: (work: () => void) => transaction.immediate(work),
    insert: () => {
      insert.run(sequence, JSON.stringify({ ...entry, ...deliveryEvent(sequence), sequence }));
      sequence++;
    },
    close: () => database.close(),
  };
}
