// The page itself: for everyone, in any window, with large files.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, suite, test } from 'node:test';
import { build } from '../../../tools/build.ts';
import { browserPath } from '../../kit/browser.ts';
import { complaintsOf } from '../axe.ts';
import { sitesealJson } from '../../kit/cli.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { ExportedLog } from './exported.ts';
import { closeBrowser, give, openVerifier, verifierFile, verify } from './page.ts';

suite('the page of the log verifier', { skip: browserPath === undefined && 'no Chromium' }, async () => {
  const log = new ExportedLog().addDay(30);
  const { file, proof } = await log.export('csv');
  const wrong = { ...file, text: file.text.replace('AR1000004', 'AR1000005') };
  after(async () => {
    log.close();
    await closeBrowser();
  });

  for (const [name, options] of [
    ['in a light window', {}],
    ['in a dark window', { colorScheme: 'dark' }],
    ['320 px wide', { viewport: { width: 320, height: 640 } }],
    ['at 200 %', { viewport: { width: 590, height: 380 }, deviceScaleFactor: 2 }],
  ] as const)
    test(`is accessible ${name}, empty, intact and broken`, async (context) => {
      const { page } = await openVerifier(context, options);
      const check = async () => {
        assert.deepEqual(await complaintsOf(page), []);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth > innerWidth'), false);
        const low = await page.evaluate(
          `[...document.querySelectorAll('button, .button, summary')]
            .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).length`,
        );
        assert.equal(low, 0);
      };
      await check();
      await verify(page, [file, proof]);
      await check();
      await verify(page, [wrong]);
      await check();
    });

  test('works by keyboard, and announces what it finds', async (context) => {
    const { page } = await openVerifier(context);
    await give(page, [file, proof]);
    await page.getByRole('button', { name: 'Verify', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('Intact. The export and its proof agree').waitFor();
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Verify');
    assert.equal(await page.evaluate('scrollY'), 0);
    await page.getByRole('button', { name: 'Remove log.csv', exact: true }).press('Enter');
    await page.getByRole('status').getByText('log.csv removed.').waitFor();
    assert.equal(await page.locator('.verdict').count(), 0);
  });

  test('takes files that are dropped anywhere on it', async (context) => {
    const { page } = await openVerifier(context);
    await page.evaluate(
      `{
        const dataTransfer = new DataTransfer();
        for (const { name, text } of ${JSON.stringify([file, proof])}) dataTransfer.items.add(new File([text], name));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
      }`,
    );
    await page.getByText('Proof of an export').waitFor();
    assert.match(await verify(page, []), /^Intact/);
  });

  test('names a file that is damaged', async (context) => {
    const { page } = await openVerifier(context);
    await give(page, [{ ...file, text: file.text.replace('"started"', '"sta"rted"') }, proof]);
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await page.getByRole('status').getByText('log.csv is not a CSV as Siteseal writes it').waitFor();
    assert.equal(await page.locator('.verdict').count(), 0);
  });

  test('stops when asked, and then claims nothing', async (context) => {
    const { page } = await openVerifier(context);
    await give(page, [file, proof]);
    // Files whose end never comes.
    await page.evaluate(`{
      const stream = File.prototype.stream;
      File.prototype.stream = function () {
        const reader = stream.call(this).getReader();
        return new ReadableStream({ pull: async (to) => { const { value } = await reader.read(); if (value) to.enqueue(value); } });
      };
    }`);
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('status').getByText('Stopped. Nothing is proven.').waitFor();
    assert.equal(await page.locator('.verdict').count(), 0);
  });

  test('is the same file from every build, and the command that saves it shows its digest', async () => {
    await build(() => undefined, ['verifier']);
    const before = readFileSync(verifierFile);
    rmSync(join(dirname(verifierFile), '.sources'));
    const out = join(temporaryFolder(), 'verifier.html');
    const { document } = await sitesealJson(['audit', 'verifier', '--out', out], { home: temporaryFolder() });
    const sha256 = createHash('sha256').update(before).digest('hex');
    assert.deepEqual(document, { file: out, sha256 });
    assert.deepEqual(readFileSync(out), before);
  });
});
