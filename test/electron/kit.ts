// Starts the Electron shell for a test: on a display of its own, with a home of its own, and never as root, for whom
// Chromium has no sandbox.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import { build } from '../../tools/build.ts';

/** The repository. */
export const root = join(import.meta.dirname, '..', '..');

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

/** The folder of the Electron that is tested with. */
export const runtime = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? 'nowhere';

/** What was made for the tests of one file, to be removed after them. */
const made: string[] = [];

/** A folder that the application may write to. */
export function makeHome(): string {
  const folder = mkdtempSync(join(tmpdir(), 'siteseal-electron-'));
  made.push(folder);
  if (isRoot) chownSync(folder, nobody, nobody);
  return folder;
}

/** Builds what is to be tested (see tools/build.ts), and gives the tests of a file a display. */
export function setUp(...targets: readonly string[]): void {
  let display: ReturnType<typeof spawn> | undefined;
  before(async () => {
    await build(() => undefined, targets);
    const { file, args } = asOrdinaryUser('test', ['-r', join(root, 'package.json')]);
    assert.equal(spawnSync(file, args).status, 0, `an ordinary user cannot read ${root}`);
    if (isRoot) process.env['ELECTRON_OVERRIDE_DIST_PATH'] = makeRuntimeForRoot();
    const options = ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'];
    display = spawn('Xvfb', options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    const [number] = (await once(display.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer];
    process.env['DISPLAY'] = `:${number.toString('latin1').trim()}`;
  });
  after(() => {
    display?.kill();
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
  });
}

/** A folder like Electron's, for Playwright, whose Electron gives root's rights up before it starts. */
function makeRuntimeForRoot(): string {
  const folder = mkdtempSync(join(tmpdir(), 'siteseal-runtime-'));
  made.push(folder);
  const { file, args } = asOrdinaryUser(join(runtime, 'electron'), []);
  writeFileSync(join(folder, 'electron'), `#!/bin/sh\nexec ${file} ${args.join(' ')} "$@"\n`, {
    mode: 0o755,
  });
  return folder;
}

/**
 * An application of the built shell and preload with a page and a core of the test's own.
 * @param core the source of the process that is to be the core
 */
export function makeApplication(core: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'siteseal-application-'));
  made.push(folder);
  for (const name of ['shell', 'preload'])
    cpSync(join(root, 'build', name), join(folder, 'build', name), { recursive: true });
  cpSync(join(import.meta.dirname, 'page'), join(folder, 'build', 'renderer'), { recursive: true });
  mkdirSync(join(folder, 'build', 'core'));
  writeFileSync(join(folder, 'build', 'core', 'process.js'), core);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'siteseal', version: '0.0.0', type: 'module', main: 'build/shell/main.cjs' }),
  );
  chmodSync(folder, 0o755);
  return folder;
}

export interface Running {
  readonly electron: ElectronApplication;
  readonly page: Page;
  /** All that the page and its policy have complained of. */
  readonly complaints: () => Promise<readonly string[]>;
  /** Ends it and waits for its end. */
  readonly close: () => Promise<void>;
}

export interface LaunchOptions {
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts an application and waits for its window. */
export async function launch(application: string, options: LaunchOptions = {}): Promise<Running> {
  // Without a path of ours Playwright takes the electron package's way to the runtime, and holds the application
  // until it can follow it.
  const electron = await _electron.launch({
    args: argumentsFor(application),
    env: surroundings(options),
    chromiumSandbox: true,
    timeout: 60_000,
  });
  const page = await electron.firstWindow();
  await page.waitForLoadState();
  const complaints = async () => {
    const messages = (await page.consoleMessages()).filter((one) => /^(error|warning)$/.test(one.type()));
    return [...messages.map((one) => one.text()), ...(await page.pageErrors()).map(String)];
  };
  return { electron, page, complaints, close: () => electron.close() };
}

/** Starts an application beside one that a test has launched, and lets it go its way. */
export function startAnother(application: string, home: string): ChildProcess {
  const { file, args } = asOrdinaryUser(join(runtime, 'electron'), argumentsFor(application));
  return spawn(file, args, { env: surroundings({ home }), stdio: 'ignore' });
}

function argumentsFor(application: string): string[] {
  return ['--disable-gpu', application];
}

function surroundings({ home = makeHome(), env = {} }: LaunchOptions): Record<string, string> {
  const { PATH = '', DISPLAY = '' } = process.env;
  return { PATH, DISPLAY, HOME: home, SITESEAL_HOME: join(home, 'data'), ...env };
}

/** A command as it is run by someone who is not root. */
export function asOrdinaryUser(file: string, args: readonly string[]): { file: string; args: string[] } {
  const user = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
  return isRoot ? { file: 'setpriv', args: [...user, file, ...args] } : { file, args: [...args] };
}
