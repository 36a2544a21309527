// The packages as people get them: installed on a bare Debian, used by an ordinary user, and removed.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { productVersion } from '../../main/core/index.ts';
import { fill, words } from '../../main/words/index.ts';
import { deliverByKeyboard, tabTo } from '../e2e/flows.ts';
import { siteseal } from '../kit/cli.ts';
import { type CommandOptions, home, must, type Ran, user } from '../kit/debian.ts';
import { end } from '../kit/desktop.ts';
import { type Process, processesIn } from '../kit/processes.ts';
import { temporaryFolder } from '../kit/enb.ts';
import { freePort } from '../kit/free-port.ts';
import { type Driven, drive, driverArgument } from './driver.ts';
import { colours, difference, type Picture, png } from './screen.ts';
import { binary, driven, installed, makeWorld, root, type World } from './world.ts';

/** How long it may take until the packages are made and the deb is installed, in milliseconds. */
const patience = 900_000;

let world: World;

/** The files of the Debian before Siteseal is used. */
let unused: ReadonlyMap<string, string>;

before(
  async () => {
    world = await makeWorld();
    mkdirSync(world.debian.path(chosen));
    await world.debian.must(['chown', `${user}:${user}`, chosen]);
    unused = world.debian.files();
  },
  { timeout: patience },
);
after(() => world.screen.close());

/** The user's folder for the files of this test. */
const chosen = `${home}/Documents`;

const dataFolder = `${home}/.local/share/siteseal`;

/** Runs the installed `siteseal`, without a display. */
function run(args: readonly string[], options?: CommandOptions): Promise<Ran> {
  return world.debian.run(['siteseal', ...args], options);
}

/** Runs an executable of the installed application without the script around it. */
function runBinary(args: readonly string[], options?: CommandOptions): Promise<Ran> {
  return world.debian.run([join(installed, binary), ...args], options);
}

/** Keeps a picture for those who want to look. */
function keep(name: string, picture: Picture): void {
  const { SITESEAL_SCREENSHOTS: folder } = process.env;
  if (folder !== undefined) writeFileSync(join(folder, `package-${name}.png`), png(picture));
}

/** Asserts what the kernel says of the processes with pages: they may only use few system calls, and get no rights. */
function assertConfined(processes: readonly Process[]): void {
  const pages = processes.filter(({ args }) => args.includes('--type=renderer'));
  assert.ok(pages.length > 0, 'there is a process for the page');
  for (const { status } of pages) {
    assert.match(status, /^Seccomp:\t2$/m);
    assert.match(status, /^NoNewPrivs:\t1$/m);
  }
}

/** Saves the receipt from the report into the user's folder. Gives its name. */
async function saveReceipt({ page, evaluate }: Driven): Promise<string> {
  const isSaved = evaluate(`new Promise((resolve, reject) =>
    electron.session.defaultSession.once('will-download', (_event, item) => {
      item.setSavePath('${chosen}/' + item.getFilename());
      item.once('done', (_done, state) =>
        state === 'completed' ? resolve(item.getFilename()) : reject(new Error(state)));
    }))`);
  await page.getByRole('button', { name: 'Save the receipt' }).click();
  return String(await isSaved);
}

describe('the packages', () => {
  it('hold the same app.asar when they are made from the same sources in another folder', () => {
    assert.equal(world.archives.elsewhere, world.archives.here);
  });

  it('include an rpm, which rpm can read', async () => {
    const query = '%{NAME} %{VERSION} %{ARCH} %{LICENSE}';
    const head = await must('rpm', ['-qp', '--queryformat', query, world.rpm]);
    assert.equal(head, `siteseal ${productVersion()} x86_64 Apache-2.0`);
    const files = await must('rpm', ['-qpl', '--dump', world.rpm]);
    assert.match(files, new RegExp(`^${installed}/resources/app.asar .* 0100644 root root `, 'm'));
    assert.match(files, new RegExp(`^${installed}/chrome-sandbox .* 0104755 root root `, 'm'));
    assert.match(files, /^\/usr\/bin\/siteseal .* \.\.\/lib\/siteseal\/siteseal$/m);
    assert.match(await must('rpm', ['-qp', '--requires', world.rpm]), /^libgtk-3\.so\.0\(\)\(64bit\)$/m);
  });

  it('include a deb, which apt installs on a bare Debian, with the same app.asar', async () => {
    const status = await world.debian.must(['dpkg-query', '--show', '--showformat=${Status}', 'siteseal']);
    assert.equal(status, 'install ok installed');
    assert.equal(world.altered, '');
    assert.equal(world.archives.installed, world.archives.elsewhere);
  });
});

