import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { LogExportFormat } from '../../main/core/index.ts';
import { openStore, type LogFilter } from '../../main/store/index.ts';
import { temporaryFolder } from '../kit/enb.ts';
import { openLogIn } from '../kit/log.ts';
import type { Used } from './child.ts';

const million = 1_000_000;
/** In megabytes, the whole process with Node.js. */
const mostMemory = 300;
/** In milliseconds of processor time. Each of these exports takes seconds. PDF loads its library in one slice. */
const longestHeld = { pdf: 500, others: 100 } as const;

const folder = makeLog();
const out = join(temporaryFolder(), 'log');

/** A store whose log has more than a million entries about 5,000 sites. */
function makeLog(): string {
  const place = temporaryFolder();
  const store = openStore(place);
  assert(store.ok);
  const log = openLogIn(place, store.value, { now: () => new Date('2026-11-15T12:00:00Z') });
  for (let start = 0; start < million; start += 50_000)
    store.value.transaction(() => {
      for (let at = start; at < start + 50_000; at++) {
        const site = `SITE-${at % 5_000}`;
        log.append({
          action: 'bundle-sending',
          subject: { site, serialNumber: `ENB${at % 5_000}`, hwType: 'type-1' },
          facts: { bundleId: 'a3f1c2d4e5f60718', sequence: at, bundleSha256: 'a'.repeat(64) },
        });
      }
    });
  store.value.close();
  return place;
}

async function exported(format: LogExportFormat, filter: LogFilter, stopAt = 0): Promise<Used> {
  const options = [folder, out, format, JSON.stringify(filter), String(stopAt)];
  const child = fork(join(import.meta.dirname, 'child.ts'), options);
  const [used] = (await once(child, 'message')) as [Used];
  await once(child, 'exit');
  return used;
}

describe('an export of a million entries', () => {
  for (const [format, filter, least] of [
    ['jsonl', {}, million],
    ['csv', {}, million],
    ['jsonl', { site: 'SITE-7' }, 200],
    ['pdf', { site: 'SITE-7' }, 200],
    ['proof', { site: 'SITE-7' }, 1],
  ] as const) {
    it(`as ${format} takes bounded memory, in short slices, with the filter ${JSON.stringify(filter)}`, async () => {
      const { entries = 0, memory, longestSlice } = await exported(format, filter);
      assert(entries >= least, `${entries} entries`);
      assert(memory < mostMemory, `${memory} MB`);
      const limit = format === 'pdf' ? longestHeld.pdf : longestHeld.others;
      assert(longestSlice < limit, `${longestSlice} ms of processor time in a slice`);
      assert(statSync(out).size > 0);
      for (const name of readdirSync(join(out, '..'))) rmSync(join(out, '..', name));
    });
  }

  it('stops at once, and leaves nothing behind', async () => {
    const { fault } = await exported('csv', {}, 5_000);
    assert.equal(fault, 'cancelled');
    assert.deepEqual(readdirSync(join(out, '..')), []);
  });
});
