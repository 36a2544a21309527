import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fill } from '../../../renderer/src/app/words.ts';
import { reportHtml } from '../../../renderer/src/screens/site/report-html.ts';
import { checks, job, minutesAgo, path, receiptOf, stepList } from '../../kit/fake-data.ts';

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

test('the saved report holds the checks of the path, the steps, and whether the tunnels are real', () => {
  const steps = {
    list: stepList({ 'initial-ipsec': { state: 'done', endedAt: minutesAgo(1) } }),
    needsTunnel: true,
    reportedAt: minutesAgo(0),
    ipsecKind: 'stand-in',
  } as const;
  const checked = path({ name: { figure: '<b>' } });
  const html = reportHtml({ job: job(2, { steps, path: checked }), by: 'installer', training: true });
  for (const text of [
    '<h2>The path to the security gateway</h2>',
    '<p>From the eNB, .*2026',
    'seg-1.example.net: The gateway answers: Passed',
    'known: Passed; &lt;b&gt;',
    'Step 0.5: set up the first tunnel</th><td>done; ',
    'Its tunnels are a stand-in',
  ])
    assert.match(html, new RegExp(text));
});

test('places in a sentence are filled by name, and a value is never read as a place', () => {
  assert.equal(fill('{a} and {b}', { a: '{b}', b: 2 }), '{b} and 2');
});
