// Heads, proofs of one entry, and what the page shows of histories that differ.
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { after, suite, test } from 'node:test';
import { noteCrypto } from '../../../main/audit/index.ts';
import { cosign, cosignatureType, formatVerifierKey, parseNote } from '../../../main/tlog/index.ts';
import { browserPath } from '../../kit/browser.ts';
import { ExportedLog } from './exported.ts';
import { closeBrowser, give, openVerifier, paste, result, verify } from './page.ts';

suite('the log verifier', { skip: browserPath === undefined && 'no Chromium' }, async () => {
  const log = new ExportedLog().addDay(10);
  const early = await log.export('jsonl');
  const other = log.copy().addDay(3);
  const forked = other.log.giveHead();
  log.addDay(5);
  const later = log.log.giveHead();
  const whole = await log.export('jsonl');
  const head = await log.head();
  const proof = await log.proof('S00001');
  const training = await new ExportedLog({ training: true }).addDay(2).export('csv');
  after(async () => {
    log.close();
    other.close();
    await closeBrowser();
  });

  test('names a fork against a pasted head', async (context) => {
    const { page } = await openVerifier(context);
    await paste(page, forked.trimEnd());
    const text = await verify(page, [whole.file, whole.proof]);
    assert.match(text, /^Not intact/);
    assert.match(text, /log-forked/);
    assert.match(text, /pasted text 1/);
  });

  test('names an old copy of the log by a head that is beyond it', async (context) => {
    const { page } = await openVerifier(context);
    await paste(page, later);
    const text = await verify(page, [early.file, early.proof]);
    assert.match(text, /^Not intact/);
    assert.match(text, /log-rolled-back/);
  });

  test('says when a known witness saw the log', async (context) => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const key = {
      name: 'siteseal.invalid/witness/0011223344556677',
      type: cosignatureType,
      publicKey: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)),
    };
    const { body } = parseNote(later)!;
    const seconds = Date.UTC(2026, 11, 1) / 1_000;
    const cosignature = cosign(key, body, seconds, (message) => sign(null, message, privateKey), noteCrypto);
    const { page } = await openVerifier(context);
    await paste(page, formatVerifierKey(key, noteCrypto));
    const text = await verify(page, [
      whole.file,
      whole.proof,
      { name: 'cosigned', text: later + cosignature },
    ]);
    assert.match(text, /^Intact/);
    assert.match(text, /witness\/0011223344556677 saw the log [^]* at 2026-12-01/);
  });

  test('verifies a head with its keys, and names an altered one', async (context) => {
    const { page, complaints } = await openVerifier(context);
    const text = await verify(page, [head]);
    assert.match(text, /^Intact/);
    assert.match(text, /of the log signed this head/);
    assert.match(text, /Compare it, or the head, with one that you have from elsewhere/);
    const altered = head.text.replace('rotated', 'lost');
    assert.match(await verify(page, [{ ...head, text: altered }]), /^Not intact/);
    const malformed = head.text.replace(/"index": \d+/, '"index": 99');
    assert.match(await verify(page, [{ ...head, text: malformed }]), /^Not intact[^]*log-malformed/);
    assert.deepEqual(complaints, []);
  });

  test('verifies the proof of one entry with the keys of a head file, and shows the entry', async (context) => {
    const { page } = await openVerifier(context);
    await give(page, [proof]);
    await page.getByText('Add the head file of the log, or its key').waitFor();
    const text = await verify(page, [head]);
    assert.match(text, /^Intact/);
    await page.locator('.entries').getByText('of site S00001').waitFor();
    const [extra = ''] = /(?<=extra ).*/.exec(proof.text) ?? [];
    const entry = Buffer.from(extra, 'base64').toString().replace('S00001', 'S00002');
    const altered = proof.text.replace(extra, Buffer.from(entry).toString('base64'));
    assert.match(await verify(page, [{ ...proof, text: altered }]), /^Not intact[^]*log-altered/);
  });

  test('says that a log of training is not real', async (context) => {
    const { page } = await openVerifier(context);
    await verify(page, [training.file, training.proof]);
    await page.getByText('This is a training log. Nothing in it is real.').waitFor();
  });

  test('says which file is missing, and what it cannot use', async (context) => {
    const { page } = await openVerifier(context);
    await give(page, [whole.file]);
    await page.locator('#missing').getByText('Add the .proof file of log.jsonl').waitFor();
    await give(page, [{ name: 'report.pdf', text: '%PDF-1.7' }]);
    await page.getByText('save its attachments log.jsonl and log.jsonl.proof').waitFor();
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await page.getByRole('status').getByText('Remove the files that this page cannot verify').waitFor();
    assert.equal(await result(page).isVisible(), false);
  });
});
