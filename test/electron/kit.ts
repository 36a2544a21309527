// Starts the Electron shell for a test: on a display of its own, with a home of its own, and never as root, for whom
// Chromium has no sandbox.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
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

const runtime = join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? 'nowhere', 'electron');

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
  /** All that the page and its policy complained of. */
  readonly complaints: readonly string[];
  /** Ends it and waits for its end. */
  readonly close: () => Promise<void>;
}

export interface LaunchOptions {
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts an application and waits for its window. */
export async function launch(application: string, options: LaunchOptions = {}): Promise<Running> {
  const { file, args, env } = command(application, options);
  const electron = await _electron.launch({
    executablePath: file,
    args,
    env,
    chromiumSandbox: true,
    timeout: 30_000,
  });
  const complaints: string[] = [];
  const page = await electron.firstWindow();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.waitForLoadState();
  return { electron, page, complaints, close: () => electron.close() };
}

/** How an application is started. */
export function command(
  application: string,
  { home = makeHome(), env = {} }: LaunchOptions,
): { readonly file: string; readonly args: string[]; readonly env: Record<string, string> } {
  const { PATH = '', DISPLAY = '' } = process.env;
  const surroundings = { PATH, DISPLAY, HOME: home, SITESEAL_HOME: join(home, 'data'), ...env };
  const args = ['--disable-gpu', application];
  if (!isRoot) return { file: runtime, args, env: surroundings };
  // Playwright puts arguments of its own before ours: a script takes them all.
  const script = join(home, 'run.sh');
  const { file, args: first } = asOrdinaryUser(runtime, []);
  writeFileSync(script, `#!/bin/sh\nexec ${file} ${first.join(' ')} "$@"\n`, { mode: 0o755 });
  return { file: script, args, env: surroundings };
}

/** A command as it is run by someone who is not root. */
export function asOrdinaryUser(file: string, args: readonly string[]): { file: string; args: string[] } {
  const user = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
  return isRoot ? { file: 'setpriv', args: [...user, file, ...args] } : { file, args: [...args] };
}
