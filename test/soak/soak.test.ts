/** The soak, short, as a program: of Siteseal unchanged, and of builds with a deliberate fault. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { temporaryFolder } from '../kit/enb.ts';
import { readLines } from './disk.ts';
import type { DeliveryEntry } from './record.ts';
import type { Counts } from './table.ts';

type Document = Counts & {
  readonly lies: readonly string[];
  readonly missing: readonly string[];
  readonly steps: { readonly kills: number; readonly done: number };
  readonly figure: string;
};

const program = join(import.meta.dirname, 'soak.ts');

function runSoak(count: number, ...more: readonly string[]) {
  const folder = join(temporaryFolder(), 'soak');
  const args = ['--seed', '7', '--count', String(count), '--folder', folder, '--usb-ip', '--json', ...more];
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  return { status, folder, document: JSON.parse(stdout) as Document };
}

it('twelve deliveries with faults and kills end in the truth, and leave what an outside program compares', () => {
  const { status, folder, document } = runSoak(12);
  assert.deepEqual([status, document.lies, document.missing], [0, [], []]);
  assert.match(document.figure, /^true: 12 deliveries, \d+ faults fired, \d+ kills, 0 untrue \(seed 7\)$/);
  assert(document.steps.kills >= 10 && document.steps.done >= 3, JSON.stringify(document.steps));
  assert(document.kills.tool > 0 && document.kills.enb > 0, JSON.stringify(document.kills));
  const entries = readLines(join(folder, 'deliveries.jsonl')) as readonly DeliveryEntry[];
  assert.deepEqual(new Set(entries.map(({ way }) => way)), new Set(['ethernet', 'usb', 'drive']));
  const fired = entries.flatMap(({ attempts }) => attempts.filter((attempt) => attempt.fired));
  assert.equal(fired.length, document.fired);
  for (const { serial } of entries) assert(existsSync(join(folder, 'enbs', serial, 'state/state.json')));
  assert(existsSync(join(folder, 'home/siteseal.db')));
});

const builds: readonly (readonly [name: string, count: number, lie: RegExp])[] = [
  ['no-read-back', 1, /^D0001: the tool says receipt, and the eNB's disk does not hold the octets/],
  ['no-tunnel', 1, /^LAB0001: backhaul-ipsec is called done, and its gateway has no tunnel/],
  ['no-comparison', 3, /^D0003: the tool says carried, and the drive does not hold the octets/],
];
for (const [name, count, lie] of builds) {
  it(`the build ${name} is found untrue`, () => {
    const { status, document } = runSoak(count, '--broken', name);
    assert.equal(status, 1);
    assert(
      document.lies.some((text) => lie.test(text)),
      JSON.stringify(document.lies),
    );
  });
}