describe('the installed application', () => {
  it('has every fuse as it is meant to be', async () => {
    const { readFuses } = await import('../../tools/package/fuses.ts');
    const fuses = await readFuses(world.debian.path(installed, binary));
    const read = fuses.filter(({ found }) => found !== undefined);
    assert.ok(read.length >= 8, 'the fuses are read');
    assert.deepEqual(
      read.map(({ name, found }) => [name, found]),
      read.map(({ name, isOn }) => [name, isOn]),
    );
  });

  it('runs no code that ELECTRON_RUN_AS_NODE or NODE_OPTIONS could bring in', async () => {
    const script = '/tmp/foreign.cjs';
    const trace = '/tmp/foreign-code-ran';
    writeFileSync(world.debian.path(script), `require('node:fs').writeFileSync('${trace}', '')`);
    for (const env of [{ ELECTRON_RUN_AS_NODE: '1' }, { NODE_OPTIONS: `--require=${script}` }]) {
      assert.deepEqual(await run(['--version'], { env }), version(), JSON.stringify(env));
    }
    const asNode = await runBinary(['--print', '1 + 1'], { env: { ELECTRON_RUN_AS_NODE: '1' } });
    assert.deepEqual([asNode.code, asNode.stdout], [2, '']);
    assert.equal(existsSync(world.debian.path(trace)), false);
    rmSync(world.debian.path(script));
  });

  it('ends with a sentence instead of opening a port with --remote-debugging-port', async () => {
    const found = '--remote-debugging-port=9222';
    const { code, stderr } = await runBinary([found]);
    assert.equal(code, 2);
    assert.ok(stderr.includes(fill(words.shell.switchRefused, { found })), stderr);
  });

  it('says why it does not run as root', async () => {
    for (const args of [[], ['--version']]) {
      const { code, stdout, stderr } = await run(args, { as: 'root' });
      assert.deepEqual([code, stdout], [3, '']);
      assert.match(stderr, /^Siteseal does not run as root, because .*\n$/);
    }
  });
});

const version = (): Ran => ({ code: 0, stdout: `${productVersion()}\n`, stderr: '' });

describe('the installed command', () => {
  it('prints its version without a display, and nothing else', async () => {
    assert.deepEqual(await run(['--version']), version());
  });

  it('prepares bundles as from source: the same words, exit code and files', async () => {
    const vectors = join(root, 'docs/test-vectors');
    const env = { SITESEAL_PASSPHRASE: 'published' };
    const args = ['prepare', 'example/inventory.csv', '--profile', 'example/operator.json', '--out', 'out'];

    const here = temporaryFolder();
    for (const folder of ['example', 'keys'])
      cpSync(join(vectors, folder), join(here, folder), { recursive: true });
    const { signal: _, ...fromSource } = await siteseal(args, { home: join(here, 'home'), cwd: here, env });
    assert.equal(fromSource.code, 0, fromSource.stderr);

    const work = `${chosen}/vectors`;
    cpSync(here, world.debian.path(work), { recursive: true, filter: (file) => !/\/(home|out)$/.test(file) });
    await world.debian.must(['chown', '-R', `${user}:${user}`, chosen]);
    assert.deepEqual(await run(args, { cwd: work, env }), fromSource);
    const made = (folder: string) => readdirSync(folder, { recursive: true }).sort();
    assert.deepEqual(made(world.debian.path(work, 'out')), made(join(here, 'out')));

    const bundle = world.debian.path(work, 'out/bundles/LAB0001.p7m');
    const keys = ['--vendor-root', 'keys/vendor-root.crt', '--enb', 'keys/LAB0001.crt'];
    const check = await siteseal(['bundle', 'verify', bundle, ...keys], {
      home: join(here, 'home'),
      cwd: here,
    });
    assert.equal(check.code, 0, check.stderr);
  });
});

