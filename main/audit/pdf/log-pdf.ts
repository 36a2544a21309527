import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createDeflate } from 'node:zlib';
import { encode } from 'uqr';
import type { Fault } from '../../faults/index.ts';
import { fill, language, words } from '../../words/index.ts';
import { pauseFor, type Pause } from '../../work/index.ts';
import { Paper, type Style } from './paper.ts';
import { PaperTable } from './table.ts';

/** An entry of the log as a row of the table. */
export interface LogPdfRow {
  readonly sequence: number;
  /** RFC 3339, UTC, whole seconds. */
  readonly time: string;
  /** As declared. Absent once it is erased. */
  readonly person?: string;
  readonly personId: string;
  readonly sentence: string;
  readonly site?: string;
  readonly serialNumber?: string;
}

/** A file inside the PDF. It is read while the PDF is written. */
export interface LogPdfAttachment {
  readonly name: string;
  readonly path: string;
}

/** What the PDF of a log shows. The same input gives the same bytes. */
export interface LogPdf {
  /** Names the log in its checkpoints. */
  readonly origin: string;
  readonly training: boolean;
  readonly createdAt: Date;
  /** The times of the first and the last entry that is listed. Absent if none is. */
  readonly period?: { readonly from: string; readonly to: string };
  /** What was asked for, in words, a line each. Empty for the whole log. */
  readonly filter: readonly string[];
  /** How many entries the log has. */
  readonly entries: number;
  /** How many rows follow. */
  readonly total: number;
  readonly rows: Iterable<LogPdfRow> | AsyncIterable<LogPdfRow>;
  /** The checkpoint over all entries, as a signed note. */
  readonly checkpoint: string;
  /** What the attached files prove, a sentence each. */
  readonly proven: readonly string[];
  /** What they do not prove, a sentence each. */
  readonly unproven: readonly string[];
  /** The entries, then their proof. */
  readonly attachments: readonly [entries: LogPdfAttachment, proof: LogPdfAttachment];
  /** The path of the file to write. Syncing and renaming are left to the caller. */
  readonly out: string;
}

/** How the writing reports, yields and stops. */
export interface LogPdfWork {
  readonly signal?: AbortSignal;
  /** Called with the number of rows written. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called between rows. A fault that it returns ends the work. */
  readonly pause?: Pause;
}

const text: Style = { face: 'regular', size: 10, leading: 13.5 };
const label: Style = { ...text, face: 'bold' };
const mono: Style = { face: 'mono', size: 8.5, leading: 12 };
const h1: Style = { face: 'bold', size: 22, leading: 30 };
const h2: Style = { face: 'bold', size: 13, leading: 20 };

/**
 * Writes the readable PDF of a log. Streams it, in bounded memory. After a fault, an incomplete file is left.
 *
 * @throws errors of the file system, as they come
 */
export async function writeLogPdf(
  log: LogPdf,
  work: LogPdfWork = {},
): Promise<Fault<'cancelled'> | undefined> {
  const { origin, training, createdAt, attachments } = log;
  const own = words.logPdf;
  const paper = await Paper.open(log.out, {
    title: own.title,
    language,
    createdAt,
    footer: fill(training ? own.footerTraining : own.footer, { origin }),
    ...(training && { mark: own.trainingMark }),
    pageOf: (page) => fill(own.pageOf, { page }),
  });
  const pause = work.pause ?? pauseFor(work.signal);
  try {
    drawFirstPage(paper, log);
    const stopped =
      (await drawEntries(paper, log, work, pause)) ?? (await attachAll(paper, attachments, pause));
    if (stopped) return stopped;
    drawLastPage(paper, log);
    await paper.end();
    return await pause();
  } finally {
    await paper.close();
  }
}

function drawFirstPage(paper: Paper, log: LogPdf): void {
  const own = words.logPdf;
  paper.addPage('portrait');
  paper.bookmark(own.heading);
  paper.paragraph('H1', own.heading, h1);
  paper.paragraph('P', own.intro, text);
  paper.y += 8;
  drawFacts(paper, log);
  drawHead(paper, log.checkpoint);
  heading(paper, own.proven);
  paper.paragraph('P', own.paperProvesNothing, text);
  drawList(paper, log.proven);
  heading(paper, own.unproven);
  drawList(paper, log.unproven);
  heading(paper, own.reading);
  const { number, time, person, scripts } = own.readingSentences;
  drawList(paper, [number, time, person, scripts]);
}

function heading(paper: Paper, words: string): void {
  paper.y += 8;
  paper.keep(4 * text.leading);
  paper.paragraph('H2', words, h2);
}

