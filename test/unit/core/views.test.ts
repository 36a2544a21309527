import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { faultView } from '../../../main/core/api/views.ts';
import { fault } from '../../../main/faults/index.ts';

test('the page is told the name of a file and no folder, also in what lies beneath', () => {
  const file = join('/home/someone', 'office', 'operator.json');
  const because = fault('file-unreadable', { where: { file: join('/mnt', 'key.pem') }, found: 'ENOENT' });
  const view = faultView(fault('profile-invalid', { where: { file, field: 'roots' }, because }));
  assert.equal(view.where, 'operator.json, field roots');
  assert.doesNotMatch(JSON.stringify(view), /someone|mnt/);
  assert.match(view.because.join(), /key\.pem/);
});
