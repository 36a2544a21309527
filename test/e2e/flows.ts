// What people do in the page, for any core behind it.
import assert from 'node:assert/strict';
import type { Page } from '@playwright/test';

/** Waits for a screen by its heading, which then has the focus. */
export async function atScreen(page: Page, title: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  await page.locator('h1:focus').waitFor();
}

/** Presses Tab until what has the focus has one of these names; fails when it is not reached. */
export async function tabTo(page: Page, ...names: readonly string[]): Promise<void> {
  const focused = `(() => { const e = document.activeElement; return e?.getAttribute('aria-label') ?? e?.labels?.[0]?.innerText ?? e?.innerText ?? ''; })()`;
  const seen: string[] = [];
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const text = String(await page.evaluate(focused))
      .replace(/\s+/g, ' ')
      .trim();
    if (names.some((name) => text.startsWith(name))) return;
    seen.push(text);
  }
  assert.fail(`"${names.join('" or "')}" was not reached by Tab; passed: ${seen.join(' | ')}`);
}

/** Opens the page's dialog for files, and chooses one in the folder that the core may look into. */
export async function chooseFile(page: Page, opener: string, file: string): Promise<void> {
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  await press(opener);
  await press('jobs');
  await page.getByText(file).click();
  await press('Choose');
}

/** From the three ways to the eNBs on Ethernet. */
export async function byEthernet(page: Page): Promise<void> {
  await atScreen(page, 'How do you connect to the base station (eNB)?');
  await page.getByRole('link', { name: /^Ethernet/ }).click();
}

/** Confirms on the screen that sends. */
export async function send(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Send…' }).click();
  await page.getByText('You can send now').waitFor();
  await page.getByRole('button', { name: 'Send now' }).click();
}

/** From the identified eNB to the confirmed sending. */
export async function identifyAndSend(page: Page): Promise<void> {
  await atScreen(page, 'This is the right base station (eNB)');
  await page.getByRole('button', { name: 'Continue' }).click();
  await atScreen(page, 'Send the configuration');
  await send(page);
}

/** From the list of jobs to the report, without a pointer. The eNB of the job is among those found. */
export async function deliverByKeyboard(page: Page, job: string): Promise<void> {
  await atScreen(page, 'Jobs');
  await tabTo(page, job);
  await page.keyboard.press('Enter');
  await atScreen(page, 'How do you connect to the base station (eNB)?');
  await tabTo(page, 'Ethernet');
  await page.keyboard.press('Enter');
  await atScreen(page, 'Connect to the eNB');
  await tabTo(page, 'Connect and identify');
  await page.keyboard.press('Enter');
  await atScreen(page, 'This is the right base station (eNB)');
  await tabTo(page, 'Continue');
  await page.keyboard.press('Enter');
  await atScreen(page, 'Send the configuration');
  await tabTo(page, 'Send…');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('You can send now').waitFor();
  await tabTo(page, 'Send now');
  await page.keyboard.press('Enter');
  await atScreen(page, /accepted configuration/);
  await page.getByText('Its signed receipt is on this laptop').first().waitFor();
  await tabTo(page, 'Next: Step 0.5');
  await page.keyboard.press('Enter');
  await atScreen(page, 'Set up the first tunnel');
  // As the configuration requires the tunnel, or does not.
  await tabTo(page, 'Do it later', 'Finish without it');
  await page.keyboard.press('Enter');
  await atScreen(page, /has configuration/);
  await page.getByRole('button', { name: 'Open the report' }).waitFor();
  await tabTo(page, 'Open the report');
  await page.keyboard.press('Enter');
  await atScreen(page, 'Report');
}
