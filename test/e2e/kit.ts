// The page in a browser, over a core that is given: the fake one, or the real one behind the same browser host.
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from '@playwright/test';
import { startBrowserHost } from '../../main/browser-host/index.ts';
import type { RunningCore } from '../../main/host/index.ts';
import { build } from '../../tools/build.ts';
import { openBrowser } from '../kit/browser.ts';

/** Where the build writes the page. */
export const pageFolder = join(import.meta.dirname, '../../build/renderer');
const usualSize = { width: 1180, height: 760 };
let browser: Promise<Browser> | undefined;
let built: Promise<void> | undefined;

export interface OpenPage {
  readonly page: Page;
  /** What the page has complained about: nothing, in a good page. */
  readonly complaints: readonly string[];
}

/**
 * Builds the page when it is stale, serves it over the core, and opens it at a hash; closed when the test ends.
 * @param beforeLoad gets the page while it is still empty
 */
export async function openPage(
  test: { after(end: () => Promise<void>): void },
  core: Pick<RunningCore, 'serve'>,
  hash = '',
  options: BrowserContextOptions = {},
  beforeLoad: (page: Page) => Promise<void> = () => Promise.resolve(),
): Promise<OpenPage> {
  const { page, complaints, host, close } = await openEmpty(core, options);
  test.after(close);
  await beforeLoad(page);
  await page.goto(host.address);
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  return { page, complaints };
}

/** A host over the core, and an empty page in a browser. */
async function openEmpty(core: Pick<RunningCore, 'serve'>, options: BrowserContextOptions = {}) {
  built ??= build(() => undefined, ['renderer']);
  browser ??= openBrowser();
  await built;
  const host = await startBrowserHost({ pageFolder, core });
  const context = await (
    await browser
  ).newContext({ viewport: usualSize, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  const close = async () => {
    await context.close();
    await host.close();
  };
  return { page, complaints, host, close };
}

/**
 * Shows the page over one core after another, in one tab. This takes half the time of a new tab each. The page loads anew
 * each time, in its usual size and in light, and keeps nothing from the time before.
 */
export async function openInTurn() {
  let current: Pick<RunningCore, 'serve'> | undefined;
  const opened = await openEmpty({ serve: (port) => current?.serve(port) });
  const { page, complaints, host, close } = opened;
  // The one-time address gives the tab its secret. The page waits for a core meanwhile.
  await page.goto(host.address);
  const show = async (core: Pick<RunningCore, 'serve'>, hash = ''): Promise<OpenPage> => {
    current = core;
    complaints.length = 0;
    await page.setViewportSize(usualSize);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.evaluate(forgetKept);
    await page.evaluate(`history.replaceState(null, '', '/' + ${JSON.stringify(hash)})`);
    await page.reload();
    return { page, complaints };
  };
  return { show, close };
}

/** What the page keeps across a reload, except the secret by which the host knows it. */
const forgetKept = `
  Object.keys(sessionStorage)
    .filter((key) => key.startsWith('siteseal.'))
    .forEach((key) => sessionStorage.removeItem(key))`;

/** For the end of a suite; without it the process would not end. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}
