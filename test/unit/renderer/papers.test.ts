import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fill } from '../../../renderer/src/app/words.ts';
import { reportHtml } from '../../../renderer/src/screens/site/report-html.ts';
import { checks, job, receiptOf } from '../../kit/fake-data.ts';

test('the saved report holds what was done, and needs nothing from elsewhere', () => {
  const done = job(2, {
    state: 'receipt',
    receipt: receiptOf('AR1000042'),
    verdict: { accepted: true, checks: checks() },
  });
  const html = reportHtml({ job: done, by: 'installer', training: false });
  for (const text of [
    'AR1000042',
    'verify AR1000042-1.receipt.p7m --bundle',
    'Done, proven',
    'The signature is valid: passed',
  ])
    assert.match(html, new RegExp(text));
  assert.doesNotMatch(html, /<script|src=|href=|TRAINING/);
});

test('a name from a bundle cannot become markup in the saved report, and training is marked', () => {
  const html = reportHtml({
    job: job(1, { siteName: '<b onclick="x">' }),
    by: "<i>'",
    training: true,
  });
  assert.doesNotMatch(html, /<b |<i>/);
  assert.match(html, /TRAINING/);
});

test('places in a sentence are filled by name, and a value is never read as a place', () => {
  assert.equal(fill('{a} and {b}', { a: '{b}', b: 2 }), '{b} and 2');
});
