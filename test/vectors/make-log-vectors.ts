/**
 * Makes docs/test-vectors/audit-log/ again: `npm exec -- node test/vectors/make-log-vectors.ts`. Keys, salts and
 * signatures differ each time, and published vectors must stay: run it only when the formats have changed.
 */
import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import {
  noteCrypto,
  readHead,
  treeHashes,
  Witness,
  type LogEvent,
  type OpenedStore,
} from '../../main/audit/index.ts';
import { exportLog, saveHead, takeCosigned, type LogExportFormat } from '../../main/core/index.ts';
import type { Result } from '../../main/faults/index.ts';
import { openStore, type LogFilter } from '../../main/store/index.ts';
import {
  checkpointBody,
  CompactRange,
  formatNote,
  noteBody,
  parseCheckpoint,
  parseVerifierKey,
  readKeyFacts,
  signatureLine,
} from '../../main/tlog/index.ts';
import { temporaryFolder } from '../kit/enb.ts';
import { allEntries, logTexts, openLogIn } from '../kit/log.ts';
import { logVectorsFolder, type LogVector } from './log-vector.ts';

let now = Date.UTC(2026, 10, 15, 8, 30);

/** A laptop, or the office. */
class Computer {
  readonly folder = temporaryFolder();
  readonly opened: OpenedStore;

  constructor() {
    const store = openStore(this.folder);
    assert(store.ok);
    const clock = { now: () => new Date((now += 7_000)), monotonic: () => now - Date.UTC(2026, 10, 15) };
    const log = openLogIn(this.folder, store.value, {
      ...clock,
      training: true,
      process: 4711,
      version: '0.1.0',
    });
    this.opened = { store: store.value, log };
  }

  /** Appends an entry. The format allows more than this version of Siteseal logs. */
  log(action: string, subject: object, facts: object): void {
    this.opened.log.append({ action, subject, facts } as LogEvent);
  }

  /** The verifier keys of the log, as text. */
  get keys(): readonly string[] {
    return logTexts(this.opened.store).flatMap((text) =>
      text.startsWith('{"action":"log-key"') ? [readKeyFacts(text)?.key ?? ''] : [],
    );
  }
}

function done<Value>(result: Result<Value>): Value {
  assert(result.ok, JSON.stringify(result));
  return result.value;
}

const nextDay = () => (now += 24 * 3_600_000);
const at = (name: string) => join(logVectorsFolder, name);
const read = (name: string) => readFileSync(at(name), 'utf8');

function write(name: string, contents: string | Uint8Array): void {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), contents);
}

for (const folder of ['log', 'refused', 'other', 'vectors.json'])
  rmSync(at(folder), { recursive: true, force: true });
mkdirSync(at('log'), { recursive: true });

const laptop = new Computer();
const office = new Computer();
const witness = new Witness(office.opened, {
  folder: office.folder,
  training: true,
  now: () => new Date(now),
});

// Three days of a laptop.
const { people } = laptop.opened.log;
people.declare('Ann Example');
laptop.log('profile-added', { operator: 'Lab Operator' }, { plmn: '24499' });
laptop.log('prepare-run', { operator: 'Lab Operator' }, { made: 2, refused: 0, rows: 2 });
laptop.log(
  'bundle-delivery',
  { serialNumber: 'LAB0001', site: 'S1' },
  { state: 'receipt', transport: 'ethernet' },
);
nextDay();
people.declare('=Bj\u00f6rn "B\u00f6b" +49, M\u00e5s');
laptop.log(
  'bundle-delivery',
  { serialNumber: 'LAB0002', site: 'S2' },
  { note: 'a,=1+1;@b \u2028 \u0007 \\ "', state: 'failed' },
);
laptop.log(
  'step-ended',
  { serialNumber: 'LAB0001', site: 'S1' },
  { done: true, step: 'enrolment', tries: [] },
);
nextDay();
laptop.log('drive-written', {}, { bundles: ['LAB0003', 'LAB0004'], free: 0.5 });
const first = await introduce('1');
laptop.log('bundle-delivery', { serialNumber: 'LAB0002', site: 'S2' }, { state: 'receipt' });
const bjorn = people.all().find(({ name }) => name?.includes('rn'));
assert(bjorn);
people.declare('Ann Example');
people.erase(bjorn.id);
await introduce('2');
laptop.log('bundle-delivery', { serialNumber: 'LAB0003', site: 'S3' }, { state: 'receipt' });

