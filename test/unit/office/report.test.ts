import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fault } from '../../../main/faults/index.ts';
import { readCsv } from '../../../main/office/csv.ts';
import type { PreparedRow } from '../../../main/office/index.ts';
import { reportCsv } from '../../../main/office/report.ts';

const made: PreparedRow = { row: 1, line: 2, siteId: 'S1', serialNumber: 'X1', state: 'made' };

/** The cells of the report on one row, as a reader of CSV has them. */
function cellsFor(row: PreparedRow): readonly string[] {
  const [, cells] = readCsv(Buffer.from(reportCsv({ rows: [row], unlisted: 0 })), 0x2c);
  assert(cells?.isWellFormed);
  return cells.cells.map((cell) => Buffer.from(cell).toString());
}

describe('report.csv', () => {
  it('is CSV after RFC 4180, with CRLF, one line a row, and every cell in quotes', () => {
    assert.equal(
      reportCsv({ rows: [made, { ...made, row: 2, line: 4, state: 'skipped' }], unlisted: 0 }),
      '"row","line","site","serial","state","fault","detail"\r\n' +
        '"1","2","S1","X1","made","",""\r\n"2","4","S1","X1","skipped","",""\r\n',
    );
  });

  it('says at its end how many refused rows it does not list', () => {
    const lines = reportCsv({ rows: [made], unlisted: 990_000 }).split('\r\n');
    assert.equal(lines.length, 4);
    assert.equal(
      lines[2],
      '"","","","","refused","","990000 more rows have a problem. Only the first are listed."',
    );
  });

  it('tells the warnings about a good row in sentences', () => {
    const warnings = [
      { code: 'ra-outside-traffic' },
      { code: 'ike-identity-not-requested' },
      { code: 'list-ends-first', from: '2026-12-29T00:00:00Z' },
    ] as const;
    const [, , , , state, code, detail] = cellsFor({ ...made, warnings });
    assert.deepEqual([state, code], ['made', '']);
    assert.match(detail ?? '', /traffic security gateway.*ike_identity.*refused from 2026-12-29T00:00:00Z/);
  });

  it('tells the fault of a row by its code and in a sentence', () => {
    const where = { file: 'inventory.csv', row: 1, line: 2, field: 'mtu' };
    const one = fault('field-invalid', { rule: 'mtu', found: '9,"0"', where });
    assert.deepEqual(cellsFor({ ...made, state: 'refused', fault: one }).slice(4), [
      'refused',
      'field-invalid',
      'A field contains an invalid value: inventory.csv, row 1, line 2, field mtu; ' +
        'expected a whole number from 576 to 9216; found 9,"0".',
    ]);
  });
});
