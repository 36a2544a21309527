import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { siteseal, sitesealJson, type FaultDocument } from '../kit/cli.ts';
import { temporaryFolder } from '../kit/enb.ts';

interface Head {
  readonly size: number;
  readonly from?: number;
  readonly key: string;
  readonly isKeyTaken?: boolean;
  readonly witness?: string;
  readonly retired?: string;
  readonly witnessed?: { readonly size: number; readonly witness: string };
  readonly fault?: FaultDocument;
}

const folder = temporaryFolder();

async function audit(home: string, ...args: readonly string[]): Promise<Head> {
  const ran = await sitesealJson(['audit', ...args], { home: join(folder, home), cwd: folder, isWarm: true });
  const document = ran.document as Head;
  assert.equal(ran.code, document.fault ? 1 : 0);
  return document;
}

/** Copies a computer as it is. */
function copy(from: string, to: string): void {
  cpSync(join(folder, from), join(folder, to), { recursive: true });
}

describe('siteseal audit head and siteseal audit witness', () => {
  it('prove that the log continues what the office has seen, and name forks, old backups and a restored office', async () => {
    const first = await audit('laptop', 'head', '--out', 'head');
    assert.equal(first.from, 0);
    const seen = await audit('office', 'witness', 'head');
    assert.deepEqual([seen.size, seen.from, seen.isKeyTaken], [first.size, undefined, true]);
    assert.equal(seen.key, first.key);
    copy('laptop', 'old-laptop');
    copy('office', 'old-office');

    const second = await audit('laptop', 'head', '--out', 'head-2', '--witnessed', 'head.cosigned');
    assert.deepEqual([second.from, second.witnessed?.size], [first.size, first.size]);
    const wrong = await audit('laptop', 'head', '--out', 'x', '--witnessed', 'head-2');
    assert.equal(wrong.fault?.code, 'head-not-cosigned', 'a head file, before the office cosigned it');
    const continued = await audit('office', 'witness', 'head-2', '--out', 'note');
    assert.deepEqual(
      [continued.size, continued.from, continued.isKeyTaken],
      [second.size, first.size, false],
    );
    assert.equal(continued.witness, seen.witness);
    assert.equal(continued.witness?.split('+')[0], second.witnessed?.witness);
    assert.match(readFileSync(join(folder, 'note'), 'utf8'), /\n\n(\u2014 .*\n){2}$/);

    const rolledBack = await audit('office', 'witness', 'head');
    assert.equal(rolledBack.fault?.code, 'log-rolled-back');
    assert.equal(
      (await audit('old-laptop', 'head', '--out', 'x', '--witnessed', 'note')).fault?.code,
      'log-rolled-back',
    );
    for (let size = 0; size <= second.size;) size = (await audit('old-laptop', 'head', '--out', 'fork')).size;
    await audit('old-laptop', 'head', '--out', 'fork', '--since', String(second.size));
    assert.equal((await audit('office', 'witness', 'fork')).fault?.code, 'log-forked');

    await audit('laptop', 'head', '--out', 'head-3', '--witnessed', 'note');
    const restored = await audit('old-office', 'witness', 'head-3');
    assert.deepEqual([restored.fault?.code, restored.retired], ['head-unproven', seen.witness]);
    const since = restored.fault?.expected ?? '';
    await audit('laptop', 'head', '--out', 'head-4', '--since', /\d+/.exec(since)?.[0] ?? '');
    const again = await audit('old-office', 'witness', 'head-4');
    assert.deepEqual([again.from, again.retired], [first.size, undefined]);
    assert.notEqual(again.witness, seen.witness);
  });

  it('explain to the user what to compare and what to do', async () => {
    const at = (home: string) => ({ home: join(folder, home), cwd: folder, isWarm: true });
    const saved = await siteseal(['audit', 'head', '--out', 'words'], at('other-laptop'));
    const key = /siteseal\.invalid\/log\/\S+/.exec(saved.stdout)?.[0] ?? '';
    const { stdout } = await siteseal(['audit', 'witness', 'words'], at('other-office'));
    assert.match(stdout, /first head of this log/);
    assert(stdout.includes(`shows on the laptop: ${key}\n`));
    const training = await siteseal(['audit', 'witness', 'words', '--training'], at('other-office'));
    assert.match(training.stderr + training.stdout, /log-training-mismatch/);
    assert.equal(training.code, 1);
  });
});