const ann = people.current().id;
await exported('csv', 'whole.csv');
await exported('ocsf', 'whole.ocsf.jsonl');
await exported('cef', 'whole.cef.log');
await exported('csv', 'site.csv', { site: 'S1' });
await exported('ocsf', 'person.ocsf.jsonl', { person: bjorn.id });
await exported('cef', 'days.cef.log', { from: '2026-11-16T00:00:00Z', to: '2026-11-17T00:00:00Z' });
await exported('jsonl', 'actions.jsonl', { actions: ['bundle-delivery'], person: ann });
await exported('proof', 'S1.tlog-proof', { site: 'S1' });
await exported('jsonl', 'whole.jsonl');

const logKeys = laptop.keys;

// A laptop whose key was lost, and a second log.
const unlucky = new Computer();
unlucky.log('prepare-run', { operator: 'Lab Operator' }, { rows: 1 });
rmSync(join(unlucky.folder, 'log.key'));
const reopened = {
  ...unlucky.opened,
  log: openLogIn(unlucky.folder, unlucky.opened.store, { training: true, now: () => new Date(now) }),
};
reopened.log.append({
  action: 'prepare-run',
  subject: { operator: 'Lab Operator' },
  facts: { rows: 2 },
} as unknown as LogEvent);
done(
  await exportLog(reopened, {
    format: 'jsonl',
    filter: {},
    out: at('other/key-lost.jsonl'),
    now: new Date(now),
  }),
);
write('other/head.note', reopened.log.giveHead());

/** Brings a head to the witness, and the cosigned note back. */
async function introduce(name: string): Promise<string> {
  done(await saveHead(laptop.opened, at(`log/head-${name}.json`)));
  const { result } = witness.take(done(readHead(readFileSync(at(`log/head-${name}.json`)))));
  const { note, witness: key } = done(result);
  write(`log/cosigned-${name}.note`, note);
  write('log/witness.key', `${key}\n`);
  done(await takeCosigned(laptop.opened, at(`log/cosigned-${name}.note`)));
  return note;
}

async function exported(name: LogExportFormat, file: string, filter: LogFilter = {}): Promise<void> {
  done(await exportLog(laptop.opened, { format: name, filter, out: at(`log/${file}`), now: new Date(now) }));
}

// Attacks. Each changes the lines of the whole export, or of its proof.
interface Files {
  readonly rows: string[];
  readonly lines: string[];
}

const whole: Files = { rows: linesOf('log/whole.jsonl'), lines: linesOf('log/whole.jsonl.proof') };
const firstHead = ['log/cosigned-1.note'];
const heads = ['log/cosigned-1.note', 'log/cosigned-2.note'];
const keys = ['log/witness.key'];
const size = whole.rows.length;
const firstSize = parseCheckpoint(first)?.size ?? 0;
const rotated = whole.rows.findLastIndex((row) => row.includes('"reason":"rotated"'));
const seal = sealer(join(laptop.folder, 'log.key'), logKeys.at(-1) ?? '');

function linesOf(name: string): string[] {
  return read(name).trimEnd().split('\n');
}

/** Signs checkpoints with the newest key, as an attacker could who has the laptop. */
function sealer(file: string, text: string): (rows: readonly string[]) => string {
  const key = parseVerifierKey(text, noteCrypto);
  assert(key);
  const pem = createPrivateKey(readFileSync(file));
  return (rows) => {
    const range = new CompactRange(treeHashes);
    for (const row of rows) range.append(treeHashes.leaf(row));
    const body = checkpointBody({ origin: key.name, size: range.size, root: range.root() });
    return formatNote(body, [signatureLine(key, sign(null, noteBody(body), pem), noteCrypto)]);
  };
}

const vectors: LogVector[] = [];

function vector(one: LogVector): void {
  vectors.push(one);
}

/** A pair of files that a verifier refuses, or that is intact although it is not true. */
function attack(
  name: string,
  shows: string,
  verdict: string,
  change: (files: Files) => Partial<Files>,
  known: Pick<LogVector, 'heads' | 'keys'> = {},
): void {
  const files = structuredClone(whole);
  const { rows, lines } = { ...files, ...change(files) };
  const file = `refused/${name}.jsonl`;
  write(file, rows.map((row) => `${row}\n`).join(''));
  write(`${file}.proof`, `${lines.join('\n')}\n`);
  vector({ file, proof: `${file}.proof`, ...known, shows, verdict });
}

