import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cellsOf as cellsIn, readCsv, readRow } from '../../../main/office/csv.ts';
import { writeCsv } from '../../../main/words/index.ts';

interface ReadRow {
  readonly line: number;
  readonly cells: readonly string[];
  readonly isWellFormed: boolean;
}

function read(text: string, separator = ','): readonly ReadRow[] {
  const rows = readCsv(Buffer.from(text), separator.charCodeAt(0));
  return [...rows].map((row) => ({ ...row, cells: row.cells.map((cell) => Buffer.from(cell).toString()) }));
}

function cells(text: string, separator = ','): readonly (readonly string[])[] {
  return read(text, separator).map((row) => {
    assert(row.isWellFormed, JSON.stringify(row));
    return row.cells;
  });
}

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const quotedWhereNeeded = (cell: string) => (/[",;\t\r\n]/.test(cell) ? quoted(cell) : cell);

describe('a row that is read again', () => {
  it('with a stray quote does not end in the quotes of the next row', () => {
    const bytes = Buffer.from('"S1,Name,secret of 1\nS2,"Antenna 6"", north",secret of 2\n');
    const next = bytes.indexOf('S2');
    const readFirst = () => readRow(bytes, 0, 0x2c).isWellFormed;
    assert.equal(readFirst(), false);
    const [, antenna] = cellsIn(bytes, readRow(bytes, next, 0x2c));
    assert.equal(antenna?.toString(), 'Antenna 6", north');
    assert.equal(readFirst(), false);
    assert.equal(cellsIn(bytes, readRow(bytes, next, 0x2c))[1]?.toString(), 'Antenna 6", north');
  });

  it('is the same row, whichever rows are read before', () => {
    const piece = fc.constantFrom('"', '""', ',', '\n', 'a', '\r', ' ');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 24 }),
        fc.array(fc.nat(24), { maxLength: 6 }),
        (pieces, order) => {
          const text = pieces.join('');
          const starts: number[] = [];
          const fresh = Buffer.from(text);
          for (let at = 0; at < fresh.length;) {
            starts.push(at);
            at = readRow(fresh, at, 0x2c).next;
          }
          const look = (bytes: Buffer, start: number) => {
            const row = readRow(bytes, start, 0x2c);
            return [row.isWellFormed, ...(row.isWellFormed ? cellsIn(bytes, row).map(String) : [])];
          };
          const wanted = starts.map((start) => look(Buffer.from(text), start));
          const shared = Buffer.from(text);
          for (const place of [...order, ...starts.keys()]) {
            const index = place % Math.max(1, starts.length);
            const start = starts[index];
            if (start !== undefined) assert.deepEqual(look(shared, start), wanted[index]);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

describe('a table of cells', () => {
  // Mostly what means something in CSV, and some of everything.
  const character = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom('"', ',', ';', '\t', '\r', '\n', '\ufeff', ' ', 'a', 'ä', '€', '📡'),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 1 }) },
  );
  const cell = fc.array(character, { maxLength: 6 }).map((characters) => characters.join('').toWellFormed());
  const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 8 });
  const form = fc.record({
    separator: fc.constantFrom(',', ';', '\t'),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    hasLastLineEnd: fc.boolean(),
    quote: fc.constantFrom(quoted, quotedWhereNeeded),
  });

  it('is read back, whatever the cells contain, and every row is found on its line', () => {
    fc.assert(
      fc.property(table, form, (rows, { separator, lineEnd, hasLastLineEnd, quote }) => {
        const lines = rows.map((row) => row.map(quote).join(separator));
        const text = lines.join(lineEnd) + (hasLastLineEnd ? lineEnd : '');
        const expected = rows.flatMap((row, index) => {
          const before = lines.slice(0, index).join(lineEnd) + (index > 0 ? lineEnd : '');
          const isBlank = row.length === 1 && row[0] === '';
          return isBlank ? [] : [{ line: before.split('\n').length, cells: row, isWellFormed: true }];
        });
        assert.deepEqual(read(text, separator), expected);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the cells of a row', () => {
  const cases: readonly (readonly [name: string, text: string, expected: readonly (readonly string[])[]])[] =
    [
      [
        'end at the separator and at the line',
        'a,b\nc,d\n',
        [
          ['a', 'b'],
          ['c', 'd'],
        ],
      ],
      [
        'end at CRLF, whose carriage return is no part of them',
        'a,b\r\nc,d\r\n',
        [
          ['a', 'b'],
          ['c', 'd'],
        ],
      ],
      ['need no line end after the last', 'a,b', [['a', 'b']]],
      [
        'may be empty, also the last',
        ',\na,',
        [
          ['', ''],
          ['a', ''],
        ],
      ],
      ['may be quoted and empty', '"",""', [['', '']]],
      ['keep the white space around them', ' a , b ', [[' a ', ' b ']]],
      ['keep a carriage return in quotes', '"a\rb",c', [['a\rb', 'c']]],
      ['hold separators and line ends in quotes', '"a,b","c\r\nd"', [['a,b', 'c\r\nd']]],
      ['hold quotes that are doubled', '"a""b",""""', [['a"b', '"']]],
      ['hold other separators as they are', 'a;b\tc,d', [['a;b\tc', 'd']]],
    ];
  for (const [name, text, expected] of cases) it(name, () => assert.deepEqual(cells(text), expected));

  it('are views of the input, so that wiping it wipes them', () => {
    const bytes = Buffer.from('"a ""secret""",plain');
    const [row] = readCsv(bytes, 0x2c);
    bytes.fill(0);
    assert.deepEqual(
      row?.cells.map((cell) => Buffer.from(cell).toString('hex')),
      ['00'.repeat(10), '00'.repeat(5)],
    );
  });
});

describe('rows', () => {
  it('that are blank are skipped, and counted as lines', () => {
    assert.deepEqual(
      read('\n\r\na\n\n\nb\r\n\r\n').map(({ line, cells: [first] }) => [line, first]),
      [
        [3, 'a'],
        [6, 'b'],
      ],
    );
  });

  it('are none in an empty input', () => assert.deepEqual(read(''), []));

  it('start on the line after a cell that goes over several', () => {
    assert.deepEqual(
      read('a,"1\n2\r\n3"\nb,c\n').map(({ line }) => line),
      [1, 4],
    );
  });

  const broken: readonly (readonly [name: string, text: string])[] = [
    ['whose quote never ends', 'a,"b\nnext,row\n'],
    ['whose quote ends with the file', 'a,"\nnext,row\n'],
    ['of one quote alone', '"\nnext,row\n'],
    ['with something after a closing quote', 'a,"b"c\nnext,row\n'],
    ['with white space after a closing quote', 'a,"b" ,c\nnext,row\n'],
    ['whose quote ends in the middle of another row', 'a,"b\nnext,row\nx"y,z\n'],
    ['with a quote inside a cell that is not quoted', 'a,b"c"\nnext,row\n'],
    ['whose quotes are doubled where they should be single', 'a,""b""\nnext,row\n'],
    ['with a carriage return inside a cell that is not quoted', 'a\rb,c\nnext,row\n'],
    ['with two carriage returns before the line feed', 'a,b\r\r\nnext,row\n'],
    ['that go on after white space with a quote', 'a, "b"\nnext,row\n'],
  ];
  for (const [name, text] of broken) {
    it(`${name} are not well formed, and take no other row with them`, () => {
      const [first, second] = read(text);
      assert.deepEqual([first?.line, first?.isWellFormed], [1, false]);
      assert.deepEqual(second, { line: 2, cells: ['next', 'row'], isWellFormed: true });
    });
  }

  it('are read in a time that grows with the input, also where every line opens a quote', () => {
    const started = performance.now();
    for (const line of ['"', '"a', '"a,"', '"""', 'a""', '"",""x']) {
      assert.notEqual(read(`${line}\n`.repeat(50_000)).length, 0, line);
    }
    assert(performance.now() - started < 10_000);
  });
});

describe('CSV that is written', () => {
  /** What a spreadsheet of a country with this separator makes of one cell. */
  const opened = (cell: string, separator = ',') => cells(writeCsv([[cell]]), separator)[0];
  const cellsOf = (cell: string) => opened(cell) ?? [];

  it('has every cell in quotes, commas between them, and CRLF', () => {
    assert.equal(writeCsv([['a', ''], ['b "c", d']]), '"a",""\r\n"b ""c"", d"\r\n');
  });

  const formulas: readonly (readonly [text: string, written: string])[] = [
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['=HYPERLINK("http://x.example","y")', '\'=HYPERLINK("http://x.example","y")'],
    ['\t=1', '⟨U+0009⟩=1'],
    ['\r=1', '⟨U+000D⟩=1'],
    ['a;=1+1', "a;'=1+1"],
    ['a,=1+1;-2', "a,'=1+1;'-2"],
    ['a\t=1+1', 'a⟨U+0009⟩=1+1'],
    ['a;"=1+1"', 'a;"\'=1+1"'],
    ['a; =1', "a; '=1"],
    ['＝1', "'＝1"],
    [' "=1', ' "\'=1'],
  ];
  for (const [text, written] of formulas)
    it(`has ${JSON.stringify(text)} as no formula`, () => assert.deepEqual(cellsOf(text), [written]));

  for (const separator of [',', ';', '\t']) {
    it(`has no cell that begins like a formula where ${JSON.stringify(separator)} separates`, () => {
      const texts = fc.array(fc.constantFrom('=', '+', '-', '@', ',', ';', '\t', '\r', '\n', '"', ' ', 'a'), {
        maxLength: 12,
      });
      fc.assert(
        fc.property(texts, (parts) => {
          const line = writeCsv([['1', parts.join('')]]).trimEnd();
          for (const cell of line.split(separator))
            assert.doesNotMatch(cell.replace(/^[ "]*/, ''), /^[=+@\-\t\r]/);
        }),
        { numRuns: 500 },
      );
    });
  }

  it('shows what cannot be seen, and keeps a row on one line', () => {
    const text = 'a\r\nb\u202ec\u200bd\u001b[31m';
    assert.deepEqual(cellsOf(text), ['a⟨U+000D⟩⟨U+000A⟩b⟨U+202E⟩c⟨U+200B⟩d⟨U+001B⟩[31m']);
    assert.equal(writeCsv([[text], ['x']]).split('\n').length, 3);
  });

  it('leaves other text as it is', () => {
    for (const text of ['Käpylä - Ä', 'a=b', '3-4', "O'Neill", 'نمی\u200cخواهم', 'a, b; c', ''])
      assert.equal(writeCsv([[text]]), `"${text}"\r\n`);
  });
});
