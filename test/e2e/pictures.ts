/**
 * Renews the pictures of docs/screens.md: `npm exec -- node test/e2e/pictures.ts`, with names for only some of them. Every
 * screen in light, as the tests know them, and some in dark. Fonts and antialiasing differ between machines: look before you take them.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FakeCore } from '../kit/fake-core.ts';
import { closeBrowser, openPage } from './kit.ts';
import { reach, screens } from './screens.ts';

/** Those that are shown in dark as well. */
const alsoDark: readonly string[] = ['jobs', 'wrong-enb', 'verdict'];

const folder = join(import.meta.dirname, '../../docs/pictures/screens');
mkdirSync(folder, { recursive: true });
const wanted = process.argv.slice(2);
for (const screen of screens.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const { name, hash, state, answers } = screen;
  const ends: (() => Promise<void>)[] = [];
  const after = (end: () => Promise<void>) => void ends.push(end);
  const { page } = await openPage({ after }, new FakeCore(state, answers), hash, {
    colorScheme: 'light',
    timezoneId: 'UTC',
  });
  await reach(page, screen);
  for (const colorScheme of alsoDark.includes(name) ? (['light', 'dark'] as const) : (['light'] as const)) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    const suffix = colorScheme === 'dark' ? '-dark' : '';
    await page.screenshot({ path: join(folder, `${name}${suffix}.png`), animations: 'disabled' });
  }
  for (const end of ends) await end();
}
await closeBrowser();
