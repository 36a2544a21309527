// A run in two threads on a disk that becomes full.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Bundle } from '../../main/bundle/index.ts';
import { makeOperator } from '../bench/operator.ts';
import { documentOf, siteseal, type FaultDocument } from '../kit/cli.ts';
import { temporaryFolder } from '../kit/enb.ts';

const count = 2_400;

describe('a run in two threads on a full disk', () => {
  const folder = temporaryFolder();
  const out = join(folder, 'out');
  const operator = makeOperator(folder, { enbKey: 'P-256', configurationKey: 'P-256', enbs: count });
  const prepare = async (...more: readonly string[]) => {
    const files = [operator.inventory, '--profile', operator.profile, '--out', out];
    const ran = await siteseal(['prepare', ...files, '--workers', '2', '--json', ...more], {
      home: join(folder, 'data'),
      cwd: folder,
      env: { SITESEAL_PASSPHRASE: operator.passphrase },
      isRealTime: true,
    });
    return {
      code: ran.code,
      ...(documentOf(ran) as { readonly made: number; readonly fault?: FaultDocument }),
    };
  };
  const names = () => readdirSync(join(out, 'bundles'));

  it('keeps what is whole, says what is missing, and completes when there is room', async (context) => {
    mkdirSync(out);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'siteseal-test', out]);
    if (mounted.status !== 0) {
      context.skip('A file system in memory cannot be mounted here.');
      return;
    }
    after(() => execFileSync('umount', [out]));
    const full = await prepare();
    assert.deepEqual([full.fault?.code, full.fault?.found, full.code], ['output-unwritable', 'ENOSPC', 3]);
    const whole = names().filter((name) => name.endsWith('.p7m'));
    assert(whole.length > 0 && whole.length < count, `${whole.length} are whole`);
    assert.equal(full.made, whole.length);
    execFileSync('mount', ['-o', 'remount,size=64m', out]);
    const rest = await prepare('--resume');
    assert.deepEqual([rest.made, rest.fault, rest.code], [count, undefined, 0]);
    assert.equal(names().length, count);
    for (const name of names()) {
      const { signer, configuration } = new Bundle(readFileSync(join(out, 'bundles', name)));
      assert(signer.ok && configuration.ok, name);
      assert.equal(configuration.value.sequence, 1, name);
    }
  });
});
