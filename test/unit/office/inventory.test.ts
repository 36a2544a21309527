import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { type Where } from '../../../main/faults/index.ts';
import { faultSentence } from '../../../main/words/index.ts';
import { openInventory, type Inventory, type InventoryRow } from '../../../main/office/inventory.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { cellsOf, csv, LabOffice, requiredColumns, type CsvForm, type Row } from '../../kit/operator.ts';

const office = new LabOffice();
const row = office.row('LAB0001');
const file = join(temporaryFolder(), 'inventory.csv');

function openBytes(contents: string | Uint8Array) {
  writeFileSync(file, contents);
  return openInventory(file);
}

/** An inventory with its rows read one after the other. */
interface Read extends Pick<Inventory, 'wipe'> {
  readonly rows: readonly InventoryRow[];
}

function open(contents: string | Uint8Array): Read {
  const inventory = openBytes(contents);
  assert(inventory.ok, JSON.stringify(inventory));
  return { ...inventory.value, rows: [...inventory.value.rows] };
}

function openRows(rows: readonly Row[], form: CsvForm = {}): Read {
  return open(csv(cellsOf(rows), form));
}

/** The rule, and the field where there is one, by which a file is refused as a whole. */
function refusal(contents: string | Uint8Array): string {
  const inventory = openBytes(contents);
  assert(!inventory.ok);
  const { code, rule, where } = inventory.fault;
  assert.equal(code, 'inventory-unreadable');
  assert.equal(where?.file, file);
  return [rule, where.field].filter((part) => part !== undefined).join(' ');
}

/** What was found in a file that is refused as a whole. */
function foundIn(contents: string): string | undefined {
  const inventory = openBytes(contents);
  assert(!inventory.ok);
  return inventory.fault.found;
}

function whereIn(contents: string): Where {
  const inventory = openBytes(contents);
  assert(!inventory.ok);
  return inventory.fault.where ?? {};
}

const textOf = (octets: Uint8Array) => Buffer.from(octets).toString();

