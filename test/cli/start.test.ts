import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { build } from '../../tools/build.ts';

const program = join(import.meta.dirname, '..', '..', 'tools', 'start.ts');
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

/** The folders of a test: a home, and an Electron that is a script. */
let home: string;

interface Start {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly asRoot?: boolean;
}

/** Runs `npm start` without npm. As root it becomes an ordinary user, unless that is what is tested. */
function start({ args = [], env = {}, asRoot = false }: Start): ChildProcess {
  const user = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const command = [process.execPath, program, ...args];
  const [file = '', ...rest] = isRoot && !asRoot ? ['setpriv', ...user, ...command] : command;
  // Nothing is on the PATH but the system's own: no desktop is there to open a browser.
  const surroundings = { PATH: '/usr/bin:/bin', HOME: home, SITESEAL_HOME: join(home, 'data'), ...env };
  return spawn(file, rest, { cwd: home, env: surroundings, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Waits until a program says that it can be stopped, or ends: what it said. */
async function hear(child: ChildProcess): Promise<{ readonly out: string; readonly said: string }> {
  let out = '';
  let said = '';
  await new Promise<void>((resolve) => {
    const judge = () => {
      if (said.includes('Ctrl-C') && out.endsWith('\n')) resolve();
    };
    child.stdout!.on('data', (text: Buffer) => {
      out += text.toString('utf8');
      judge();
    });
    child.stderr!.on('data', (text: Buffer) => {
      said += text.toString('utf8');
      judge();
    });
    child.on('close', () => resolve());
  });
  return { out, said };
}

/** Stops a program as Ctrl-C does, with the signal more than once: its exit code, null if the signal ended it. */
async function stop(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit');
  const signals = setInterval(() => child.kill('SIGINT'), 1);
  const [code] = (await ended) as readonly unknown[];
  clearInterval(signals);
  return code;
}

/** An Electron that says its versions and then does as it is told. */
function fakeElectron(script: string): Record<string, string> {
  const folder = mkdtempSync(join(home, 'electron-'));
  chmodSync(folder, 0o755);
  const text = `#!/bin/sh\nif [ -n "$ELECTRON_RUN_AS_NODE" ]; then echo "45.0.0 10"; exit; fi\n${script}\n`;
  writeFileSync(join(folder, 'electron'), text, { mode: 0o755 });
  return { ELECTRON_OVERRIDE_DIST_PATH: folder, DISPLAY: ':99' };
}

describe('npm start', () => {
  before(async () => {
    await build(() => undefined);
    home = mkdtempSync(join(tmpdir(), 'siteseal-start-'));
    if (isRoot) chownSync(home, nobody, nobody);
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  it('without a display prints the address of the browser host, and ends when it is told to', async () => {
    const child = start({});
    const { out, said } = await hear(child);
    assert.match(
      said,
      /^Siteseal runs in the browser \(there is no display\)\. Open this address\. It works once:$/m,
    );
    const [response] = (await once(get(out.trim(), { agent: false }), 'response')) as [
      { statusCode: number; resume(): void },
    ];
    response.resume();
    assert.equal(response.statusCode, 200);
    assert.equal(await stop(child), 0);
  });

  it('opens the browser with a file, so that no process has the token among its arguments', async () => {
    const folder = mkdtempSync(join(home, 'desktop-'));
    chmodSync(folder, 0o755);
    const script = '#!/bin/sh\necho "$@" > "$HOME/asked.new"\nmv "$HOME/asked.new" "$HOME/asked"\n';
    writeFileSync(join(folder, 'xdg-open'), script, { mode: 0o755 });
    const changes = watch(home);
    const asked = (async () => {
      for await (const [, name] of on(changes, 'change')) if (name === 'asked') return;
    })();
    const child = start({
      args: ['--browser'],
      env: { PATH: `${folder}:/usr/bin:/bin`, DISPLAY: ':99', TMPDIR: home },
    });
    const { out } = await hear(child);
    await asked;
    changes.close();
    const file = readFileSync(join(home, 'asked'), 'utf8').trim();
    assert.match(file, /^[^?=]+\/siteseal-open-\w+\/siteseal\.html$/);
    const page = readFileSync(file, 'utf8');
    assert.ok(page.includes(`url=${out.trim()}"`), page);
    assert.equal(await stop(child), 0);
    assert.equal(existsSync(file), false, 'the file goes with the host');
  });

  it('takes the browser when that is asked for, even where Electron could run', async () => {
    const child = start({ args: ['--browser', '--folder', home], env: fakeElectron('exit 1') });
    const { said } = await hear(child);
    assert.match(said, /runs in the browser \(as you asked\)/);
    assert.doesNotMatch(said, /cannot open any folder/);
    assert.equal(await stop(child), 0);
  });

  for (const [name, script, why] of [
    ['ends at once', 'exit 133', 'Electron stopped immediately (code 133)'],
    ['is killed', 'kill -KILL $$', 'Electron stopped immediately (SIGKILL)'],
    ['asks for it', 'echo "siteseal-shell: window-open"; exit $SITESEAL_BROWSER_HOST_EXIT', 'as you asked'],
  ] as const) {
    it(`goes on in the browser when Electron ${name}`, async () => {
      const child = start({ env: fakeElectron(script) });
      const { said } = await hear(child);
      assert.match(said, /^Opening Siteseal in Electron 45\.0\.0\.$/m);
      assert.ok(said.includes(`Siteseal runs in the browser (${why})`), said);
      assert.equal(await stop(child), 0);
    });
  }

  it('ends as Electron ends, once there was a window', async () => {
    const child = start({ env: fakeElectron('echo "siteseal-shell: window-open"; exit 3') });
    const ended = once(child, 'exit');
    const { said } = await hear(child);
    assert.equal(said, 'Opening Siteseal in Electron 45.0.0.\nThe window is open.\n');
    assert.deepEqual(await ended, [3, null]);
  });

  it('ends with Electron, although that leaves something behind which holds its output', async (test) => {
    const script = 'sleep 600 & echo $! > left-behind; echo "siteseal-shell: window-open"; exit 3';
    const child = start({ env: fakeElectron(script) });
    test.after(() => process.kill(Number(readFileSync(join(home, 'left-behind'), 'utf8'))));
    assert.deepEqual(await once(child, 'exit'), [3, null]);
  });

  it('says how to get an Electron that is not there', async () => {
    const env = { DISPLAY: ':99', ELECTRON_OVERRIDE_DIST_PATH: join(home, 'nowhere') };
    const child = start({ env });
    assert.match((await hear(child)).said, /is not installed \(to install it, run npx install-electron\)/);
    await stop(child);
  });

  it('tells root what to do', { skip: !isRoot && 'only root can see it' }, async () => {
    const child = start({ asRoot: true, env: fakeElectron('exit 1') });
    assert.match((await hear(child)).said, /as root: run npm start as an ordinary user/);
    await stop(child);
  });

  it('says so when it cannot have the port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const port = String((other.address() as AddressInfo).port);
    const child = start({ args: ['--browser', '--port', port] });
    const ended = once(child, 'exit');
    assert.match(
      (await hear(child)).said,
      /cannot use port \d+ \(EADDRINUSE\)\. Choose another one, or leave out --port\./,
    );
    assert.deepEqual(await ended, [3, null]);
    other.close();
  });

  for (const [name, args, why] of [
    ['an unknown option', ['--chrome'], /Unknown option '--chrome'/],
    ['a port that is none', ['--port', 'x'], /x is not a port/],
    ['a port that is too high', ['--port', '65536'], /65536 is not a port/],
    ['a folder that is none', ['--browser', '--folder', '/dev/null'], /\/dev\/null is not a readable folder/],
  ] as const) {
    it(`refuses ${name}`, async () => {
      const child = start({ args });
      const ended = once(child, 'exit');
      assert.match((await hear(child)).said, why);
      assert.deepEqual(await ended, [2, null]);
    });
  }
});
