import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { exportLog, saveHead, verifyLogFile } from '../../../main/core/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { makeLog } from '../../kit/log-attack.ts';

let folder: string;
let given: string;
let head: string;
before(async () => {
  const now = new Date();
  folder = temporaryFolder();
  const made = makeLog();
  given = join(folder, 'given.txt');
  writeFileSync(given, made.given);
  head = join(folder, 'head.json');
  assert((await saveHead(made, head)).ok);
  for (const format of ['csv', 'jsonl', 'ocsf', 'cef'] as const)
    assert((await exportLog(made, { format, filter: {}, out: join(folder, format), now })).ok);
  const filtered = { format: 'csv', filter: { site: 'S6' }, out: join(folder, 'filtered'), now } as const;
  assert((await exportLog(made, filtered)).ok);
  assert((await exportLog(made, { ...filtered, format: 'proof', out: join(folder, 'entry') })).ok);
});

/** What the verification of a file names, and the codes of its points. */
async function verified(name: string, heads: readonly string[] = [], isTraining = false) {
  const found = await verifyLogFile(join(folder, name), { heads, isTraining });
  assert(found.ok, JSON.stringify(found));
  const { fault, proven, unproven } = found.value;
  return { code: fault?.code, where: fault?.where, points: [...proven, ...unproven].map(({ code }) => code) };
}

/** A copy of an export with a change to the list or the proof. */
function changed(name: string, list: (text: string) => string, proof = (text: string) => text): string {
  const copy = `${name}-changed`;
  writeFileSync(join(folder, copy), list(readFileSync(join(folder, name), 'utf8')));
  writeFileSync(join(folder, `${copy}.proof`), proof(readFileSync(join(folder, `${name}.proof`), 'utf8')));
  return copy;
}

describe('a file of a log', () => {
  it('is intact in every format as it was exported', async () => {
    for (const name of ['csv', 'jsonl', 'ocsf', 'cef', 'filtered'])
      assert.equal((await verified(name, [given])).code, undefined, name);
    assert((await verified('csv', [given])).points.includes('head-held'));
    const entry = await verified('entry', [head]);
    assert.deepEqual([entry.code, entry.points.includes('in-log')], [undefined, true]);
  });

  it('is not called intact without a key of the log', async () => {
    for (const name of ['entry', 'given.txt']) {
      const alone = await verifyLogFile(join(folder, name), { heads: [], isTraining: false });
      assert(!alone.ok && alone.fault.code === 'log-key-missing', name);
    }
    const forged = `${head}.forged`;
    writeFileSync(forged, readFileSync(head, 'utf8').replace(/.{3}=\\n"/, 'AAA=\\n"'));
    assert.notEqual(readFileSync(forged, 'utf8'), readFileSync(head, 'utf8'));
    const byForged = await verifyLogFile(join(folder, 'entry'), { heads: [forged], isTraining: false });
    assert(!byForged.ok && byForged.fault.code === 'log-key-missing');
  });

  it('says last what no log can prove, so that a folded list shows the rest', async () => {
    const { points } = await verified('filtered');
    assert.deepEqual(points.slice(-4), ['filtered', 'who-declared', 'times-local', 'copies-unchecked']);
  });

  it('says that a filter can have left out entries', async () => {
    assert(!(await verified('csv')).points.includes('filtered'));
    assert((await verified('filtered')).points.includes('filtered'));
  });

  it('is altered if a row, a cell or a name is', async () => {
    const row = changed('jsonl', (text) => text.replace('"S6"', '"S7"'));
    assert.deepEqual((await verified(row)).code, 'log-altered');
    const removed = changed('jsonl', (text) => text.replace(/^.*"S6".*\n/m, ''));
    assert.deepEqual(await verified(removed).then(({ where }) => where?.entry), 6);
    const cell = changed('csv', (text) => text.replace('"S6"', '"S7"'));
    assert.deepEqual((await verified(cell)).where?.field, 'site');
    const name = changed('csv', (text) => text.replaceAll('"operator"', '"someone"'));
    assert.equal((await verified(name)).code, 'log-name-altered');
  });

  it('is named if its proof is missing, changed, or of training', async () => {
    const line = changed('csv', String, (text) => text.replace(/"listed":\d+/, '"listed":9'));
    assert.equal((await verified(line)).code, 'log-malformed');
    assert.equal((await verified('csv', [], true)).code, 'log-training-mismatch');
    writeFileSync(join(folder, 'alone'), readFileSync(join(folder, 'csv')));
    const alone = await verifyLogFile(join(folder, 'alone'), { heads: [], isTraining: false });
    assert(!alone.ok && alone.fault.code === 'log-proof-missing');
  });
});
