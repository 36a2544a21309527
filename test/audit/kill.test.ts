import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { noteCrypto, treeHashes } from '../../main/audit/index.ts';
import { openStore } from '../../main/store/index.ts';
import { CompactRange, parseCheckpoint, parseVerifierKey, verifySignature } from '../../main/tlog/index.ts';
import { temporaryFolder } from '../kit/enb.ts';
import { allEntries, openLogIn } from '../kit/log.ts';

const kills = Number(process.env['SITESEAL_KILLS'] ?? '200');

/**
 * Runs the writer until it has acknowledged this many transactions, or for 0 until the file of its new key appears, kills
 * it, and returns the last acknowledged number.
 */
async function killAfter(transactions: number, folder: string, first: number, day: number): Promise<number> {
  const writer = join(import.meta.dirname, 'endless-writer.ts');
  const child = spawn(process.execPath, [writer, folder, String(first), String(day)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const watcher = watch(folder, (_, name) => {
    if (transactions === 0 && name === 'log.key.next') child.kill('SIGKILL');
  });
  let acknowledged = first - 1;
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    if (++count === transactions) child.kill('SIGKILL');
  }
  await closed;
  watcher.close();
  assert.equal(child.signalCode, 'SIGKILL');
  return acknowledged;
}

it(`loses no acknowledged entry, and stays sealed, through ${kills} kills while it appends`, async () => {
  const folder = temporaryFolder();
  let next = 0;
  let midway = 0;
  for (let kill = 0; kill < kills; kill++) {
    const acknowledged = await killAfter(kill % 2 === 0 ? 1 + ((kill * 7) % 31) : 0, folder, next, kill + 1);
    const opened = openStore(folder);
    assert(opened.ok);
    const store = opened.value;
    const log = openLogIn(folder, store);
    const entries = allEntries(log);
    const numbers = entries.flatMap(({ action, facts }) => (action === 'prepare-run' ? [facts['rows']] : []));
    // What was acknowledged is there; what was not may be there as well, whole transactions at a time.
    assert(numbers.length > acknowledged, `${numbers.length} of ${acknowledged + 1}`);
    assert.deepEqual(
      numbers,
      Array.from({ length: numbers.length }, (_, index) => index),
    );
    if (numbers.length === next) midway++;
    next = numbers.length;
    const head = parseCheckpoint(log.newestHead()?.checkpoint ?? '');
    assert(head);
    const range = new CompactRange(treeHashes);
    for (const { entry } of log.read(0, Number.MAX_SAFE_INTEGER)) range.append(treeHashes.leaf(entry));
    assert.deepEqual([head.size, head.root], [range.size, range.root()]);
    const keys = entries.flatMap(({ action, facts }) => (action === 'log-key' ? [facts] : []));
    const key = parseVerifierKey(String(keys.at(-1)?.['key']), noteCrypto);
    assert(key && verifySignature(head.note, key, noteCrypto));
    // Every key but the first was signed out by the one before it: no kill cost a key.
    assert.deepEqual(
      keys.map(({ reason }) => reason),
      keys.map((_, index) => (index === 0 ? 'first' : 'rotated')),
    );
    assert.equal(store.log.checkpoints().length, keys.length - 1);
    store.close();
  }
  // Some of the kills came before the first transaction of their writer had ended.
  assert(midway > 0);
});
