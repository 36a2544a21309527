import { resolve } from 'node:path';
import {
  makePack,
  openOffice,
  openPack,
  readSmallFile,
  readRoots,
  trustOf,
  verifyPack,
  type PackControls,
} from '../core/index.ts';
import { ok, refuse, stopFault, type Fault, type Result } from '../faults/index.ts';
import { faultRecord, faultSentence, fill, words } from '../words/index.ts';
import { untilInterrupted } from './interrupt.ts';
import { done, exitCodeOf, failed, firstLines, type Outcome } from './outcome.ts';
import { passphraseOf, systemTerminal } from './terminal.ts';
import { trustFiles, type TrustOptions } from './trust-options.ts';
import { withCore } from './with-log.ts';

const say = words.cli.pack;

/** How often the progress is drawn, and others get a turn, in milliseconds. */
const slice = 50;

/** Runs work on a pack, with its progress, until Ctrl-C. */
async function withProgress<Value>(run: (controls: PackControls) => Promise<Value>): Promise<Value> {
  const terminal = systemTerminal();
  try {
    return await untilInterrupted((signal) => {
      let last = 0;
      const pause = async (done: number, total: number) => {
        const now = performance.now();
        if (now - last < slice) return undefined;
        last = now;
        terminal.progress(fill(say.progress, { percent: Math.floor((100 * done) / total) }));
        await new Promise((resume) => setImmediate(resume));
        return signal.aborted ? stopFault(signal) : undefined;
      };
      return run({ pause });
    });
  } finally {
    terminal.endProgress();
  }
}

interface MakeOptions {
  readonly profile: string;
  readonly out: string;
  readonly expires?: Date;
  readonly list?: string;
  readonly passphraseFile?: string;
}

/** `siteseal pack make` */
export function packMake(paths: readonly string[], options: MakeOptions): Promise<Outcome> {
  const { profile, expires, list, passphraseFile } = options;
  const out = resolve(options.out);
  return withCore(async (core) => {
    const names = list === undefined ? ok(undefined) : readList(resolve(list));
    if (!names.ok) return failed(names.fault);
    const opened = await openOffice(core, resolve(profile), passphraseOf(passphraseFile));
    if (!opened.ok) return failed(opened.fault);
    const request = {
      ...{ ...opened.value, out, paths: paths.map((path) => resolve(path)) },
      ...(expires && { expires }),
      ...(names.value && { names: names.value }),
    };
    const made = await withProgress((controls) => makePack(core, request, controls));
    if (!made.ok) return failed(made.fault);
    const { packId, bundles, expires: end } = made.value;
    return done({ pack: out, packId, bundles, expires: end }, [
      fill(say.made, { bundles, out, expires: end }),
    ]);
  });
}

const maximumList = 64 * 1024 * 1024;

/** The serial numbers or site ids of a list: the first cell of each line, without blank lines and those that begin with #. */
function readList(file: string): Result<ReadonlySet<string>> {
  const bytes = readSmallFile(file, maximumList);
  if (!bytes.ok) return bytes;
  const cells = bytes.value
    .toString()
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .map((line) => (line.split(/[,;\t]/)[0] ?? '').trim().replace(/^"(.*)"$/, '$1'));
  const names = cells.filter(
    (cell) => cell !== '' && !cell.startsWith('#') && !columns.has(cell.toLowerCase()),
  );
  return names.length > 0 ? ok(new Set(names)) : refuse('pack-empty', { where: { file } });
}

/** What the first line of a list may be. */
const columns: ReadonlySet<string> = new Set(['enb_serial', 'site_id']);

/** `siteseal pack open` */
export function packOpen([file = '']: readonly string[]): Promise<Outcome> {
  return withCore(async (core) => {
    const opened = await withProgress((controls) => openPack(core, resolve(file), controls));
    if (!opened.ok) return failed(opened.fault);
    const { added, known, refused, superseded, ...about } = opened.value;
    const { operator, expires } = about;
    const counts = { added: added.length, known, refused: refused.length };
    return withRefused(
      { ...about, ...counts, superseded },
      [fill(say.opened, { operator, expires, ...counts })],
      refused,
    );
  });
}

interface VerifyOptions extends TrustOptions {
  readonly operatorRoot: readonly string[];
}

/** `siteseal pack verify`. The core opens no store. */
export function packVerify([file = '']: readonly string[], options: VerifyOptions): Promise<Outcome> {
  return withCore(async (core) => {
    const operatorRoots = readRoots(options.operatorRoot.map((one) => resolve(one)));
    if (!operatorRoots.ok) return failed(operatorRoots.fault, { valid: false });
    const trust = trustOf(core, trustFiles(options));
    if (!trust.ok) return failed(trust.fault, { valid: false });
    const request = { file: resolve(file), operatorRoots: operatorRoots.value, trust: trust.value };
    const verified = await withProgress((controls) => verifyPack(request, controls));
    if (!verified.ok) return failed(verified.fault, { valid: false });
    const { refused, ...about } = verified.value;
    const { operator, bundles, expires } = about;
    const valid = refused.length === 0;
    const lines = [fill(say.verified, { operator, bundles, expires, refused: refused.length })];
    return withRefused({ valid, ...about }, lines, refused);
  });
}

/** The outcome of work on a pack of which some bundles were refused: all in the document, by cause on the terminal. */
function withRefused(
  document: object,
  lines: readonly string[],
  refused: readonly { readonly name: string; readonly fault: Fault }[],
): Outcome {
  const refusals = refused.map(({ name, fault }) => ({ name, fault: faultRecord(fault) }));
  const [first] = refused;
  const all = { ...document, refusals };
  if (!first) return done(all, lines);
  const causes = [
    ...Map.groupBy(refused, ({ fault: { where: _, ...cause } }) => JSON.stringify(cause)).values(),
  ];
  const byCause = causes.flatMap(([one, ...others]) => (one ? [{ ...one, count: others.length + 1 }] : []));
  const shown = firstLines(byCause, byCause.length, ({ fault, count, name }) =>
    fill(say.refused, { count, code: fault.code, sentence: faultSentence(fault), name }),
  );
  return { document: all, lines: [...lines, ...shown], exitCode: exitCodeOf(first.fault) };
}
