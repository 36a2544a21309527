import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fault } from '../../../main/faults/index.ts';
import { readCsv } from '../../../main/workflow/csv.ts';
import type { PreparedRow } from '../../../main/workflow/index.ts';
import { reportCsv } from '../../../main/workflow/report.ts';

const made: PreparedRow = { row: 1, line: 2, siteId: 'S1', serialNumber: 'X1', state: 'made' };

/** The cells of the report on one row, as a reader of CSV has them. */
function cellsFor(row: PreparedRow): readonly string[] {
  const [, cells] = readCsv(Buffer.from(reportCsv([row])), 0x2c);
  assert(cells?.isWellFormed);
  return cells.cells.map((cell) => Buffer.from(cell).toString());
}

describe('report.csv', () => {
  it('is CSV after RFC 4180, with CRLF, one line a row', () => {
    assert.equal(
      reportCsv([made, { ...made, row: 2, line: 4, state: 'skipped' }]),
      'row,line,site,serial,state,fault,detail\r\n1,2,S1,X1,made,,\r\n2,4,S1,X1,skipped,,\r\n',
    );
  });

  it('tells the fault of a row by its code and in a sentence', () => {
    const where = { file: 'inventory.csv', row: 1, line: 2, field: 'mtu' };
    const one = fault('field-invalid', { rule: 'mtu', found: '9,"0"', where });
    assert.deepEqual(cellsFor({ ...made, state: 'refused', fault: one }).slice(4), [
      'refused',
      'field-invalid',
      'A field holds a value that cannot be used: inventory.csv, row 1, line 2, field mtu; ' +
        'expected a whole number from 576 to 9216; found 9,"0".',
    ]);
  });

  it('has no cell that a spreadsheet takes for a formula', () => {
    for (const siteId of [
      '=1+1',
      '+1',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '\r=1',
      '=HYPERLINK("http://x.example","y")',
    ]) {
      assert.equal(cellsFor({ ...made, siteId, serialNumber: siteId })[2], `'${siteId}`);
      assert.equal(cellsFor({ ...made, siteId, serialNumber: siteId })[3], `'${siteId}`);
    }
  });

  it('is read back, whatever stands in its cells', () => {
    const cells = cellsFor({ ...made, siteId: 'a"b\r\nc,d', serialNumber: '"' });
    assert.deepEqual(cells, ['1', '2', 'a"b\r\nc,d', '"', 'made', '', '']);
  });
});