/** A proof that lists these rows, with a checkpoint at the end and after each rotation. */
function proofOf(
  rows: readonly string[],
  checkpointOver: (rows: readonly string[], at: number) => string,
): string[] {
  const lines = [JSON.stringify({ ...JSON.parse(whole.lines[0] ?? ''), listed: rows.length })];
  let from = 0;
  rows.forEach((row, index) => {
    if (!row.includes('"reason":"rotated"') && index < rows.length - 1) return;
    lines.push(JSON.stringify({ listed: index + 1 - from }));
    lines.push(JSON.stringify({ checkpoint: checkpointOver(rows.slice(0, index + 1), index) }));
    from = index + 1;
  });
  return lines;
}

const edit = (row = '') => row.replace('"rows":2', '"rows":3').replace('"site":"S3"', '"site":"S4"');
/** The true handover over these rows if there is one, otherwise a checkpoint by the newest key. */
const trueHandovers = new Map(
  whole.lines.flatMap((line) => {
    const { checkpoint } = JSON.parse(line) as { checkpoint?: string };
    return checkpoint === undefined ? [] : [[parseCheckpoint(checkpoint)?.size ?? 0, checkpoint] as const];
  }),
);
const sealOrHandover = (rows: readonly string[]) =>
  (rows.length < size && trueHandovers.get(rows.length)) || seal(rows);
const renumber = (row: string, index: number) => row.replace(/"sequence":\d+/, `"sequence":${index}`);

for (const file of ['whole.jsonl', 'whole.csv', 'whole.ocsf.jsonl', 'whole.cef.log'])
  vector({
    file: `log/${file}`,
    proof: `log/${file}.proof`,
    heads,
    keys,
    shows: 'a whole export',
    verdict: 'intact',
  });
for (const [file, shows] of [
  ['site.csv', 'an export of one site'],
  ['person.ocsf.jsonl', 'an export of one person, whose name is erased'],
  ['days.cef.log', 'an export of one day'],
  ['actions.jsonl', 'an export of some actions of one person'],
] as const)
  vector({ file: `log/${file}`, proof: `log/${file}.proof`, heads, keys, shows, verdict: 'intact' });
vector({
  file: 'other/key-lost.jsonl',
  proof: 'other/key-lost.jsonl.proof',
  shows: 'a log whose key was lost',
  verdict: 'intact',
});

/** An export with another proof. */
function otherProof(file: string, name: string, shows: string, lines: readonly string[]): void {
  const proof = `refused/${name}.proof`;
  write(`refused/${name}`, read(file));
  write(proof, `${lines.join('\n')}\n`);
  vector({
    file: `refused/${name}`,
    proof,
    shows,
    verdict: name.startsWith('lost') ? 'log-resealed' : 'log-malformed',
  });
}

otherProof(
  'other/key-lost.jsonl',
  'lost-key-without-its-end.jsonl',
  'the last checkpoint of a lost key is missing',
  withoutFirstCheckpoint(linesOf('other/key-lost.jsonl.proof')),
);
otherProof(
  'log/site.csv',
  'part-as-whole.csv',
  'an export of one site says that it is whole',
  linesOf('log/site.csv.proof').map((line, index) => (index === 0 ? withoutFilter(line) : line)),
);
attack('nothing', 'an export of nothing', 'log-malformed', ({ lines }) => ({
  rows: [],
  lines: [JSON.stringify({ ...JSON.parse(lines[0] ?? ''), listed: 0 })],
}));

function withoutFirstCheckpoint(lines: readonly string[]): readonly string[] {
  const at = lines.findIndex((line) => line.startsWith('{"checkpoint":'));
  assert(at > 0 && at < lines.length - 1);
  return lines.toSpliced(at, 1);
}

function withoutFilter(line: string): string {
  const { filter, ...header } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  assert(filter);
  return JSON.stringify(header);
}

