import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { treeHashes } from '../../../main/audit/index.ts';
import { readEntry } from '../../../main/tlog/index.ts';

const entryWith = (text: string) =>
  `{"action":"started","actor":{"id":"${'0'.repeat(16)}","nameSha256":"${'0'.repeat(64)}","proof":"declared"},` +
  `"bootId":"${text}","facts":{},"format":"siteseal-log-entry/1","monotonicMs":0,"sequence":0,"subject":{},` +
  '"time":"2026-11-15T00:00:00Z","training":true}';

describe('an entry', () => {
  it('is refused with half of a character, which has the same leaf as U+FFFD', () => {
    assert.equal(treeHashes.leaf(entryWith('\ud800')), treeHashes.leaf(entryWith('\ufffd')));
    assert.equal(typeof readEntry(entryWith('\ufffd')), 'object');
    assert.equal(readEntry(entryWith('\ud800')), 'log-entry-form');
  });
});
