import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';
import { writeLogPdf, type LogPdf, type LogPdfRow, type LogPdfWork } from '../../../main/audit/index.ts';
import { breakLines } from '../../../main/audit/pdf/glyphs.ts';
import { fault } from '../../../main/faults/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';

const folder = temporaryFolder();
const names = ['log.jsonl', 'log.jsonl.proof'] as const;
const entries = '{"a":1}\n'.repeat(3_000);
const paths = names.map((name) => join(folder, name));
writeFileSync(paths[0]!, entries);
writeFileSync(paths[1]!, '{"b":2}\n');

function row(sequence: number, others: Partial<LogPdfRow> = {}): LogPdfRow {
  return { sequence, time: '2026-11-29T10:11:12Z', personId: '00ff', sentence: 'It happened.', ...others };
}

let count = 0;

async function written(rows: readonly LogPdfRow[], others: Partial<LogPdf> = {}, work: LogPdfWork = {}) {
  const out = join(folder, `${count++}.pdf`);
  const log: LogPdf = {
    origin: 'siteseal.invalid/log/0011223344556677',
    training: false,
    createdAt: new Date(0),
    filter: [],
    entries: rows.length,
    total: rows.length,
    rows,
    checkpoint:
      'siteseal.invalid/log/0011223344556677\n3\nAAAA\n\n— siteseal.invalid/log/0011223344556677 AAAA\n',
    proven: ['One.'],
    unproven: ['Two.'],
    attachments: [
      { name: names[0], path: paths[0]! },
      { name: names[1], path: paths[1]! },
    ],
    out,
    ...others,
  };
  const stopped = await writeLogPdf(log, work);
  return { stopped, bytes: readFileSync(out) };
}

/** The objects of a PDF as text, and the contents of those that have one. */
function read(bytes: Buffer) {
  const text = bytes.toString('latin1');
  const objects = [...text.matchAll(/^\d+ 0 obj\n(.*?)(?:\nstream\n(.*?)\nendstream)?\nendobj$/gms)];
  return objects.map(([, head = '', stream]) => ({
    head,
    content:
      stream === undefined || !head.includes('/FlateDecode')
        ? ''
        : inflateSync(Buffer.from(stream, 'latin1')).toString('latin1'),
  }));
}

const pagesOf = (objects: ReturnType<typeof read>) =>
  objects.filter(({ content }) => content.includes('/Pages Do'));
const tags = (objects: ReturnType<typeof read>, tag: string) =>
  objects.filter(({ head }) => head.startsWith(`<<\n/S /${tag}\n`)).length;

describe('the PDF of a log', () => {
  it('holds the attached files as they are', async () => {
    const objects = read((await written([row(0)])).bytes);
    const files = objects.filter(({ head }) => head.includes('/Type /EmbeddedFile'));
    assert.equal(files.map(({ content }) => content).join('') === `${entries}{"b":2}\n`, true);
    for (const name of names) assert(objects.some(({ head }) => head.includes(`/UF (${name})`)));
  });

  it('is tagged: every entry is a row of one table, and a header that repeats is no content', async () => {
    const objects = read((await written(Array.from({ length: 60 }, (_, index) => row(index)))).bytes);
    const pages = pagesOf(objects);
    assert(pages.length > 3);
    assert.equal(tags(objects, 'Table'), 2);
    assert.equal(tags(objects, 'TR'), 6 + 1 + 60);
    assert.equal(tags(objects, 'TD'), 6 + 60 * 6);
    assert.equal(tags(objects, 'TH'), 6 + 6);
    const [catalog] = objects.filter(({ head }) => head.includes('/Type /Catalog'));
    assert.match(catalog!.head, /\/Lang \(en\)/);
    for (const { content } of pages) {
      const outside = content.replace(/^\/\w+ <<[^>]*>> BDC$.*?^EMC$/gms, '');
      assert(!outside.includes('Tj'), outside);
    }
  });

  it('is marked on every page in training, and nowhere else', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => row(index));
    const isMarked = ({ content }: { readonly content: string }) => content.includes('cm 1 g BT');
    assert(pagesOf(read((await written(rows, { training: true })).bytes)).every(isMarked));
    assert(!pagesOf(read((await written(rows)).bytes)).some(isMarked));
  });

  it('shows letters that its fonts lack as numbers, and keeps them for copying', async () => {
    const others = { person: 'Ζωή 王小', sentence: 'a\u202eb' };
    const text = read((await written([row(0, others)])).bytes)
      .map(({ content }) => content)
      .join('');
    assert(text.includes('/ActualText (þÿs\u008b\\\\\u000f)'));
    assert(text.includes('/ActualText (þÿ .)'));
    assert.equal(text.split('/ActualText').length, 3);
  });

  it('is the same for the same input, and continues an entry that is longer than a page', async () => {
    const rows = [row(0), row(1, { sentence: 'A long story. '.repeat(1_000) })];
    const one = await written(rows);
    assert((await written(rows)).bytes.equals(one.bytes));
    assert(!(await written(rows, { createdAt: new Date(1_000_000) })).bytes.equals(one.bytes));
    assert(pagesOf(read(one.bytes)).length > 4);
    assert.equal(tags(read(one.bytes), 'TR'), 6 + 1 + 2);
  });

  it('stops between two entries', async () => {
    let done = 0;
    const pause = () => Promise.resolve(done === 2 ? fault('cancelled') : undefined);
    const { stopped } = await written(
      [row(0), row(1), row(2), row(3)],
      {},
      { pause, onProgress: (rows) => (done = rows) },
    );
    assert.equal(stopped?.code, 'cancelled');
    assert.equal(done, 2);
    const aborted = await written([row(0)], {}, { signal: AbortSignal.abort() });
    assert.equal(aborted.stopped?.code, 'cancelled');
  });
});

describe('lines', () => {
  const measure = {
    shows: (character: string) => character < '\u0250',
    widthOf: (text: string) => text.length,
  };
  const broken = (text: string, width: number) =>
    breakLines(text, width, measure).map((line) => line.map(({ shown }) => shown).join(''));

  it('end after spaces and hyphens, and within a word only if it alone is too wide', () => {
    assert.deepEqual(broken('one two-three', 8), ['one two-', 'three']);
    assert.deepEqual(broken('abcdefgh ij', 5), ['abcde', 'fgh ', 'ij']);
    assert.deepEqual(broken('', 5), []);
  });

  it('show runs of letters that are lacking in one pair of brackets', () => {
    assert.deepEqual(broken('a王小b', 99), ['a[U+738B U+5C0F]b']);
    assert.deepEqual(breakLines('王小', 8, measure), [
      [{ shown: '[U+738B ', actual: '王' }],
      [{ shown: 'U+5C0F]', actual: '小' }],
    ]);
  });
});
