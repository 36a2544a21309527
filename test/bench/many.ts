import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Figures } from './figures.ts';
import { makeOperator } from './operator.ts';
import { quietFolder } from './quiet-folder.ts';
import { rounded } from './rounds.ts';

const count = 100_000;

/** What a process says that has prepared them all. Times are in milliseconds. */
export interface ManyPrepared {
  readonly checking: number;
  /** Making the first half of the bundles, and the second. */
  readonly halves: readonly [first: number, second: number];
  readonly all: number;
  /** The most memory that it had, in bytes. */
  readonly resident: number;
}

/** Measures `prepare` with the largest batch: how its rate lasts, and how much memory its process takes. */
export async function benchMany(folder: string, say: (progress: string) => void): Promise<Figures> {
  say(`making an operator with ${count} eNBs`);
  const { inventory, profile, passphrase } = makeOperator(folder, {
    enbKey: 'P-256',
    configurationKey: 'P-256',
    enbs: count,
  });
  await quietFolder(folder, say);
  say('preparing them');
  const operator = JSON.stringify({ folder, inventory, profile, passphrase, count });
  const child = spawn(process.execPath, [join(import.meta.dirname, 'many-part.ts'), operator], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`it ended with ${code}`);
  const { checking, halves, all, resident } = JSON.parse(said) as ManyPrepared;
  const [first, second] = halves;
  const seconds = (time: number) => `${(time / 1_000).toFixed(0)} s`;
  const detail = [
    `${count} bundles in ${seconds(all)}: ${seconds(checking)} to check, ${seconds(first)} and ${seconds(second)} to make`,
    `the second half took ${(second / first).toFixed(2)} times the first`,
    `${Math.round(resident / 2 ** 20)} MiB resident`,
  ];
  return { perSecond: rounded(count / (all / 1_000), 1), detail: detail.join('; ') };
}
