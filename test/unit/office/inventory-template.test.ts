import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { columns } from '../../../main/office/inventory-columns.ts';
import { openInventory } from '../../../main/office/inventory.ts';
import { writeInventoryTemplate } from '../../../main/office/inventory-template.ts';
import { Office } from '../../kit/operator.ts';

test('the template has every column once and one row, which is well-formed and holds no credential', () => {
  const office = new Office('');
  assert.deepEqual(writeInventoryTemplate(office.path('new.csv')), { ok: true, value: undefined });
  const opened = openInventory(office.path('new.csv'));
  assert(opened.ok, JSON.stringify(opened));
  const rows = [...opened.value.rows];
  assert.deepEqual(
    rows.map(({ fault, credential: { reference, secret } }) => [fault, reference.length, secret.length]),
    [[undefined, 0, 0]],
  );
  const [header] = readFileSync(office.path('new.csv'), 'utf8').split('\r\n');
  assert.equal(
    header,
    Object.keys(columns)
      .map((name) => `"${name}"`)
      .join(','),
  );
  for (const [name, { example }] of Object.entries(columns))
    assert.equal(example === '', name.startsWith('credential_'), name);
});

test('the template never takes the place of a file', () => {
  const office = new Office('');
  const file = office.write('inventory.csv', 'with credentials');
  const written = writeInventoryTemplate(file);
  assert.deepEqual(!written.ok && [written.fault.code, written.fault.found], ['output-unwritable', 'EEXIST']);
  assert.equal(readFileSync(file, 'utf8'), 'with credentials');
});
