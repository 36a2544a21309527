// The page in a browser, over a core that is given: the fake one, or the real one behind the same browser host.
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from '@playwright/test';
import { startBrowserHost } from '../../main/browser-host/index.ts';
import type { RunningCore } from '../../main/host/index.ts';
import { build } from '../../tools/build.ts';
import { openBrowser } from '../kit/browser.ts';

/** Where the build writes the page. */
export const pageFolder = join(import.meta.dirname, '../../build/renderer');
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
  built ??= build(() => undefined, ['renderer']);
  browser ??= openBrowser();
  await built;
  const host = await startBrowserHost({ pageFolder, core });
  const context = await (
    await browser
  ).newContext({
    viewport: { width: 1180, height: 760 },
    reducedMotion: 'reduce',
    ...options,
  });
  test.after(async () => {
    await context.close();
    await host.close();
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await beforeLoad(page);
  await page.goto(host.address);
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  return { page, complaints };
}

/** For the end of a suite; without it the process would not end. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}
