import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { siteseal, sitesealJson, type FaultDocument } from '../kit/cli.ts';
import { temporaryFolder } from '../kit/enb.ts';

const folder = temporaryFolder();
const home = join(folder, 'home');
mkdirSync(home);
const where = { home, cwd: folder, isWarm: true };

interface Document {
  readonly entries: number;
  readonly logEntries: number;
  readonly files: readonly string[];
  readonly filtered: boolean;
  readonly fault?: FaultDocument;
}

async function exported(...args: readonly string[]) {
  const { document, code } = await sitesealJson(['audit', 'export', ...args], where);
  return { ...(document as Document), code };
}

describe('siteseal audit export', () => {
  it('writes the whole log and its proof, and says what is in it', async () => {
    const { code, entries, logEntries, files, filtered } = await exported(
      '--format',
      'jsonl',
      '--out',
      'log.jsonl',
    );
    assert.deepEqual(
      [code, filtered, files],
      [0, false, [join(folder, 'log.jsonl'), join(folder, 'log.jsonl.proof')]],
    );
    assert.equal(entries, logEntries);
    assert.equal(readFileSync(join(folder, 'log.jsonl'), 'utf8').split('\n').length, entries + 1);
  });

  it('says of a part what nothing proves', async () => {
    const args = ['audit', 'export', '--format', 'csv', '--out', 'part.csv', '--site', 'S-1'];
    const { stdout, code } = await siteseal(args, where);
    assert.equal(code, 0);
    assert.match(stdout, /^Exported 0 entries of the \d+ in the log\.$/m);
    assert.match(stdout, /Nothing proves that no matching entry was left out\./);
  });

  it('takes times with an offset, and counts from the first and before the last', async () => {
    const all = await exported(
      '--format',
      'csv',
      '--out',
      'all.csv',
      '--from',
      '2000-01-01T02:00:00.5+02:00',
    );
    const none = await exported('--format', 'csv', '--out', 'none.csv', '--to', '2000-01-01T00:00:00Z');
    assert.deepEqual([all.filtered, all.entries === all.logEntries, none.entries], [true, true, 0]);
    const proof = readFileSync(join(folder, 'all.csv.proof'), 'utf8');
    assert.match(proof, /"filter":\{"from":"2000-01-01T00:00:01Z"\}/);
  });

  it('takes a person by name or id, and refuses another', async () => {
    const unknown = await exported('--format', 'csv', '--out', 'nobody.csv', '--actor', 'nobody at all');
    assert.deepEqual(
      [unknown.code, unknown.fault?.code, unknown.fault?.rule],
      [2, 'usage-invalid', 'person-of-log'],
    );
    assert(!existsSync(join(folder, 'nobody.csv')));
    const entry = readFileSync(join(folder, 'log.jsonl'), 'utf8').split('\n')[0] ?? '';
    const { id } = (JSON.parse(entry) as { actor: { id: string } }).actor;
    const known = await exported('--format', 'ocsf', '--out', 'person.json', '--actor', id);
    assert.equal(known.code, 0);
    assert(known.entries > 0);
  });

  it('keeps the log of training apart', async () => {
    const { code, logEntries } = await exported('--format', 'cef', '--out', 'training.cef', '--training');
    assert.equal(code, 0);
    assert(logEntries <= 2);
    assert.match(readFileSync(join(folder, 'training.cef'), 'utf8'), /"training":true/);
  });

  it('refuses a format that it does not have, and a proof without a site', async () => {
    const strange = await exported('--format', 'xml', '--out', 'x');
    const nowhere = await exported('--format', 'proof', '--out', 'x');
    assert.deepEqual([strange.code, nowhere.code, nowhere.fault?.rule], [2, 2, 'proof-of-site']);
  });
});