describe('the installed window', () => {
  let application: ChildProcess;
  let firstScreen: Picture;

  /** Where --inspect should listen. */
  let port: number;

  before(async () => {
    port = await freePort();
    // The script takes the arguments for a command, so that this starts the binary.
    application = world.debian.start([join(installed, binary), `--inspect=127.0.0.1:${port}`], {
      env: { DISPLAY: world.screen.name },
    });
  });
  after(() => end(application));

  it('shows its first screen', async () => {
    await world.screen.see('many colours', (picture) => colours(picture).count > 100);
    firstScreen = await world.screen.settle();
    keep('first-screen', firstScreen);
    const { count, largestPart } = colours(firstScreen);
    assert.ok(count > 100 && largestPart < 0.9, JSON.stringify({ count, largestPart }));
  });

  it('opens no port for --inspect', async () => {
    const socket = connect(port, '127.0.0.1');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
  });

  it('keeps its page in the sandbox that the package brings', () => {
    const processes = processesIn(installed);
    assert.ok(
      processes.some(({ args }) => args[0] === join(installed, 'chrome-sandbox')),
      JSON.stringify(processes),
    );
    assertConfined(processes);
  });

  it('does what the keyboard asks for', async () => {
    const before = await world.screen.settle();
    await world.screen.press('F1');
    await world.screen.see('the help', (picture) => difference(before, picture) > 0.05);
    keep('help', await world.screen.settle());
    await world.screen.press('Escape');
    await world.screen.see('the first screen again', (picture) => difference(before, picture) < 0.01);
  });
});

describe('the same application with its inspector on', () => {
  it('has the same app.asar', () => {
    assert.equal(world.archives.driven, world.archives.installed);
  });

  it('delivers in training, from the start screen to the signed receipt and the report', async () => {
    const application = world.debian.start([join(driven, binary), driverArgument], {
      env: { DISPLAY: world.screen.name },
    });
    const app = await drive(application);
    const { page } = app;
    await page.getByRole('heading', { level: 1, name: 'Welcome to Siteseal' }).waitFor();
    assert.equal(await app.evaluate('electron.app.isPackaged'), true);
    await tabTo(page, 'Try it');
    await page.keyboard.press('Enter');
    await deliverByKeyboard(page, 'T0001');
    await page.getByText('LAB0001').first().waitFor();
    keep('report', await world.screen.settle());
    const processes = processesIn(driven);
    assertConfined(processes);
    // The core, with the simulated eNBs in a worker thread, is Electron's own Node.js.
    const core = processes.filter(({ args }) => args.includes('--utility-sub-type=node.mojom.NodeService'));
    assert.equal(core.length, 1, JSON.stringify(processes));
    const receipt = await saveReceipt(app);
    await app.quit();
    const lab = `${dataFolder}/training/lab`;
    const trust = [
      '--vendor-root',
      `${lab}/vendor-root.pem`,
      '--bundle',
      `${lab}/prepared/bundles/LAB0001.p7m`,
    ];
    const { code, stdout, stderr } = await run(['receipt', 'verify', join(chosen, receipt), ...trust]);
    assert.equal(code, 0, `${stdout}${stderr}`);
  });

  it('leaves nothing outside its data folder, the profile of its window and what was chosen', () => {
    const own = [dataFolder, `${home}/.config/Siteseal window`, chosen];
    // Every program with GTK keeps the list of the system's fonts there.
    const fonts = `${home}/.cache/fontconfig`;
    const allowed = (file: string) =>
      [...own, fonts].some((folder) => `${file}/`.startsWith(`${folder}/`) || folder.startsWith(`${file}/`));
    const changed = [...world.debian.files()].filter(([file, state]) => unused.get(file) !== state);
    assert.deepEqual(
      changed.map(([file]) => `/${file}`).filter((file) => !allowed(file)),
      [],
    );
  });
});

describe('a removal with apt', () => {
  it("leaves nothing of Siteseal but its users' data", async () => {
    await world.debian.must(['apt-get', 'purge', '--yes', 'siteseal']);
    rmSync(world.debian.path(driven), { recursive: true });
    const left = [...world.debian.files().keys()].filter((file) => /siteseal/i.test(file));
    assert.deepEqual(
      left.filter((file) => !file.startsWith(home.slice(1))),
      [],
    );
    assert.ok(
      left.some((file) => file.endsWith('.local/share/siteseal/training/siteseal.db')),
      left.join('\n'),
    );
  });
});
