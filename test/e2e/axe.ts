// What axe has to say about a page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

// The axe of @axe-core/playwright, which would send it from here twice for each look, and not minified. The way into the
// browser takes longer than the look. A tab keeps it across reloads.
const { resolve } = createRequire(import.meta.resolve('@axe-core/playwright'));
const source = JSON.stringify(readFileSync(resolve('axe-core/axe.min.js'), 'utf8'));
const keep = `sessionStorage.setItem('axe', ${source})`;
const isThere = `
  if (!('axe' in window)) (0, eval)(sessionStorage.getItem('axe') ?? '');
  'axe' in window`;

/**
 * What axe has to say, by all its rules or by these. Its legacy mode is faster, and leaves out nothing but frames of
 * other origins, which no page here has.
 */
export async function complaintsOf(page: Page, rules: readonly string[] = []): Promise<readonly string[]> {
  if ((await page.evaluate(isThere)) !== true) {
    await page.evaluate(keep);
    assert.equal(await page.evaluate(isThere), true);
  }
  const axe = new AxeBuilder({ page, axeSource: 'undefined' })
    .setLegacyMode(true)
    .options({ resultTypes: ['violations'] });
  const { violations } = await (rules.length > 0 ? axe.withRules([...rules]) : axe).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** Nothing on the screen keeps anyone out: for what the scenes of `screens.ts` do not show. */
export async function assertAccessible(page: Page): Promise<void> {
  assert.deepEqual(await complaintsOf(page), []);
}
