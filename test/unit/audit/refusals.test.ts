import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendRefusals } from '../../../main/audit/index.ts';
import { fault } from '../../../main/faults/index.ts';
import { openStore } from '../../../main/store/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { logEntries, openLogIn } from '../../kit/log.ts';

test('up to a hundred refusals of an import have an entry each, and more have one for each cause', () => {
  const folder = temporaryFolder();
  const store = openStore(folder);
  assert(store.ok);
  const log = openLogIn(folder, store.value);
  const malformed = { fault: fault('bundle-malformed', { found: '/home/anna/x' }), sha256: 'ab' };
  const refusals = [...Array<typeof malformed>(150).fill(malformed), { fault: fault('file-unreadable') }];
  appendRefusals(log, 'bundle-not-opened', refusals);
  const facts = logEntries(log).map((entry) => entry.facts);
  assert.equal(facts.length, 102);
  assert.deepEqual(facts[0], { fault: 'bundle-malformed', fileSha256: 'ab' });
  assert.deepEqual(facts.slice(100), [
    { fault: 'bundle-malformed', files: 50 },
    { fault: 'file-unreadable', files: 1 },
  ]);
});
