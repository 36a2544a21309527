// Every screen, in both themes and in the smallest windows: axe has nothing to say, and nothing is cut off.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import type { Page } from '@playwright/test';
import { browserPath } from '../../kit/browser.ts';
import { FakeCore } from '../../kit/fake-core.ts';
import { leastTarget, sizes } from '../accessibility-checks.ts';
import { complaintsOf } from '../axe.ts';
import { closeBrowser, openInTurn } from '../kit.ts';
import { reach, screens } from '../screens.ts';

/** Where to write a picture of each, for those who want to look. */
const pictures = process.env['SITESEAL_SCREENSHOTS'];
if (pictures !== undefined) mkdirSync(pictures, { recursive: true });

async function look(page: Page, name: string): Promise<void> {
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`) });
}

async function overflow(page: Page): Promise<number> {
  const root = 'document.documentElement';
  return Number(await page.evaluate(`${root}.scrollWidth - ${root}.clientWidth`));
}

/** What can be pressed and is too small. A field counts with its label, and whatever is in a table with its row. */
async function smallTargets(page: Page): Promise<readonly string[]> {
  const found = await page.evaluate(`
    [...document.querySelectorAll('a[href], button, input, select, summary')]
      .filter((element) => element.checkVisibility())
      .map((element) => [(element.closest('label, tr') ?? element).getBoundingClientRect().height, element.outerHTML])
      .filter(([height]) => height < ${leastTarget})
      .map(([height, html]) => height + ': ' + html.slice(0, 120))`);
  return found as readonly string[];
}

suite('every screen', { skip: browserPath === undefined && 'no Chromium' }, () => {
  let opened: ReturnType<typeof openInTurn> | undefined;
  after(async () => {
    await (await opened)?.close();
    await closeBrowser();
  });

  for (const screen of screens) {
    const { name, hash, state, answers } = screen;
    test(`${name}: nothing for axe, light or dark, and nothing cut off`, async () => {
      const { show } = await (opened ??= openInTurn());
      const { page, complaints } = await show(new FakeCore(state, answers), hash);
      await reach(page, screen);
      const unfilled = (await page.locator('body').innerText()).match(/\{\w+\}/g);
      assert.equal(unfilled, null, 'a place in a sentence was not filled');
      assert.deepEqual(await complaintsOf(page), [], 'light');
      assert.deepEqual(await smallTargets(page), [], 'too small for a gloved hand');
      await look(page, `${name}-light`);
      if ((state?.app?.theme ?? 'system') === 'system') {
        await page.emulateMedia({ colorScheme: 'dark' });
        await page.locator('html[data-mantine-color-scheme=dark]').waitFor();
        // Of all that axe looks at, the scheme changes nothing but the colours.
        assert.deepEqual(await complaintsOf(page, ['color-contrast']), [], 'dark');
        await look(page, `${name}-dark`);
        await page.emulateMedia({ colorScheme: 'light' });
        await page.locator('html[data-mantine-color-scheme=light]').waitFor();
      }
      for (const { name: size, width, height } of sizes) {
        await page.setViewportSize({ width, height });
        assert.equal(await overflow(page), 0, size);
        await look(page, `${name}-${size}`);
      }
      assert.deepEqual(complaints, []);
    });
  }
});
