import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isRoot } from '../../tools/desktop.ts';
import { asOrdinaryUser } from '../kit/desktop.ts';
import { makeHome, root, runtime, setUp } from './kit.ts';

// The command line in Electron's main process, started by the script that packages have. No command here opens a store,
// because an old Electron cannot load the native module for it.

const vectors = join(root, 'docs', 'test-vectors');
const vendorRoot = ['--vendor-root', join(vectors, 'keys', 'vendor-root.crt')];
const verify = [
  ...['bundle', 'verify', join(vectors, 'example', 'LAB0001.p7m'), ...vendorRoot],
  ...['--at', '2026-12-01T00:00:00Z', '--enb'],
];
/** Nothing listens there. */
const nobodyThere = ['--ethernet', '127.0.0.1:1', ...vendorRoot];

/** A folder like a package's, whose application is this checkout. */
function makePackage(): string {
  const folder = makeHome();
  chmodSync(folder, 0o755);
  const linux = join(root, 'assets', 'linux');
  copyFileSync(join(linux, 'siteseal.sh'), join(folder, 'siteseal'));
  mkdirSync(join(folder, 'resources'));
  copyFileSync(join(linux, 'no-fonts.conf'), join(folder, 'resources', 'no-fonts.conf'));
  writeFileSync(join(folder, 'siteseal-app'), `#!/bin/sh\nexec ${join(runtime, 'electron')} ${root} "$@"\n`);
  for (const name of ['siteseal', 'siteseal-app']) chmodSync(join(folder, name), 0o755);
  return join(folder, 'siteseal');
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

async function end(child: ChildProcess): Promise<Ended> {
  let [out, err] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, out, err };
}

/** Starts a program as an ordinary user, with a home and nothing else. */
function start(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const command = asOrdinaryUser(program, args);
  const surroundings = { PATH: process.env['PATH'] ?? '', HOME: makeHome(), ...env };
  return spawn(command.file, command.args, { env: surroundings, stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('a command in Electron', () => {
  setUp('core', 'shell');

  for (const [code, args] of [
    [0, ['--version']],
    [0, [...verify, 'LAB0001', '--json']],
    [1, [...verify, 'LAB0002']],
    [2, ['prepare', '--remote-debugging-port=0']],
    [3, ['bundle', 'inspect', '/nowhere']],
    [4, ['enb', 'status', ...nobodyThere]],
  ] as const) {
    it(`says what it says from source, and ends with ${code}: ${args.join(' ').slice(0, 40)}`, async () => {
      const source = join(root, 'main', 'cli', 'siteseal.js');
      const fromSource = end(start(process.execPath, [source, ...args]));
      const packaged = await end(start(makePackage(), args));
      assert.equal(packaged.code, code);
      assert.deepEqual(packaged, await fromSource);
    });
  }

  it('writes nothing to the home folder, and needs none', async () => {
    const home = makeHome();
    assert.equal(
      (await end(start(makePackage(), ['enb', 'status', ...nobodyThere], { HOME: home }))).code,
      4,
    );
    assert.deepEqual(readdirSync(home), []);
    const without = { HOME: '/nowhere', DISPLAY: ':999', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
    const { code, err } = await end(start(makePackage(), ['enb', 'status', ...nobodyThere], without));
    assert.equal(code, 4);
    assert.match(err, /^device-unreachable: /);
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`ends with ${signal}, and not as if it had succeeded`, async (test) => {
      const silent = createServer().listen(0, '127.0.0.1');
      test.after(() => silent.close());
      await once(silent, 'listening');
      const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
      const child = start(makePackage(), ['enb', 'status', '--ethernet', address, ...vendorRoot]);
      const ended = end(child);
      await once(silent, 'connection');
      child.kill(signal);
      const { code, signal: endedBy, out, err } = await ended;
      // While Chromium starts, it keeps the signal to itself.
      assert.ok(endedBy === signal || code === 130, `code ${String(code)}, signal ${String(endedBy)}`);
      assert.deepEqual([out, err], ['', '']);
    });
  }

  it('reports output that is lost, and stops quietly where nobody reads on', async () => {
    const shell = (script: string) => start('sh', ['-c', script, 'sh', makePackage()]);
    const full = await end(shell('"$1" --help >/dev/full'));
    assert.equal(full.code, 3);
    assert.match(full.err, /^output-lost: /);
    const cut = await end(shell('"$1" --help | head -n 1'));
    assert.deepEqual([cut.out, cut.err], ['Usage: siteseal [options] [command]\n', '']);
    assert.deepEqual(await end(shell('"$1" --help >&-')), { code: 0, signal: null, out: '', err: '' });
  });

  it('says that the lab run needs the source', async () => {
    const { code, err } = await end(start(makePackage(), ['lab', 'run']));
    assert.equal(code, 3);
    assert.match(err, /^lab-run-packaged: /);
  });

  it('says that the window needs a display', async () => {
    const { code, out, err } = await end(start(makePackage(), []));
    assert.deepEqual([code, out], [3, '']);
    assert.match(err, /^There is no display for the window of Siteseal\./);
  });

  it('refuses root', { skip: !isRoot && 'only root can show it' }, async () => {
    for (const args of [[], ['--version']]) {
      const refused = await end(spawn(makePackage(), args, { stdio: ['ignore', 'pipe', 'pipe'] }));
      assert.deepEqual([refused.code, refused.out], [3, '']);
      assert.match(refused.err, /^Siteseal does not run as root/);
    }
  });
});

describe('a package', () => {
  setUp('core', 'shell');

  /** This Electron calls itself packaged when it is told so. */
  const startPackaged = (...args: readonly string[]) =>
    start(join(runtime, 'electron'), ['--disable-gpu', root, ...args], {
      ELECTRON_FORCE_IS_PACKAGED: 'true',
      DISPLAY: process.env['DISPLAY'] ?? '',
    });

  for (const [name, ...args] of [
    ['--remote-debugging-port=0'],
    ['-remote-debugging-port=0'],
    [' --remote-debugging-port=0'],
    ['--remote-debugging-pipe'],
    ['--no-sandbox'],
    ['--remote-debugging-port=0', '--', '--version'],
  ] as const) {
    it(`does not start with ${JSON.stringify([name, ...args].join(' '))}`, async () => {
      const { code, out, err } = await end(startPackaged(name, ...args));
      assert.equal(code, 2);
      assert.equal(out, '');
      assert.match(err, new RegExp(`^Siteseal does not start with ${name.trim()}\\.`, 'm'));
      assert.doesNotMatch(err, /DevTools listening/);
    });
  }
});
