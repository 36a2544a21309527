import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusedSwitch } from '../../../main/shell/switches.ts';

const refusedOn = (platform: NodeJS.Platform, ...args: readonly string[]) =>
  refusedSwitch({ args, platform });

describe('the switches of a package', () => {
  for (const written of [
    '--remote-debugging-port=9222',
    '--remote-debugging-port',
    '-remote-debugging-port=9222',
    ' --remote-debugging-port=9222',
    '\t--remote-debugging-pipe\n',
    '--remote-allow-origins=*',
    '--no-sandbox',
    '--user-data-dir=/tmp/x',
    '--load-extension=/tmp/x',
    '--js-flags=--expose-gc',
    '--LANG=en',
    '--=x',
    '-- ',
    '--unheard-of',
  ]) {
    it(`refuses ${JSON.stringify(written)}`, () => {
      assert.equal(refusedOn('linux', written), written.trim());
      assert.equal(refusedOn('linux', '--lang=en', 'file', written, '--', 'prepare'), written.trim());
    });
  }

  it('takes what a display, a graphics card or an assistive technology needs', () => {
    const args = ['--disable-gpu', '--force-device-scale-factor=2', '-lang=en', 'file', '-', ''];
    assert.equal(refusedOn('linux', ...args), undefined);
  });

  it('leaves the arguments of a command alone', () => {
    assert.equal(refusedOn('linux', '--log-level=3', '--', '--remote-debugging-port=1'), undefined);
  });

  it('reads switches as Windows writes them', () => {
    for (const written of ['/remote-debugging-port=1', '/Remote-Debugging-Port', '--NO-SANDBOX', '-x', '/'])
      assert.equal(refusedOn('win32', written), written);
    assert.equal(refusedOn('win32', '/LANG=en', '--Disable-GPU'), undefined);
    assert.equal(refusedOn('linux', '/remote-debugging-port=1'), undefined);
  });
});
