// The stand-alone verifier in a browser without network, from a file.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Locator, Page } from '@playwright/test';
import { build } from '../../../tools/build.ts';
import { openBrowser } from '../../kit/browser.ts';
import type { GivenFile } from './exported.ts';

/** The page as built. */
export const verifierFile = join(import.meta.dirname, '../../../build/verifier/siteseal-log-verifier.html');
let browser: Promise<Browser> | undefined;
let built: Promise<void> | undefined;

export interface OpenVerifier {
  readonly page: Page;
  /** What the page has complained about, and what it asked the network for. */
  readonly complaints: readonly string[];
}

export async function openVerifier(
  test: { after(end: () => Promise<void>): void },
  options: BrowserContextOptions = {},
): Promise<OpenVerifier> {
  built ??= build(() => undefined, ['verifier']);
  browser ??= openBrowser();
  await built;
  const context = await (await browser).newContext({ offline: true, reducedMotion: 'reduce', ...options });
  test.after(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const { href } = pathToFileURL(verifierFile);
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('request', (request) => {
    if (request.url() !== href && !request.url().startsWith('data:')) complaints.push(request.url());
  });
  await context.route(
    (url) => url.href !== href,
    (route) => route.abort(),
  );
  await page.goto(href);
  return { page, complaints };
}

/** Adds files to the page. */
export async function give(page: Page, files: readonly GivenFile[]): Promise<void> {
  await page.getByLabel('Choose files').setInputFiles(
    files.map(({ name, text }) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(text),
    })),
  );
  for (const { name } of files)
    await page.getByRole('button', { name: `Remove ${name}`, exact: true }).waitFor();
}

/** Adds files, verifies them, and returns the text of the result. */
export async function verify(page: Page, files: readonly GivenFile[]): Promise<string> {
  if (files.length > 0) await give(page, files);
  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  await page.locator('.verdict').waitFor();
  return result(page).innerText();
}

/** Adds a text as the user pastes it. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.getByLabel('Paste a head or a key').fill(text);
  await page.getByRole('button', { name: 'Add the text' }).click();
  await page.getByRole('button', { name: 'Remove pasted text' }).waitFor();
}

/** What a verification has found. */
export function result(page: Page): Locator {
  return page.locator('main > section').first();
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}