attack('entry-edited', 'an entry was edited', 'log-altered', ({ rows }) => ({ rows: rows.map(edit) }));
attack('entry-deleted', 'an entry was deleted, and the counts follow', 'log-altered', ({ rows }) => {
  const left = rows.toSpliced(4, 1);
  return { rows: left, lines: proofOf(left, sealOrHandover) };
});
attack(
  'entries-swapped-renumbered',
  'two entries changed places, and their numbers',
  'log-altered',
  ({ rows }) => ({
    rows: rows
      .with(3, rows[4] ?? '')
      .with(4, rows[3] ?? '')
      .map(renumber),
  }),
);
attack('entry-inserted', 'an entry was inserted, and the counts follow', 'log-altered', ({ rows }) => {
  const more = rows.toSpliced(5, 0, renumber(rows[4] ?? '', 5));
  return { rows: more, lines: proofOf(more, sealOrHandover) };
});
attack('entries-swapped', 'two entries changed places', 'log-altered', ({ rows }) => ({
  rows: rows.with(3, rows[4] ?? '').with(4, rows[3] ?? ''),
}));
attack('row-missing', 'the file has an entry less than its proof', 'log-altered', ({ rows }) => ({
  rows: rows.slice(0, -1),
}));
attack('row-added', 'the file has an entry more than its proof', 'log-altered', ({ rows }) => ({
  rows: [...rows, rows[0] ?? ''],
}));
attack('tail-cut', 'the last entry is missing, the checkpoint stays', 'log-cut', ({ rows, lines }) => {
  const left = rows.slice(0, -1);
  const newest = lines.findLast((line) => line.startsWith('{"checkpoint"')) ?? '';
  return { rows: left, lines: proofOf(left, sealOrHandover).with(-1, newest) };
});
attack('tail-unsealed', 'entries after the last checkpoint', 'log-unsealed', ({ rows }) => {
  const more = [...rows, renumber(rows.at(-1) ?? '', size)];
  return {
    rows: more,
    lines: [...proofOf(rows, sealOrHandover).with(0, proofOf(more, sealOrHandover)[0] ?? ''), '{"listed":1}'],
  };
});
attack('checkpoint-missing', 'the newest checkpoint is missing', 'log-unsealed', ({ lines }) => ({
  lines: lines.filter((line, index) => !line.startsWith('{"checkpoint"') || index < lines.length - 3),
}));
attack('old-copy', 'an old copy of the log, which is intact alone', 'intact', ({ rows }) => oldCopy(rows));
attack(
  'old-copy-known',
  'an old copy of the log, while a newer head is known',
  'log-rolled-back',
  ({ rows }) => oldCopy(rows),
  { heads: ['log/cosigned-2.note'] },
);
attack('forked', 'another history, sealed by the true key, which is intact alone', 'intact', ({ rows }) =>
  fork(rows),
);
attack(
  'forked-known',
  'another history, while a head of the true one is known',
  'log-forked',
  ({ rows }) => fork(rows),
  { heads: firstHead },
);
attack(
  'resealed',
  'the first day was edited, and everything sealed by the newest key',
  'log-resealed',
  ({ rows }) => {
    const edited = rows.map((row, index) => (index < rotated ? edit(row) : row));
    return { rows: edited, lines: proofOf(edited, seal) };
  },
);
attack(
  'resealed-handovers',
  'the first day was edited, and the end sealed by the newest key',
  'log-altered',
  ({ rows }) => {
    const edited = rows.map((row, index) => (index < rotated ? edit(row) : row));
    return {
      rows: edited,
      lines: proofOf(edited, (part, index) =>
        index < size - 1 ? (trueHandovers.get(part.length) ?? '') : seal(part),
      ),
    };
  },
);
attack('handover-missing', 'nothing signs a key in', 'log-resealed', ({ lines }) => {
  const handover = lines.findIndex((line) => line.startsWith('{"checkpoint"'));
  return { lines: lines.toSpliced(handover, 1) };
});
attack('signature-altered', 'one bit of the signature differs', 'log-signature-invalid', ({ lines }) => ({
  lines: lines.map((line) => (line.startsWith('{"checkpoint"') ? alterSignature(line, 'log/') : line)),
}));
attack(
  'cosignature-altered',
  'the cosignature of a known witness is invalid',
  'log-signature-invalid',
  ({ lines }) => ({
    lines: withCosignature(lines, true),
  }),
  { keys },
);
attack(
  'cosignature-unknown',
  'a cosignature of a witness that is not known, which proves nothing',
  'intact',
  ({ lines }) => ({
    lines: withCosignature(lines, true),
  }),
);
attack('head-foreign', 'a head of another log', 'log-foreign', () => ({}), {
  heads: ['other/head.note'],
});
attack('origin-other', 'the proof names another log', 'log-foreign', ({ lines }) => ({
  lines: lines.with(0, (lines[0] ?? '').replace(/log\/[0-9a-f]{4}/, 'log/0000')),
}));
attack('training-other', 'a training log is offered as a real one', 'log-training-mismatch', ({ lines }) => ({
  lines: lines.with(0, (lines[0] ?? '').replace('"training":true', '"training":false')),
}));
attack('name-altered', 'another name for a person', 'log-name-altered', ({ lines }) => ({
  lines: lines.map((line) => line.replace('Ann Example', 'Eve Example')),
}));
const malformed: readonly (readonly [string, string, (files: Files) => Partial<Files>])[] = [
  [
    'entry-spaced',
    'an entry with white space',
    ({ rows }) => ({ rows: rows.with(3, (rows[3] ?? '').replace(':', ': ')) }),
  ],
  [
    'entry-unsorted',
    'an entry whose members are not sorted',
    ({ rows }) => ({
      rows: rows.with(3, (rows[3] ?? '').replace(/^\{("action":"[^"]*"),(.*)\}$/, '{$2,$1}')),
    }),
  ],
  [
    'entry-more',
    'an entry with a further member',
    ({ rows }) => ({ rows: rows.with(3, (rows[3] ?? '').replace(/\}$/, ',"z":1}')) }),
  ],
  [
    'key-twice-first',
    'a second first key',
    ({ rows }) => ({ rows: rows.with(rotated, (rows[rotated] ?? '').replace('rotated', 'first')) }),
  ],
  [
    'epoch-skipped',
    'an epoch is missing',
    ({ rows }) => ({ rows: rows.with(rotated, (rows[rotated] ?? '').replace(/"epoch":\d/, '"epoch":9')) }),
  ],
  [
    'line-unknown',
    'a line of the proof with an unknown member',
    ({ lines }) => ({ lines: lines.with(1, (lines[1] ?? '').replace('}', ',"x":1}')) }),
  ],
  [
    'format-other',
    'a proof of another format',
    ({ lines }) => ({ lines: lines.with(0, (lines[0] ?? '').replace('proof/1', 'proof/2')) }),
  ],
  [
    'listed-other',
    'the first line counts other entries',
    ({ lines }) => ({
      lines: lines.with(0, (lines[0] ?? '').replace(`"listed":${size}`, `"listed":${size - 1}`)),
    }),
  ],
  [
    'skipped-short',
    'skipped entries without all their hashes',
    ({ lines }) => ({ lines: lines.toSpliced(1, 0, `{"skipped":3,"hashes":["${'0'.repeat(64)}"]}`) }),
  ],
  [
    'checkpoint-extension',
    'a checkpoint with an extension line',
    ({ lines }) => ({ lines: lines.map((line) => line.replace('\\n\\n', '\\nextension\\n\\n')) }),
  ],
  [
    'checkpoint-twice-signed',
    'a note with two signatures of one key',
    ({ lines }) => ({ lines: lines.map((line) => line.replace(/(\u2014[^\u2014]*\\n)"\}$/, '$1$1"}')) }),
  ],
];
for (const [name, shows, change] of malformed) attack(name, shows, 'log-malformed', change);

// Heads and proofs of one entry. Each attack changes the text once.
const newest = 'log/head-2.json';
vector({ file: 'log/head-1.json', shows: 'the first head', verdict: 'intact' });
vector({ file: newest, heads: firstHead, keys, shows: 'a head that continues the first', verdict: 'intact' });
vector({ file: 'log/cosigned-2.note', heads: [newest], keys, shows: 'a cosigned head', verdict: 'intact' });
vector({ file: 'log/S1.tlog-proof', heads: [newest], shows: 'the proof of one entry', verdict: 'intact' });
vector({
  file: 'log/head-1.json',
  heads: ['log/cosigned-2.note'],
  shows: 'an old head, while a newer one is known',
  verdict: 'log-rolled-back',
});
vector({
  file: newest,
  heads: ['other/head.note'],
  shows: 'a head, while one of another log is known',
  verdict: 'log-foreign',
});

const hashLine = /"[A-Za-z0-9+/]{43}=",?/;
const zeroes = 'A'.repeat(43);
textAttack(
  'log/head-1.json',
  'head-inclusion',
  'another hash in an inclusion proof',
  'log-altered',
  [],
  (text) => text.replace(/(?<="inclusion": \[\s*")[A-Za-z0-9+/]{43}/, zeroes),
);
textAttack(
  'log/head-1.json',
  'head-handover',
  'the handover of another key',
  'log-signature-invalid',
  [],
  (text) =>
    text.replace(/(?<="handover": "[^"]*\u2014 \S+ .{30})./, (letter) => (letter === 'A' ? 'B' : 'A')),
);
textAttack('log/head-1.json', 'head-handover-missing', 'nothing signs a key in', 'log-altered', [], (text) =>
  text.replace(/,\s*"handover": "[^"]*"/, ''),
);
textAttack(
  'log/head-1.json',
  'head-signature',
  'one bit of the signature differs',
  'log-signature-invalid',
  [],
  (text) =>
    text.replace(/(?<="checkpoint": "[^"]*\u2014 \S+ .{30})./, (letter) => (letter === 'A' ? 'B' : 'A')),
);
textAttack(
  newest,
  'head-consistency',
  'another hash in the consistency proof',
  'log-forked',
  firstHead,
  (text) => text.replace(/(?<="proof": \[\s*")[A-Za-z0-9+/]{43}/, zeroes),
);
textAttack(
  newest,
  'head-consistency-short',
  'the consistency proof is too short',
  'log-forked',
  firstHead,
  (text) => text.replace(new RegExp(`(?<="proof": \\[\\s*)${hashLine.source}`), ''),
);
textAttack(newest, 'head-member', 'an unknown member', 'log-malformed', [], (text) =>
  text.replace('"keys"', '"x": 1, "keys"'),
);
textAttack(
  'log/S1.tlog-proof',
  'proof-index',
  'the proof names another index',
  'log-altered',
  [newest],
  (text) => text.replace(/index \d+/, 'index 0'),
);
textAttack(
  'log/S1.tlog-proof',
  'proof-hash',
  'a hash of the proof is missing',
  'log-altered',
  [newest],
  (text) => text.replace(/(?<=index \d+\n)[^\n]+\n/, ''),
);
textAttack(
  'log/S1.tlog-proof',
  'proof-root',
  'the checkpoint names another root',
  'log-signature-invalid',
  [newest],
  (text) => text.replace(/(?<=\n\d+\n)[^\n]{43}(?==\n\n\u2014)/, zeroes),
);

function textAttack(
  from: string,
  name: string,
  shows: string,
  verdict: string,
  known: readonly string[],
  change: (text: string) => string,
): void {
  const text = read(from);
  const altered = change(text);
  assert.notEqual(altered, text, name);
  const file = `refused/${name}${from.slice(from.indexOf('.'))}`;
  write(file, altered);
  vector({ file, heads: known, shows, verdict });
}

/** The log as the first introduction found it, sealed at its time. */
function oldCopy(rows: readonly string[]): Partial<Files> {
  const old = rows.slice(0, firstSize);
  return {
    rows: old,
    lines: proofOf(old, (part) => (part.length === firstSize ? first : sealOrHandover(part))),
  };
}

/** Another last day. */
function fork(rows: readonly string[]): Partial<Files> {
  const forked = rows.map((row, index) => (index > rotated ? row.replace('"free":0.5', '"free":0.7') : row));
  assert.notDeepEqual(forked, rows);
  return { rows: forked, lines: proofOf(forked, sealOrHandover) };
}

/** A line with a note, with one bit of a signature flipped. */
function alterSignature(line: string, name: string): string {
  return line.replace(
    new RegExp(`(\u2014 siteseal\\.invalid/${name}[0-9a-f]+ .{30})(.)`),
    (_, before: string, letter: string) => `${before}${letter === 'A' ? 'B' : 'A'}`,
  );
}

/** A proof with the checkpoint of the first introduction, cosigned, at its size. */
function withCosignature(lines: readonly string[], isAltered: boolean): string[] {
  let passed = 0;
  const result: string[] = [];
  for (const line of lines) {
    const { listed, format: isHeader } = JSON.parse(line) as { listed?: number; format?: string };
    const before = passed;
    if (listed !== undefined && isHeader === undefined) passed += listed;
    if (before < firstSize && passed > firstSize) {
      const note = JSON.stringify({ checkpoint: first });
      result.push(
        JSON.stringify({ listed: firstSize - before }),
        isAltered ? alterSignature(note, 'witness/') : note,
      );
      result.push(JSON.stringify({ listed: passed - firstSize }));
    } else result.push(line);
  }
  return result;
}

const settings = await resolveConfig(import.meta.filename);
write('vectors.json', await format(JSON.stringify(vectors), { ...settings, parser: 'json' }));
console.log(`${vectors.length} vectors, ${allEntries(laptop.opened.log).length} entries`);
