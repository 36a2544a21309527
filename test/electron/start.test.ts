import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { asOrdinaryUser } from '../kit/desktop.ts';
import { makeHome, root, runtime, setUp } from './kit.ts';

/** Waits until standard error has said what is wanted. Rejects when the browser is taken instead, or it ends. */
function hear(child: ChildProcess, wanted: RegExp): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.stderr!.on('data', (text: Buffer) => {
      said += text.toString('utf8');
      if (wanted.test(said)) resolve(said);
      else if (said.includes('runs in the browser')) reject(new Error(`It said: ${said}`));
    });
    child.on('close', () => reject(new Error(`It ended, having said: ${said}`)));
  });
}

/** A folder like Electron's whose Electron leaves the graphics card alone, as in the other tests. */
function makeRuntimeWithoutGraphics(): string {
  const folder = makeHome();
  chmodSync(folder, 0o755);
  const file = join(runtime, 'electron');
  const script = `#!/bin/sh\n[ -n "$ELECTRON_RUN_AS_NODE" ] || set -- --disable-gpu "$@"\nexec ${file} "$@"\n`;
  writeFileSync(join(folder, 'electron'), script, { mode: 0o755 });
  return folder;
}

describe('npm start', () => {
  setUp();

  it('opens a window in Electron where that can run, and ends with it', async (test) => {
    const home = makeHome();
    const env = {
      ELECTRON_OVERRIDE_DIST_PATH: makeRuntimeWithoutGraphics(),
      PATH: process.env['PATH'] ?? '',
      DISPLAY: process.env['DISPLAY'] ?? '',
      HOME: home,
      SITESEAL_HOME: join(home, 'data'),
    };
    const { file, args } = asOrdinaryUser(process.execPath, [join(root, 'tools', 'start.ts')]);
    const child = spawn(file, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    test.after(() => child.kill('SIGTERM'));
    const ended = once(child, 'exit');
    const said = await hear(child, /The window is open\./);
    assert.match(said, /^Opening Siteseal in Electron [\d.]+(, with its core on Node\.js)?\.$/m);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });
});