describe('an inventory', () => {
  const forms: readonly (readonly [name: string, form: CsvForm])[] = [
    ['commas', {}],
    ['semicolons', { separator: ';' }],
    ['tabs', { separator: '\t' }],
    ['CRLF', { lineEnd: '\r\n' }],
    ['a byte order mark', { byteOrderMark: true }],
    ['semicolons, CRLF and a byte order mark', { separator: ';', lineEnd: '\r\n', byteOrderMark: true }],
  ];
  for (const [name, form] of forms) {
    it(`is read with ${name}`, () => {
      const { rows } = openRows([row, office.row('LAB0002', { site_name: 'Ä "new"; mill, €' })], form);
      assert.deepEqual(
        rows.map(({ fault, cells, row, line }) => [fault, cells.enb_serial, cells.site_name, row, line]),
        [
          [undefined, 'LAB0001', 'Mill of LAB0001', 1, 2],
          [undefined, 'LAB0002', 'Ä "new"; mill, €', 2, 3],
        ],
      );
    });
  }

  it('has its columns in any order, with white space around their names, quoted or not', () => {
    const [header = [], ...rows] = cellsOf([row]).map((cells) => cells.toReversed());
    const { rows: read } = open(csv([header.map((name) => ` ${name}\t`), ...rows], { separator: ';' }));
    assert.deepEqual(read[0], openRows([row]).rows[0]);
  });

  it('may have the optional columns, and without them has them empty', () => {
    const [without] = openRows([row]).rows;
    const [with_] = openRows([{ ...row, protection: 'mac', enb_hw_type: '1.2.3' }]).rows;
    assert.deepEqual([without?.cells.protection, without?.cells.enb_hw_type], ['', '']);
    assert.deepEqual([with_?.cells.protection, with_?.cells.enb_hw_type], ['mac', '1.2.3']);
  });

  it('skips blank lines', () => {
    const [header = '', first = ''] = csv(cellsOf([row])).split('\n');
    const { rows } = open([header, '', '\r', first, '', first, '', ''].join('\n'));
    assert.deepEqual(
      rows.map(({ row, line }) => [row, line]),
      [
        [1, 4],
        [2, 6],
      ],
    );
  });

  it('skips rows of separators and blanks, also above the header, and keeps the numbers', () => {
    const [header = '', first = ''] = csv(cellsOf([row]), { separator: ';' }).split('\n');
    const blank = ';'.repeat(19);
    const lines = [
      blank,
      '\u00a0; ;\t',
      header,
      blank,
      first,
      ' ;"";\u200b',
      '"a\nb";x',
      blank,
      first,
      blank,
    ];
    const { rows } = open(lines.join('\r\n'));
    assert.deepEqual(
      rows.map(({ row, line, fault }) => [row, line, fault?.rule]),
      [
        [1, 5, undefined],
        [2, 7, 'csv-cells'],
        [3, 10, undefined],
      ],
    );
  });

  it('skips columns that hold nothing, wherever they are', () => {
    const [header = [], cells = []] = cellsOf([row]);
    const spread = (those: readonly string[], blank: string) => [
      blank,
      ...those.slice(0, 7),
      blank,
      ...those.slice(7),
      blank,
      blank,
    ];
    const [plain] = openRows([row]).rows;
    const { rows } = open(csv([spread(header, ' '), spread(cells, ''), spread(cells, '\u00a0')]));
    assert.deepEqual([rows[0], rows[1]?.cells], [plain, plain?.cells]);
    // The last ones need not be there in a row, nor in the header.
    const lines = csv([spread(header, ''), spread(cells, '').slice(0, -2)]);
    assert.deepEqual(open(lines).rows[0], plain);
    assert.deepEqual(open(csv([header, [...cells, '', ' ']])).rows[0], plain);
  });

  it('may have its columns in any case; a secret keeps that of its name', () => {
    const [header = [], ...rows] = cellsOf([{ ...row, secret_Pin: '4711' }]);
    const upper = header.map((name) => (name.startsWith('secret_') ? 'SECRET_Pin' : name.toUpperCase()));
    const [read] = open(csv([upper, ...rows])).rows;
    assert.deepEqual(read, openRows([{ ...row, secret_Pin: '4711' }]).rows[0]);
    assert.deepEqual([...read!.secrets.keys()], ['Pin']);
  });

  it("may say its separator in a first line, as Excel's do", () => {
    for (const separator of [',', ';', '\t']) {
      for (const line of [`sep=${separator}`, `"sep=${separator}"`, `SEP=${separator}\r`]) {
        const { rows } = open(`${line}\n${csv(cellsOf([row]), { separator })}`);
        assert.deepEqual([rows.length, rows[0]?.line, rows[0]?.fault], [1, 3, undefined]);
      }
    }
    assert.equal(refusal(`sep=;\n${csv(cellsOf([row]))}`), 'csv-no-header');
  });

  it('can be read again, row by row, and walked through again, quotes and all', () => {
    const path = join(temporaryFolder(), 'again.csv');
    const names = ['a "b"', '"', '""";', 'x'];
    const table = names.map((site_name) => ({ ...row, site_name, credential_secret: `${site_name}!` }));
    writeFileSync(path, csv(cellsOf(table)));
    const opened = openInventory(path);
    assert(opened.ok);
    const { rows } = opened.value;
    for (let times = 0; times < 2; times++) {
      assert.deepEqual(
        [...rows].map(({ cells, credential }) => [cells.site_name, textOf(credential.secret)]),
        names.map((name) => [name, `${name}!`]),
      );
      const read = names.map((_, index) => rows.read(index + 1));
      assert.deepEqual(read, [...rows]);
    }
    assert.deepEqual([...rows.vendorsAmong(['other', 'lab'])], ['lab']);
  });

  it('counts the lines of cells that go over several', () => {
    const { rows } = openRows([{ ...row, site_name: 'a\nb\r\nc' }, row]);
    assert.deepEqual(
      rows.map(({ row, line }) => [row, line]),
      [
        [1, 2],
        [2, 5],
      ],
    );
  });

  it('holds the credential and the secrets of a row as the exact bytes of the file', () => {
    const secret = ' "ä€",\n\t0x41 %41 YWI= ';
    const [read] = openRows([
      { ...row, credential_reference: ' ref ', credential_secret: secret, secret_snmp: 'x', secret_B: '' },
    ]).rows;
    assert.equal(textOf(read!.credential.reference), ' ref ');
    assert.equal(textOf(read!.credential.secret), secret);
    assert.deepEqual(
      [...read!.secrets].map(([name, octets]) => [name, textOf(octets)]),
      [['snmp', 'x']],
    );
    assert.equal(read!.fault, undefined);
  });

  it('has no secret in it any more after it was wiped', () => {
    const inventory = openRows([{ ...row, credential_secret: 'a "quoted" one', secret_a: 'another' }]);
    const [{ credential, secrets } = assert.fail()] = inventory.rows;
    inventory.wipe();
    for (const octets of [credential.reference, credential.secret, ...secrets.values()]) {
      assert(octets.length > 0 && octets.every((octet) => octet === 0));
    }
  });

  it('has no byte left after it was wiped, the byte order mark included', () => {
    const inventory = openRows([row], { byteOrderMark: true });
    const [{ credential } = assert.fail()] = inventory.rows;
    const memory = Buffer.from(credential.secret.buffer);
    const mark = memory.indexOf('\ufeffsite_id');
    assert(mark >= 0);
    inventory.wipe();
    assert.deepEqual([...memory.subarray(mark, mark + 4)], [0, 0, 0, 0]);
  });
});

