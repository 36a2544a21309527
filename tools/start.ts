// Starts the window: `npm start [-- --browser] [-- --folder DIR ...]`. It runs in Electron if possible, otherwise in
// the user's own browser. One line says which and why.
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.ts';
import { type Electron, findElectron, hasDisplay, isRoot } from './desktop.ts';

const root = dirname(import.meta.dirname);

const usage = `usage: npm start [-- OPTION ...]
  --browser      use your browser, even if Electron can run
  --folder DIR   a folder that the page in the browser may open; repeatable
  --port PORT    the port for the browser to connect to (default: any free port)
`;

/** How long Electron may take to show its window, in milliseconds. */
const patience = 20_000;

/** How long Electron may take to end on request, in milliseconds; its core may take half of it. */
const lastPatience = 10_000;

/** How long processes that it leaves behind may still hold its output, in milliseconds. */
const outputPatience = 1_000;

/** With this exit code the shell asks for the browser host. */
const browserHostExit = 75;

/** How long the file that leads the browser to the host may stay unused, in milliseconds. */
const entrancePatience = 60_000;

/** The exit code for "this machine lacks something", as in every `siteseal` command. */
const environmentFault = 3;

const options = parseArguments();
const say = (line: string): void => void process.stderr.write(`${line}\n`);

await build(say);
const whyNot = options.browser === true ? 'as you asked' : await startElectron();
if (whyNot !== undefined) await startInBrowser(whyNot);

function parseArguments() {
  try {
    const { values } = parseArgs({
      options: {
        browser: { type: 'boolean' },
        folder: { type: 'string', multiple: true, default: [] },
        port: { type: 'string', default: '0' },
        help: { type: 'boolean' },
      },
    });
    if (values.help === true) {
      process.stdout.write(usage);
      process.exit(0);
    }
    if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535)
      throw new Error(`${values.port} is not a port.`);
    return values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
}

/** Runs the Electron shell until it ends. Returns why it could not run; undefined when it ran. */
async function startElectron(): Promise<string | undefined> {
  const electron = electronHere();
  if ('whyNot' in electron) return electron.whyNot;
  const { file, version, isCoreOnNode } = electron;
  const coreNode = isCoreOnNode ? { SITESEAL_CORE_NODE: process.execPath } : {};
  say(`Opening Siteseal in Electron ${version}${isCoreOnNode ? ', with its core on Node.js' : ''}.`);
  const env = { ...coreNode, ...process.env, SITESEAL_BROWSER_HOST_EXIT: String(browserHostExit) };
  const child = spawn(file, [root], { env, stdio: ['inherit', 'pipe', 'inherit'] });
  passOnSignals(child);
  const end = await watch(child);
  switch (end.kind) {
    case 'no-window':
      return `Electron ${end.why}`;
    case 'browser-wanted':
      return 'as you asked';
    case 'ended':
      process.exitCode = end.code;
      return undefined;
  }
}

type ElectronEnd =
  | { readonly kind: 'no-window'; readonly why: string }
  | { readonly kind: 'browser-wanted' }
  | { readonly kind: 'ended'; readonly code: number };

/** Waits for the end of Electron. Stops it if it shows no window in time. */
function watch(child: ChildProcess): Promise<ElectronEnd> {
  return new Promise((resolve) => {
    let hasWindow = false;
    let isTooLate = false;
    const timer = setTimeout(() => {
      isTooLate = true;
      child.kill('SIGKILL');
    }, patience);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (hasWindow || !text.includes('siteseal-shell: window-open')) return;
      hasWindow = true;
      clearTimeout(timer);
      say('The window is open.');
    });
    child.on('error', ({ message }) => resolve({ kind: 'no-window', why: `does not start: ${message}` }));
    child.on('exit', () => setTimeout(() => child.stdout?.destroy(), outputPatience).unref());
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === browserHostExit) resolve({ kind: 'browser-wanted' });
      else if (isTooLate) resolve({ kind: 'no-window', why: `showed no window in ${patience / 1_000} s` });
      // An instance that finds another running exits at once, with 0.
      else if (hasWindow || code === 0) resolve({ kind: 'ended', code: code ?? 1 });
      else
        resolve({ kind: 'no-window', why: `stopped immediately (${signal ?? `code ${code ?? 'unknown'}`})` });
    });
  });
}

/** The Electron that can run here, or why none can. */
function electronHere(): Electron | { readonly whyNot: string } {
  if (isRoot) {
    return { whyNot: 'Electron cannot sandbox its pages as root: run npm start as an ordinary user' };
  }
  return hasDisplay() ? findElectron() : { whyNot: 'there is no display' };
}

/** Runs the browser host until a signal stops it. */
async function startInBrowser(why: string): Promise<void> {
  const { layEntrance, notAFolder, runBrowserHost } = await loadBrowserHost();
  const wrong = notAFolder(options.folder);
  if (wrong !== undefined) {
    say(`--folder ${wrong} is not a readable folder.`);
    process.exitCode = 2;
    return;
  }
  const host = await runBrowserHost({
    pageFolder: join(root, 'build', 'renderer'),
    folders: options.folder,
    port: Number(options.port),
    onNoCore: (error) => {
      say(`Siteseal's core does not start: ${(error as Error).message}`);
      process.exit(1);
    },
  }).catch((error: unknown) => {
    const { syscall, code } = error as NodeJS.ErrnoException;
    if (syscall !== 'listen') throw error;
    say(`Siteseal cannot use port ${options.port} (${code}). Choose another one, or leave out --port.`);
  });
  if (!host) {
    process.exitCode = environmentFault;
    return;
  }
  let closing: Promise<void> | undefined;
  const end = (): void => {
    // Ctrl-C arrives twice: from the terminal, and passed on by npm. The second must not cut the end short.
    if (closing) return;
    closing = host.close().then(() => process.exit(0));
    setTimeout(() => process.exit(1), lastPatience).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  const opens = hasDisplay() && openBrowser(layEntrance(host, entrancePatience).file);
  const how = opens ? 'Your browser opens. If it shows nothing, open' : 'Open';
  say(`Siteseal runs in the browser (${why}). ${how} this address. It works once:`);
  process.stdout.write(`${host.address}\n`);
  if (options.folder.length === 0)
    say('The page cannot open any folder. To give it one, add -- --folder DIR.');
  say('Press Ctrl-C to stop it.');
}

/** The built host, which loads in a fraction of the time of its source. */
function loadBrowserHost(): Promise<typeof import('../main/browser-host/index.ts')> {
  const { href } = pathToFileURL(join(root, 'build', 'core', 'browser-host.cjs'));
  return import(href) as Promise<typeof import('../main/browser-host/index.ts')>;
}

/** Asks the desktop to open a file in the browser. Returns whether it could ask. */
function openBrowser(file: string): boolean {
  const [command, ...first] = opener();
  const child = spawn(command, [...first, file], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
  return child.pid !== undefined;
}

function opener(): [string, ...string[]] {
  switch (process.platform) {
    case 'win32':
      return ['rundll32', 'url.dll,FileProtocolHandler'];
    case 'darwin':
      return ['open'];
    default:
      return ['xdg-open'];
  }
}

/** Ends the child with this process: asks it to end, and kills it when it does not. */
function passOnSignals(child: ChildProcess): void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const passOn = (signal: NodeJS.Signals): void => {
    child.kill(signal);
    setTimeout(() => child.kill('SIGKILL'), lastPatience).unref();
  };
  for (const signal of signals) process.on(signal, passOn);
  child.on('close', () => {
    for (const signal of signals) process.off(signal, passOn);
  });
}
