/**
 * A process that appends to the log of a store until it is killed: `endless-writer.ts FOLDER FIRST DAY`. Writes the number
 * of an entry to standard output once its transaction has returned. Each day has a key of its own.
 */
import { writeSync } from 'node:fs';
import { openStore } from '../../main/store/index.ts';
import { openLogIn } from '../kit/log.ts';

const [folder = '', first = '', day = ''] = process.argv.slice(2);
const store = openStore(folder);
if (!store.ok) throw new Error(store.fault.code);
const log = openLogIn(folder, store.value, {
  now: () => new Date(Date.UTC(2026, 0, Number(day))),
  monotonic: () => performance.now(),
  isAlive: () => false,
});
for (let number = Number(first); ;) {
  // One entry a transaction, or several.
  const count = 1 + (number % 7) * (number % 3);
  const append = () => {
    for (let entry = 0; entry < count; entry++)
      log.append({
        action: 'prepare-run',
        subject: { operator: 'endless' },
        facts: { rows: number++, made: 0, refused: 0, results: '' },
      });
  };
  store.value.transaction(append);
  writeSync(1, `${number - 1}\n`);
}
