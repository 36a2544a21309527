import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { faultView } from '../../../main/api/views.ts';
import { fault } from '../../../main/faults/index.ts';

test('the page is told the name of a file and no folder, also in what lies beneath', () => {
  const file = join('/home/someone', 'office', 'operator.json');
  const because = fault('file-unreadable', { where: { file: join('/mnt', 'key.pem') }, found: 'ENOENT' });
  const view = faultView(fault('profile-invalid', { where: { file, field: 'roots' }, because }));
  assert.equal(view.where, 'operator.json, field roots');
  assert.doesNotMatch(JSON.stringify(view), /someone|mnt/);
  assert.match(view.because.join(), /key\.pem/);
});

test('the page is told times as they are where it is, and what is no time as it is', () => {
  const time = '2026-11-25T21:42:55Z';
  const local = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' }).format(
    new Date(time),
  );
  const because = fault('certificate-expired', { found: time });
  const view = faultView(
    fault('bundle-expired', { expected: `before ${time}`, found: '2026-99-99T00:00:00Z', because }),
  );
  assert.equal(view.expected, `before ${local}`);
  assert.equal(view.found, '2026-99-99T00:00:00Z');
  assert(view.because[0]?.includes(local));
  assert.doesNotMatch(JSON.stringify(view), /T21:42:55/);
});

test('the page learns the form that a rule demands as it must be typed', () => {
  const view = faultView(fault('field-invalid', { rule: 'time', found: '29 Nov 2027' }));
  assert.match(view.expected ?? '', /2026-11-01T00:00:00Z/);
});