describe('an inventory is refused as a whole', () => {
  const good = csv(cellsOf([row]));
  const without = (name: string) =>
    csv(cellsOf([row]).map((cells) => cells.toSpliced(requiredColumns.indexOf(name), 1)));

  it('in another encoding than UTF-8, which the rule asks for', () => {
    const encodings = {
      'UTF-16 with a byte order mark': Buffer.from(`\ufeff${good}`, 'utf16le'),
      'UTF-16 without': Buffer.from(good, 'utf16le'),
      'UTF-16, big-endian': Buffer.from(good, 'utf16le').swap16(),
      'Latin-1': Buffer.from(good.replace('Mill', 'Käyrä'), 'latin1'),
      'cut inside a character': Buffer.from(`${good}€`).subarray(0, -1),
    };
    for (const [name, bytes] of Object.entries(encodings)) assert.equal(refusal(bytes), 'csv-utf8', name);
  });

  it('without one of the columns, which it names', () => {
    for (const name of requiredColumns) assert.equal(refusal(without(name)), `csv-header ${name}`);
  });

  it('with a column twice', () => {
    const cells = cellsOf([row]).map((those) => [...those, those[3] ?? '']);
    assert.equal(refusal(csv(cells)), 'csv-header enb_serial');
  });

  it('with a column that there is not, also one that every object has', () => {
    for (const name of ['remarks', 'secret-x', 'secret_', 'credential_pin', 'constructor', '__proto__']) {
      const [header = [], ...rows] = cellsOf([row]);
      const text = csv([[...header, name], ...rows.map((cells) => [...cells, 'x'])]);
      assert.equal(refusal(text), 'csv-header', name);
      assert.equal(foundIn(text), `unknown: ${name}`);
    }
  });

  it('with a column that has no name but cells, and says which and where', () => {
    const [header = [], cells = []] = cellsOf([row]);
    const table = (cell: string) =>
      csv([
        ['', ...header],
        [cell, ...cells],
        ['x', ...cells],
      ]);
    assert.equal(refusal(table('')), 'csv-header');
    assert.equal(foundIn(table('')), 'no name for column 1, which has data');
    assert.equal(whereIn(table('')).line, 3);
    assert.equal(whereIn(table('y')).line, 2);
  });

  const headers: readonly (readonly [name: string, change: (names: string[]) => string[], found: string])[] =
    [
      ['one missing', (names) => names.filter((name) => name !== 'mtu'), 'missing: mtu'],
      [
        'several missing',
        (names) => names.slice(0, 12),
        'missing: vlan, mtu, dns, ntp, credential_reference and 3 more',
      ],
      ['one twice, in another case', (names) => [...names, 'MTU '], 'twice: mtu'],
      ['a secret twice, in another case', (names) => [...names, 'secret_a', 'SECRET_A'], 'twice: secret_A'],
      [
        'one mistyped',
        (names) => names.map((name) => name.replace('valid_until', 'valid untill')),
        'missing: valid_until; unknown: valid untill (perhaps valid_until)',
      ],
      ['one that nothing is near', (names) => [...names, 'remarks'], 'unknown: remarks'],
      [
        'all kinds',
        (names) => [...names.filter((name) => name !== 'dns'), 'plmn', 'DNS server', 'notes'],
        'missing: dns; twice: plmn; unknown: DNS server, notes',
      ],
    ];
  for (const [name, change, found] of headers) {
    it(`with a header that has ${name}, which it names`, () => {
      const [header = []] = cellsOf([row]);
      const text = csv([change([...header]), ['x']]);
      assert.match(refusal(text), /^csv-header/);
      assert.equal(foundIn(text), found);
    });
  }

  it('without a header, without a row, and when it is empty', () => {
    const [header = '', first = ''] = good.split('\n');
    assert.equal(refusal(`${first}\n`), 'csv-no-header');
    for (const nothing of ['', '\n\r\n', ' ;\u00a0;\n', 'sep=;\n'])
      assert.equal(refusal(nothing), 'csv-no-header');
    for (const end of ['', '\n', '\r\n\n\r\n', '\n""\n']) assert.equal(refusal(header + end), 'csv-empty');
  });

  it('with a title above the header, which it shows, and says where the header is', () => {
    for (const above of ['Rollout wave 3', 'Rollout wave 3,,,', '\n\nRollout wave 3']) {
      const text = `${above}\n,,\n${good}`;
      assert.equal(refusal(text), 'csv-header-below');
      assert.equal(foundIn(text), 'Rollout wave 3');
      const lines = above.split('\n').length;
      assert.equal(whereIn(text).line, lines);
      const opened = openBytes(text);
      assert(!opened.ok);
      assert.equal(opened.fault.expected, String(lines + 2));
    }
  });

  it('with a title that holds another separator than the header has', () => {
    const text = `North, 2026;;\n${good.replaceAll(',', ';')}`;
    assert.equal(refusal(text), 'csv-header-below');
    assert.equal(foundIn(text), 'North, 2026');
  });

  it('and shows nothing of its rows then', () => {
    const [header = '', first = ''] = good.replace('Mill', 'canary').split('\n');
    const texts = [
      `${first}\n${first}\n`,
      `${first.replace(',lab,', ',dns,')}\n${header}\n${first}\n`,
      `${header.replace('mtu', 'm')}\n${first}\n`,
    ];
    for (const text of texts) {
      const broken = openBytes(text);
      assert(!broken.ok);
      assert.doesNotMatch(JSON.stringify(broken), /canary|secret of/);
    }
  });

  it('when it is no regular file', (t) => {
    const folder = temporaryFolder();
    const names = ['nothing', 'folder', 'pipe'].map((name) => join(folder, name));
    const [nothing = '', directory = '', pipe = ''] = names;
    mkdirSync(directory);
    if (process.platform === 'win32') t.diagnostic('There are no named pipes in folders here.');
    else execFileSync('mkfifo', [pipe]);
    assert.deepEqual(
      [nothing, directory, pipe].map((name) => {
        const opened = openInventory(name);
        return opened.ok ? 'opened' : [opened.fault.code, opened.fault.found];
      }),
      [
        ['file-unreadable', 'ENOENT'],
        ['file-unreadable', 'not a regular file'],
        ['file-unreadable', 'not a regular file'],
      ],
    );
  });
});

