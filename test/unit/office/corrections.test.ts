import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readCsv } from '../../../main/office/csv.ts';
import { csv, LabOffice, type CsvForm, type Row } from '../../kit/operator.ts';

const office = new LabOffice({ serials: ['LAB0001', 'LAB0002', 'LAB0003'] });

/** The problems that a run of these rows leaves, by column. */
async function problemsOf(rows: readonly Row[], corrections?: string): Promise<readonly Row[]> {
  office.writeInventory(rows);
  await office.report(corrections === undefined ? {} : { corrections });
  return readProblems();
}

function readProblems(): readonly Row[] {
  const lines = [...readCsv(readFileSync(office.path('out', 'problems.csv')), 0x2c)];
  const [header = [], ...rest] = lines.map(({ cells }) => cells.map((cell) => cell.toString()));
  return rest.map((cells) => Object.fromEntries(header.map((name, at) => [name, cells[at] ?? ''])));
}

/** Saves corrections as a spreadsheet does. */
function save(rows: readonly Row[], form: CsvForm = {}, name = 'corrections.csv'): string {
  const header = Object.keys(rows[0] ?? {});
  return office.write(
    name,
    csv([header, ...rows.map((row) => header.map((column) => row[column] ?? ''))], form),
  );
}

const two = [
  office.row('LAB0001', { mtu: '90000', credential_secret: 'never shown anywhere' }),
  office.row('LAB0002', { outer_ip: 'dhcp' }),
  office.row('LAB0003'),
];

describe('the problems of a run as CSV', () => {
  it('have the line, the serial number, the cell as it is, and the fault', async () => {
    const problems = await problemsOf(two);
    assert.deepEqual(
      problems.map(({ line, serial, field, value, code }) => [line, serial, field, value, code]),
      [
        ['2', 'LAB0001', 'mtu', '90000', 'field-invalid'],
        ['3', 'LAB0002', 'outer_gateway', '198.51.100.1', 'field-invalid'],
      ],
    );
  });

  it('hold nothing of a secret, whatever is wrong with it', async () => {
    const secret = 'canary of the row';
    const problems = await problemsOf([
      office.row('LAB0001', { credential_secret: secret, credential_reference: '' }),
      office.row('LAB0002', { credential_secret: secret, site_name: secret }),
      office.row('LAB0003', { credential_secret: 'xq7' }),
    ]);
    assert.deepEqual(
      problems.map(({ field, value }) => [field, value]),
      [
        ['credential_reference', '…'],
        ['site_name', '…'],
        ['credential_secret', '…'],
      ],
    );
    const text = readFileSync(office.path('out', 'problems.csv'), 'utf8');
    assert(!text.includes(secret) && !text.includes('xq7'));
  });
});