/** What the paper is about, as labels and values. */
function drawFacts(paper: Paper, log: LogPdf): void {
  const own = words.logPdf;
  const number = new Intl.NumberFormat(language);
  const { period, filter } = log;
  const facts: readonly (readonly [string, readonly string[]])[] = [
    [own.labels.origin, [log.origin]],
    [own.labels.created, [readableTime(log.createdAt.toISOString())]],
    [own.labels.entries, [number.format(log.entries)]],
    [own.labels.total, [number.format(log.total)]],
    [
      own.labels.period,
      [
        period
          ? fill(own.periodOf, { from: readableTime(period.from), to: readableTime(period.to) })
          : own.noPeriod,
      ],
    ],
    [own.labels.filter, filter.length > 0 ? filter : [own.noFilter]],
  ];
  const table = paper.element('Table');
  for (const [name, values] of facts) {
    const row = paper.element('TR', table);
    paper.keep(2 * text.leading);
    const { y } = paper;
    const head = paper.element('TH', row, { scope: 'Row' });
    paper.paragraph('P', name, label, { parent: head, width: 120 });
    paper.y = y;
    const cell = paper.element('TD', row);
    for (const value of values)
      paper.paragraph('P', value, text, { parent: cell, x: paper.left + 130, width: paper.width - 130 });
    row.end();
  }
  table.end();
}

/** The checkpoint as text and as a QR code beside it. */
function drawHead(paper: Paper, checkpoint: string): void {
  const own = words.logPdf;
  heading(paper, own.head);
  paper.paragraph('P', own.headMeaning, text);
  paper.y += 6;
  const side = 132;
  paper.keep(side);
  const { y } = paper;
  const code = encode(checkpoint, { border: 0 });
  const module = side / code.size;
  const x = paper.left + paper.width - side;
  const note = paper.element('P');
  for (const line of checkpoint.trimEnd().split('\n'))
    if (line === '') paper.y += mono.leading;
    else paper.paragraph('Span', line, mono, { parent: note, width: paper.width - side - 16 });
  note.end();
  const figure = paper.figure(own.qrCode, { x, y, width: side, height: side });
  figure.add(() => {
    for (const [row, modules] of code.data.entries())
      for (let column = 0; column < modules.length; column++) {
        const start = column;
        while (modules[column]) column++;
        if (column > start)
          paper.fill(x + start * module, y + row * module, (column - start) * module, module);
      }
  });
  figure.end();
  paper.y = Math.max(paper.y, y + side + 4);
}

function drawList(paper: Paper, items: readonly string[], numbered = false): void {
  const list = paper.element('L');
  for (const [index, item] of items.entries()) {
    const element = paper.element('LI', list);
    paper.keep(2 * text.leading);
    const { y } = paper;
    paper.paragraph('Lbl', numbered ? `${index + 1}.` : '•', text, { parent: element, width: 14 });
    paper.y = y;
    paper.paragraph('LBody', item, text, { parent: element, x: paper.left + 14, width: paper.width - 14 });
    element.end();
  }
  list.end();
}

async function drawEntries(paper: Paper, log: LogPdf, work: LogPdfWork, pause: Pause) {
  const own = words.logPdf;
  paper.addPage('landscape');
  const bookmark = paper.bookmark(own.table);
  paper.paragraph('H2', own.table, h2);
  const { columns } = own;
  const table = new PaperTable(paper, [
    { title: columns.sequence, width: 44 },
    { title: columns.time, width: 118 },
    { title: columns.person, width: 118 },
    { title: columns.site, width: 96 },
    { title: columns.serialNumber, width: 108 },
    { title: columns.sentence, width: 0 },
  ]);
  let done = 0;
  let month = '';
  for await (const row of log.rows) {
    const stopped = await pause();
    if (stopped) return stopped;
    table.add([
      String(row.sequence),
      readableTime(row.time),
      row.person ?? fill(own.erased, { personId: row.personId }),
      row.site ?? '',
      row.serialNumber ?? '',
      row.sentence,
    ]);
    if (row.time.slice(0, 7) !== month) {
      month = row.time.slice(0, 7);
      paper.bookmark(fill(own.monthOf, { month, sequence: row.sequence }), bookmark);
    }
    await paper.flush();
    work.onProgress?.(++done, log.total);
  }
  table.end();
  return undefined;
}

async function attachAll(paper: Paper, attachments: readonly LogPdfAttachment[], pause: Pause) {
  for (const { name, path } of attachments) {
    const deflate = createDeflate();
    let size = 0;
    let stopped: Fault<'cancelled'> | undefined;
    const reading = pipeline(
      createReadStream(path),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          stopped ??= await pause();
          if (stopped) return;
          size += chunk.length;
          yield chunk;
        }
      },
      deflate,
    );
    await Promise.all([reading, paper.attach(name, deflate, () => size)]);
    if (stopped) return stopped;
  }
  return undefined;
}

function drawLastPage(paper: Paper, { attachments, training }: LogPdf): void {
  const own = words.logPdf;
  const [entries, proof] = attachments;
  const names = { entries: entries.name, proof: proof.name, training: training ? ' --training' : '' };
  paper.addPage('portrait');
  paper.bookmark(own.attached);
  paper.paragraph('H2', own.attached, h2);
  paper.paragraph('P', fill(own.attachedMeaning, names), text);
  paper.y += 6;
  const { save, verify, head, compare } = own.steps;
  const steps = [save, verify, head, compare].map((step) => fill(step, names));
  drawList(paper, steps, true);
  paper.y += 6;
  paper.paragraph('P', own.ownVerifier, text);
}

/** An RFC 3339 time in UTC, to the second, for people. */
function readableTime(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`;
}
