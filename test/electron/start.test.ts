import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { asOrdinaryUser } from '../../tools/desktop.ts';
import { makeHome, root, runtime, setUp } from './kit.ts';

/** Waits until a stream has said something. */
function hear(child: ChildProcess, wanted: RegExp): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.stderr!.on('data', (text: Buffer) => {
      said += text.toString('utf8');
      if (wanted.test(said)) resolve(said);
    });
    child.on('close', () => reject(new Error(`It ended, having said: ${said}`)));
  });
}

describe('npm start', () => {
  setUp();

  it('opens a window in Electron where that can run, and ends with it', async () => {
    const home = makeHome();
    const env = {
      ELECTRON_OVERRIDE_DIST_PATH: runtime,
      PATH: process.env['PATH'] ?? '',
      DISPLAY: process.env['DISPLAY'] ?? '',
      HOME: home,
      SITESEAL_HOME: join(home, 'data'),
    };
    const { file, args } = asOrdinaryUser(process.execPath, [join(root, 'tools', 'start.ts')]);
    const child = spawn(file, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(child, 'exit');
    assert.match(await hear(child, /\n/), /^Siteseal opens in Electron [\d.]+(, its core on Node\.js)?\.\n/);
    await hear(child, /The window is open\./);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });
});
