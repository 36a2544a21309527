// Exports of the real exporter in the stand-alone verifier, whole and altered.
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { browserPath } from '../../kit/browser.ts';
import { ExportedLog, trickySite, type Exported, type GivenFile } from './exported.ts';
import { closeBrowser, openVerifier, verify } from './page.ts';

const formats = ['csv', 'jsonl', 'ocsf', 'cef'] as const;

/** The file with other lines. Its last line is empty. */
function withLines(file: GivenFile, change: (lines: string[]) => void): GivenFile {
  const lines = file.text.split('\n');
  change(lines);
  return { ...file, text: lines.join('\n') };
}

const swap = (lines: string[], one: number, other: number) => {
  [lines[one], lines[other]] = [lines[other]!, lines[one]!];
};

suite('the log verifier', { skip: browserPath === undefined && 'no Chromium' }, async () => {
  const log = new ExportedLog().addDay(20).addDay(20).addDay(20);
  const early = log.log.giveHead();
  log.addDay(5);
  const whole = new Map<string, Exported>();
  for (const format of formats) whole.set(format, await log.export(format));
  const site = await log.export('csv', { site: trickySite });
  const { file, proof } = whole.get('jsonl')!;
  const csv = whole.get('csv')!;
  const other = new ExportedLog().addDay(70);
  const theirs = await other.export('jsonl');
  after(async () => {
    log.close();
    other.close();
    await closeBrowser();
  });

  for (const format of formats)
    test(`finds a whole export as ${format} intact, against a head from elsewhere, without any request`, async (context) => {
      const { page, complaints } = await openVerifier(context);
      const exported = whole.get(format)!;
      const text = await verify(page, [exported.file, exported.proof, { name: 'head.txt', text: early }]);
      assert.match(text, /^Intact/);
      assert.match(text, /none edited, inserted, removed or moved/);
      assert.match(text, /The log still has everything that head\.txt sealed/);
      assert.match(text, /names are declared, not proven/);
      await page.getByText(`eNB AR1000000 of site ${trickySite}`).first().waitFor();
      assert.match((await page.locator('.entries').textContent()) ?? '', /Aino Öhman/);
      assert.deepEqual(complaints, []);
    });

  test('says of a filtered export what it cannot prove, and shows the keys that are not listed', async (context) => {
    const { page } = await openVerifier(context);
    const text = await verify(page, [site.file, site.proof]);
    assert.match(text, /^Intact/);
    assert.match(text, /Nothing proves that no matching entry was left out/);
    assert.match(text, /Keys: 5/);
  });

  const second = (lines: string[]) => lines[12] ?? '';
  const altered: readonly (readonly [name: string, files: readonly GivenFile[], expected: RegExp])[] = [
    [
      'an edited row',
      [withLines(file, (lines) => (lines[12] = second(lines).replace('AR100000', 'AR200000'))), proof],
      /log-altered/,
    ],
    ['a deleted row', [withLines(file, (lines) => lines.splice(12, 1)), proof], /entry 12[^]*log-altered/],
    ['the deleted last row', [withLines(file, (lines) => lines.splice(-2, 1)), proof], /log-altered/],
    [
      'an added row',
      [withLines(file, (lines) => lines.splice(12, 0, second(lines))), proof],
      /entry 13[^]*log-altered/,
    ],
    ['two swapped rows', [withLines(file, (lines) => swap(lines, 12, 13)), proof], /entry 12[^]*log-altered/],
    [
      'the proof of another log',
      [file, { ...theirs.proof, name: proof.name }],
      /log-(?:foreign|altered|malformed)/,
    ],
    [
      'a head of another log',
      [file, proof, { name: 'other.txt', text: other.log.giveHead() }],
      /other\.txt[^]*log-foreign/,
    ],
    [
      'a readable column of a CSV that misleads',
      [
        withLines(csv.file, (lines) => (lines[13] = second(lines).replace('"bundle-delivery"', '"started"'))),
        csv.proof,
      ],
      /row 13|log-altered/,
    ],
    [
      'a name in a CSV that is not the one of the entry',
      [{ ...csv.file, text: csv.file.text.replaceAll('Aino Öhman', 'Eero Öhman') }, csv.proof],
      /field person[^]*Aino Öhman[^]*Eero Öhman/,
    ],
    [
      'a proof that is cut',
      [file, withLines(proof, (lines) => lines.splice(-4, 3))],
      /log-(?:unsealed|altered|malformed)/,
    ],
  ];
  for (const [name, files, expected] of altered)
    test(`names ${name}`, async (context) => {
      const { page } = await openVerifier(context);
      const text = await verify(page, files);
      assert.match(text, /^Not intact/);
      assert.match(text, expected);
      assert.match(text, /What to do now/);
    });
});
