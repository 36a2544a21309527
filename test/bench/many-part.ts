// Prepares an operator's inventory in a separate process, and prints how it went: see many.ts.
import { join } from 'node:path';
import { keepHeapSmall } from '../../main/core/index.ts';
import type { ManyPrepared } from './many.ts';
import { prepareAll } from './product.ts';

keepHeapSmall(); // As the product does.
const { folder, inventory, profile, passphrase, count } = JSON.parse(process.argv[2] ?? '') as {
  readonly folder: string;
  readonly inventory: string;
  readonly profile: string;
  readonly passphrase: string;
  readonly count: number;
};
const start = performance.now();
let making = 0;
let half = 0;
let end = 0;
await prepareAll({ folder, inventory, profile, passphrase, enbs: { length: count } }, join(folder, 'out'), {
  onProgress: ({ phase, done }) => {
    if (phase === 'checking') return;
    end = performance.now();
    if (done === 0) making = end;
    if (done <= count / 2) half = end;
  },
});
const prepared: ManyPrepared = {
  checking: making - start,
  halves: [half - making, end - half],
  all: performance.now() - start,
  resident: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(JSON.stringify(prepared));