describe('a row is one field-invalid, with no cell shown,', () => {
  const [header = [], cells = []] = cellsOf([{ ...row, site_id: 'canary', credential_secret: 'canary' }]);

  function only(line: string) {
    const { rows } = open(`${csv([header])}${line}\n${csv([cells])}`);
    const [bad, next] = rows;
    assert.equal(rows.length, 2, 'the row after it is not lost');
    assert.equal(next?.fault, undefined);
    assert.doesNotMatch(JSON.stringify(bad), /canary/);
    const { code, rule, expected, found } = bad!.fault!;
    assert.equal(code, 'field-invalid');
    return { rule, expected, found };
  }

  it('that has fewer cells than the header', () => {
    for (const count of [1, 5, 19]) {
      const line = csv([cells.slice(0, count)], { lineEnd: '' });
      assert.deepEqual(only(line), { rule: 'csv-cells', expected: '20', found: String(count) });
    }
  });

  it('that has more cells than the header', () => {
    const line = csv([[...cells, '', 'canary']], { lineEnd: '' });
    assert.deepEqual(only(line), { rule: 'csv-cells', expected: '20', found: '22' });
  });

  it('that was written with another separator', () => {
    const line = cells.join(';').replaceAll(',', '|');
    assert.deepEqual(only(line), { rule: 'csv-cells', expected: '20', found: '1' });
  });

  it('whose quotes do not fit', () => {
    for (const cell of ['"canary', 'can"ary', '"canary" ', '"can"ary"']) {
      const line = [...cells.slice(0, -1).map((one) => `"${one}"`), cell].join(',');
      assert.deepEqual(only(line), { rule: 'csv-quotes', expected: undefined, found: undefined }, cell);
    }
  });
});