describe('corrections', () => {
  for (const form of [
    {},
    { separator: ';', lineEnd: '\r\n', byteOrderMark: true },
    { separator: '\t' },
  ] as const)
    it(`are laid over the rows by line and serial number (${JSON.stringify(form)})`, async () => {
      const [mtu, gateway] = await problemsOf(two);
      const corrections = save(
        [
          { ...mtu, value: '1400' },
          { ...gateway, value: '' },
        ],
        form,
      );
      const report = await office.report({ corrections, dryRun: true });
      assert.deepEqual([report.refused, report.rows.length], [0, 3]);
    });

  it('make the bundle say what they say; a run without them has another content and is not continued', async () => {
    const own = new LabOffice();
    own.writeInventory([own.row('LAB0001', { mtu: '90000' })]);
    const corrections = own.write('c.csv', 'line,serial,field,value\n2,LAB0001,mtu,1300\n');
    const out = own.path('corrected');
    assert.equal((await own.report({ corrections, out })).made, 1);
    assert.equal(own.configuration('LAB0001', 'corrected').backhaul.mtu, 1300);
    assert.equal((await own.refusal({ out, resume: true })).code, 'output-not-empty');
    own.write('c.csv', 'line,serial,field,value\n2,LAB0001,mtu,1301 \n');
    assert.equal((await own.refusal({ corrections, out, resume: true })).code, 'inventory-changed');
  });

  it('that are left as they were written change nothing', async () => {
    const problems = await problemsOf([
      office.row('LAB0001', { site_name: '=1+1' }),
      office.row('LAB0002', { site_name: 'hidden\u202e' }),
      office.row('LAB0003', { credential_secret: 'xq7' }),
    ]);
    const report = await office.report({ corrections: save(problems), dryRun: true });
    assert.deepEqual(
      report.rows.map(({ fault }) => [fault?.where?.field, fault?.rule]),
      [
        ['site_name', 'hidden-character'],
        ['credential_secret', 'secret-length'],
      ].flatMap((one, index) => (index === 0 ? [[undefined, undefined], one] : [one])),
    );
  });

  it('are checked like the inventory, and may correct the serial number and the vendor', async () => {
    const rows = [office.row('LAB0001', { mtu: '1' }), office.row('LAB0002', { enb_serial: 'LAB 0002' })];
    const [mtu, serial] = await problemsOf(rows);
    const still = await problemsOf(
      rows,
      save([
        { ...mtu, value: '2' },
        { ...serial, value: 'LAB0002' },
      ]),
    );
    assert.deepEqual(
      still.map(({ serial: name, field, value, code }) => [name, field, value, code]),
      [
        ['LAB 0002', 'enb_serial', 'LAB0002', ''],
        ['LAB0001', 'mtu', '2', 'field-invalid'],
      ],
    );
    // What a run leaves is what the next one begins with: nothing is typed twice.
    const corrections = save(still.map((one) => (one['field'] === 'mtu' ? { ...one, value: '1400' } : one)));
    assert.equal((await office.report({ corrections, dryRun: true })).refused, 0);
    office.writeInventory([office.row('LAB0001', { vendor: 'unknown' })]);
    const vendor = office.write('v.csv', 'line,serial,field,value\n2,LAB0001,vendor,lab\n');
    assert.equal((await office.report({ corrections: vendor, dryRun: true })).refused, 0);
  });

  const line = { line: '2', serial: 'LAB0001', field: 'mtu', value: '1400' };
  for (const [what, lines, rule] of [
    ['without the columns', [{ row: '1', field: 'mtu' }], 'corrections-header'],
    ['of a line that is no row', [{ ...line, line: '77' }], 'corrections-line'],
    ['of no line', [{ ...line, line: '' }], 'corrections-line'],
    ['of another serial number', [{ ...line, serial: 'LAB0002' }], 'corrections-serial'],
    ['of a column that there is not', [{ ...line, field: 'mtv' }], 'corrections-field'],
    ['of a secret', [{ ...line, field: 'credential_secret' }], 'corrections-field'],
    ['of the same field twice', [line, { ...line, value: '1300' }], 'corrections-once'],
  ] as const)
    it(`${what} are refused, and say where`, async () => {
      office.writeInventory([office.row('LAB0001', { mtu: '90000' })]);
      const corrections = save(lines);
      const fault = await office.refusal({ corrections });
      assert.deepEqual([fault.code, fault.rule, fault.where?.file], ['corrections-unfit', rule, corrections]);
      if (rule !== 'corrections-header') assert.equal(fault.where?.line, lines.length + 1);
    });

  it('that are not there are refused as that', async () => {
    const fault = await office.refusal({ corrections: office.path('none.csv') });
    assert.equal(fault.code, 'file-unreadable');
  });
});

describe('a file of corrections that is damaged', () => {
  const refusalOf = async (text: string) => {
    office.writeInventory(two);
    const fault = await office.refusal({ corrections: office.write('damaged.csv', text) });
    return [fault.code, fault.rule, fault.where?.line];
  };

  it('is refused, and empties no cell', async () => {
    const header = 'line,serial,field,value\r\n';
    for (const line of ['2,LAB0001,vlan,"101', '2,LAB0001,vlan', '2,LAB0001,vlan,101,more'])
      assert.deepEqual(await refusalOf(header + line), ['corrections-unfit', 'corrections-line', 2], line);
  });
});

describe('a corrected value that looks like a formula', () => {
  it('keeps no apostrophe', async () => {
    const rows = [office.row('LAB0001', { site_name: '+North\u0007', mtu: '1' }), office.row('LAB0002')];
    const problems = await problemsOf(rows);
    const [first = {}] = problems;
    const corrected = [
      { ...first, field: 'site_name', value: "'+North" },
      { ...first, field: 'mtu', value: '1400' },
    ];
    office.writeInventory(rows);
    const out = office.path('formula');
    const report = await office.report({ corrections: save(corrected), out });
    assert.deepEqual([report.made, report.refused], [2, 0]);
    assert.equal(office.configuration('LAB0001', 'formula').site.name, '+North');
  });
});

describe('corrections in the folder of the bundles', () => {
  it('stay as they are once bundles are made with them, so that the run can be continued', async () => {
    const rows = [
      office.row('LAB0001', { mtu: '1' }),
      office.row('LAB0002', { mtu: '2' }),
      office.row('LAB0003'),
    ];
    office.writeInventory(rows);
    const out = office.path('wave');
    await office.report({ out });
    const file = office.path('wave', 'problems.csv');
    const [mend = {}] = [...readCsv(readFileSync(file), 0x2c)].slice(1).map(({ cells }) => {
      const [, line = '', , serial = '', field = ''] = cells.map(String);
      return { line, serial, field, value: '1400' };
    });
    office.write('wave/problems.csv', readFileSync(save([mend])));
    const wave = await office.report({ out, corrections: file, skipBad: true, first: 1 });
    assert.deepEqual([wave.made, wave.refused], [1, 1]);
    const rest = await office.report({ out, corrections: file, skipBad: true, resume: true });
    assert.deepEqual([rest.made, rest.refused, rest.stoppedBy], [2, 1, undefined]);
  });
});
