// Debian's or any other Chromium for the tests that look at the page.
import { existsSync } from 'node:fs';
import { chromium, type Browser } from '@playwright/test';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser to test with; undefined without one, and such tests are skipped. */
export const browserPath: string | undefined =
  process.env['SITESEAL_CHROMIUM'] ?? places.find((path) => existsSync(path));

/** Starts it without any background network requests. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(browserPath !== undefined && { executablePath: browserPath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
