import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultView } from '../../../main/api/views.ts';
import type { Fault } from '../../../main/faults/index.ts';
import { problemParts } from '../../../renderer/src/screens/office/problem.ts';

/** The problem of a row in one text. */
function shown(fault: Fault): string {
  const field = fault.where?.field;
  return problemParts({ fault: faultView(fault), ...(field !== undefined && { field }) })
    .map(({ text }) => text)
    .join('');
}

const cases: readonly (readonly [Fault, string])[] = [
  [
    { code: 'field-invalid', rule: 'mtu', found: '90000', where: { field: 'mtu' } },
    'mtu 90000: must be a whole number from 576 to 9216',
  ],
  [
    { code: 'field-invalid', rule: 'mtu', found: '', where: { field: 'mtu' } },
    'mtu is empty: must be a whole number from 576 to 9216',
  ],
  // The text may be a credential that has shifted here, so the fault does not have it.
  [
    { code: 'field-invalid', rule: 'vlan', where: { field: 'vlan' } },
    'vlan must be a whole number from 1 to 4094, or nothing',
  ],
  [
    { code: 'field-invalid', rule: 'csv-cells', expected: '20', found: '19' },
    'The row cannot be read: 19, must be as many cells as the header has',
  ],
  [
    { code: 'duplicate-enb', found: 'row 3', where: { field: 'enb_serial' } },
    'The inventory lists this eNB twice: row 3',
  ],
  [
    { code: 'enb-certificate-missing', where: { field: 'enb_certificate' } },
    "This eNB's certificate is missing.",
  ],
];

test('the problem of a row is read in the row: the field, what it says and what it must say', () => {
  for (const [fault, text] of cases) assert.equal(shown(fault), text);
  assert.deepEqual(problemParts({}), []);
});