/** The rule of the fault of a row in which one cell is another, or nothing. */
function judge(field: string, value: string): string | undefined {
  const [read] = openRows([{ ...row, [field]: value }]).rows;
  const { code, rule, where } = read!.fault ?? {};
  if (code === undefined) return undefined;
  assert.equal(code, 'field-invalid');
  assert.equal(where?.field, field);
  return rule;
}

describe('a cell that cannot be used', () => {
  const invalid: Readonly<Record<string, readonly [rule: string, ...values: readonly string[]]>> = {
    site_id: ['site-id', '', '../../etc/x', '.hidden', 'a b', 'å', 'x'.repeat(65), '-x', 'a/b', 'a\\b'],
    site_name: ['label', '', '  ', 'a\u0007b', 'a\nb', 'x'.repeat(257)],
    enb_serial: ['serial-number', '', 'a b', '_x', 'é', 'x'.repeat(65), '../x', 'x:y'],
    plmn: ['plmn', '', '2449', '2449123', '24 491', '24491x'],
    ra_url: [
      'enrolment-url',
      ...['', 'ra.example', 'file:///etc/passwd', 'ftp://ra.example/', 'http://', 'http://a b/'],
      ...[
        'http://user:pw@ra.example/',
        'http://ra.example/#x',
        'https://ra.example/\u00e4',
        `http://ra.example/${'x'.repeat(1024)}`,
      ],
    ],
    ra_name: ['distinguished-name', '', 'no name', 'C=FI,', 'C=FIN,=x', `CN=${'x'.repeat(1100)}`],
    seg_initial: [
      'hosts',
      ...['a;', 'a_b', '198.51.100', '198.51.100.256', 'fe80::1%eth0', 'a b', Array(33).fill('a').join(';')],
    ],
    seg_traffic: ['hosts', 'a;', ';a', 'a;;b', 'a_b', Array(33).fill('a').join(';')],
    inner_ip: [
      'inner-addresses',
      ...['192.0.2.1/24', 'enb.example', '192.0.2.1;192.0.2.1', '192.0.2.1;192.0.2.2', '::1;::2', ';'],
      ...['0.0.0.0', '0::0', 'fe80::1%eth0', '192.0.2.1;2001:db8::1;'],
    ],
    ike_identity: ['label', ' ', 'x'.repeat(257)],
    outer_ip: [
      'outer-ip',
      '',
      'DHCP',
      '198.51.100.12',
      '198.51.100.999/24',
      '198.51.100.1/33',
      '2001:db8::1/129',
      '10.0.0.1/08',
    ],
    outer_gateway: ['gateway', '198.51.100.1/24', 'gw.example', '198.51.100.300'],
    vlan: ['vlan', '0', '4095', '5000', '-1', '1.5', '0101', '0x10', ' 1', 'one', '1e3'],
    mtu: ['mtu', '', '575', '9217', '90000', '1400.0', '+1400', 'big'],
    dns: ['addresses', 'dns.example', '198.51.100.53,', ';', Array(17).fill('198.51.100.53').join(';')],
    ntp: ['hosts', 'a b', '-a', ';', Array(17).fill('ntp.example').join(';')],
    valid_from: [
      'time',
      '',
      '2026-11-01',
      '2026-11-01T00:00:00',
      '2026-11-01T00:00:00+02:00',
      '2026-02-30T00:00:00Z',
      '2026-11-01T00:00:00.5Z',
      '2026-11-01T24:00:00Z',
      '1.11.2026',
    ],
    valid_until: ['time', '', '2027-13-01T00:00:00Z', 'never'],
    protection: ['protection', 'MAC', 'none', 'vendor'],
    enb_hw_type: ['oid', '1', '1.2.', '3.1', '1.2.03', 'x', '1.40.1'],
    credential_reference: ['secret-text', 'x'.repeat(1025)],
    credential_secret: ['secret-text', 'ä'.repeat(513)],
    secret_pin: ['secret-text', 'x'.repeat(1025)],
  };
  for (const [field, [rule, ...values]] of Object.entries(invalid)) {
    it(`in ${field} is refused with the rule ${rule}`, () => {
      for (const value of values) assert.equal(judge(field, value), rule, JSON.stringify(value));
    });
  }
});

