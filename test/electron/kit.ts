// Starts the Electron shell for a test: on a display of its own, with a home of its own, and never as root, for whom
// Chromium has no sandbox.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import { build } from '../../tools/build.ts';
import { isRoot } from '../../tools/desktop.ts';
import { asOrdinaryUser, canOrdinaryUserRead, type Display, nobody, startDisplay } from '../kit/desktop.ts';

/** The repository. */
export const root = join(import.meta.dirname, '..', '..');

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
  let display: Display | undefined;
  before(async () => {
    await build(() => undefined, targets);
    assert.ok(canOrdinaryUserRead(), `an ordinary user cannot read ${root}`);
    if (isRoot) process.env['ELECTRON_OVERRIDE_DIST_PATH'] = makeRuntimeForRoot();
    display = await startDisplay();
    process.env['DISPLAY'] = display.name;
  });
  after(() => {
    display?.close();
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
  writeFileSync(join(folder, 'build', 'core', 'process.cjs'), core);
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