describe('a code point that Unicode will never assign', () => {
  const all = Array.from({ length: 17 }, (_, plane) => [plane * 0x10000 + 0xfffe, plane * 0x10000 + 0xffff])
    .flat()
    .concat(Array.from({ length: 32 }, (_, index) => 0xfdd0 + index));

  it('is refused in a secret and in a name, for no eNB could read it; its neighbours are not', () => {
    assert.equal(all.length, 66);
    const isOne = new Set(all);
    for (const code of all.flatMap((one) => [one - 1, one, one + 1]).filter((one) => one <= 0x10ffff)) {
      const text = `a${String.fromCodePoint(code)}b`;
      const hex = code.toString(16);
      assert.equal(judge('credential_secret', text), isOne.has(code) ? 'secret-text' : undefined, hex);
      assert.equal(judge('secret_pin', text), isOne.has(code) ? 'secret-text' : undefined, hex);
      const inName = isOne.has(code) ? 'label' : code === 0xe0000 ? 'hidden-character' : undefined;
      assert.equal(judge('site_name', text), inName, hex);
      if (isOne.has(code)) assert.equal(judge('ra_name', `CN=${text}`), 'distinguished-name', hex);
    }
  });

  it('is found in bytes exactly where it is found in text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const { fault, credential } = openRows([{ ...row, credential_secret: text }]).rows[0]!;
        assert.equal(textOf(credential.secret), text);
        assert.equal(fault !== undefined, /\p{Noncharacter_Code_Point}/u.test(text));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a cell that can be used', () => {
  const valid: Readonly<Record<string, readonly string[]>> = {
    site_id: ['a', 'S.1_x-2', 'x'.repeat(64), '00001'],
    site_name: ['Ä', 'x'.repeat(256), '=cmd()', '-'],
    enb_serial: ['0', 'x'.repeat(64), 'con', 'A.b_c-d'],
    plmn: ['24491', '310410'],
    ra_url: [
      'https://ra.example',
      'http://198.51.100.7:8080/cmp?x=1',
      'http://[2001:db8:5::7]/.well-known/cmp',
    ],
    ra_name: ['CN=RA', 'C=FI,O=A\\, B+OU=x,CN=RA'],
    seg_initial: ['', '198.51.100.1', '2001:db8::1', 'SEG-1.example', 'seg', 'a; 198.51.100.1'],
    seg_traffic: ['', 'a', 'a; b;198.51.100.1', Array(32).fill('a').join(';')],
    outer_ip: ['dhcp', '198.51.100.12/24', '2001:db8::12/64', '10.0.0.1/32'],
    outer_gateway: ['', '198.51.100.1', '2001:db8::1'],
    vlan: ['', '1', '4094'],
    mtu: ['576', '1500', '9216'],
    dns: ['', '198.51.100.53', '198.51.100.53; 2001:db8::53', Array(16).fill('198.51.100.53').join(';')],
    ntp: ['', 'ntp.example;198.51.100.1'],
    valid_from: ['2028-02-29T23:59:59Z'],
    valid_until: ['2027-11-01T00:00:00Z'],
    protection: ['', 'mac', 'vendor-certificate'],
    inner_ip: ['', '192.0.2.1', '2001:db8::1', '192.0.2.1; 2001:db8::1'],
    ike_identity: ['', 'enb1.example', 'C=FI,CN=enb1', 'enb@lab.example'],
    enb_hw_type: ['', '1.3.6.1.4.1.32473.7.1', '2.25.67185770713137499404239916306837926263.10.1'],
    credential_secret: ['', 'x'.repeat(1024), '=1', '\u0000\u0001'],
    secret_pin: ['', '0000'],
  };
  for (const [field, values] of Object.entries(valid)) {
    it(`in ${field} is no fault`, () => {
      for (const value of values) assert.equal(judge(field, value), undefined, JSON.stringify(value));
    });
  }
});

describe('a name that is to be signed', () => {
  const hidden = [
    ...[0x61c, 0x200b, 0x200e, 0x200f, 0x2060, 0x2064, 0x2066, 0x2069, 0xfeff, 0xe0001, 0xe0041, 0xe007f],
    ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e],
  ];

  it('holds no character that is hidden or turns the direction of reading', () => {
    for (const code of hidden) {
      const text = `A${String.fromCodePoint(code)}b`;
      assert.equal(judge('site_name', text), 'hidden-character', code.toString(16));
      assert.equal(judge('ra_name', `CN=${text}`), 'hidden-character', code.toString(16));
      const escaped = Array.from(Buffer.from(text), (byte) => `\\${byte.toString(16).padStart(2, '0')}`);
      assert.equal(judge('ra_name', `CN=${escaped.join('')}`), 'hidden-character', code.toString(16));
    }
  });

  it('may hold the joiners of writing, and marks and blanks of any language', () => {
    const names = ['نمی\u200cخواهم', 'ක්\u200dෂ', 'Gare\u00a0: Nord', '東京\u3000駅', '👩\u200d🚒', 'e\u0301'];
    for (const name of names) assert.equal(judge('site_name', name), undefined, name);
  });

  it('is shown with what is hidden', () => {
    const [read] = openRows([{ ...row, site_name: 'A\u202eb' }]).rows;
    assert.match(
      faultSentence(read!.fault!),
      /field site_name; expected only characters .*; found A⟨U\+202E⟩b\./,
    );
  });
});
