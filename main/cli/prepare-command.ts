import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  createCore,
  prepareBundles,
  RateMeter,
  unlockInventoryWith,
  unlockWith,
  type Core,
  type PrepareControls,
  type PrepareProgress,
  type PrepareReport,
} from '../core/index.ts';
import { visibleText, type Result } from '../faults/index.ts';
import { writeRegistrations } from '../training/index.ts';
import { counted, faultRecord, fill, warningSentence, words } from '../words/index.ts';
import { untilInterrupted } from './interrupt.ts';
import { endedWith, failed, firstLines, problemLines, type Outcome } from './outcome.ts';
import { readPassphrase, systemTerminal } from './terminal.ts';

interface Options {
  readonly profile: string;
  readonly out: string;
  readonly skipBad: boolean;
  readonly resume: boolean;
  readonly dryRun: boolean;
  readonly generateCredentials: boolean;
  readonly onlyChanged: boolean;
  readonly first?: number;
  readonly workers?: number;
  readonly corrections?: string;
  readonly inventoryKey?: string;
  readonly passphraseFile: readonly string[];
}

/** `siteseal prepare`. */
export async function prepare([inventory = '']: readonly string[], options: Options): Promise<Outcome> {
  const report = await withControls(options, (core, controls) =>
    prepareBundles(
      core,
      {
        inventory: resolve(inventory),
        profile: resolve(options.profile),
        out: resolve(options.out),
        skipBad: options.skipBad,
        resume: options.resume,
        dryRun: options.dryRun,
        generateCredentials: options.generateCredentials,
        onlyChanged: options.onlyChanged,
        ...(options.first !== undefined && { first: options.first }),
        ...(options.workers !== undefined && { workers: options.workers }),
        ...(options.corrections !== undefined && { corrections: resolve(options.corrections) }),
      },
      controls,
    ),
  );
  return report.ok
    ? toOutcome(report.value, summary(report.value, options), options.onlyChanged)
    : failed(report.fault, { made: 0, refused: 0, rows: [] });
}

type RegistrationsOptions = Pick<Options, 'profile' | 'out' | 'skipBad' | 'inventoryKey' | 'passphraseFile'>;

/** `siteseal lab registrations`. */
export async function labRegistrations(
  [inventory = '']: readonly string[],
  options: RegistrationsOptions,
): Promise<Outcome> {
  const file = resolve(options.out);
  const request = {
    inventory: resolve(inventory),
    profile: resolve(options.profile),
    skipBad: options.skipBad,
    file,
  };
  const report = await withControls(options, (core, controls) => writeRegistrations(core, request, controls));
  if (!report.ok) return failed(report.fault, { made: 0, refused: 0, rows: [] });
  const { made, refused, total } = report.value;
  const say = words.cli.prepare;
  const rows = counted(say.rows, total);
  const isWritten = refused === 0 || options.skipBad;
  const line = isWritten
    ? fill(words.cli.registrations.written, {
        registrations: counted(words.cli.registrations.count, made),
        file,
        refused,
        rows,
      })
    : fill(say.nothing, { refused, rows, report: '' });
  return toOutcome(report.value, line);
}

/** Runs a preparation. The first Ctrl-C stops it after the current row or bundle, the second at once. */
async function withControls(
  { inventoryKey, passphraseFile }: Pick<Options, 'inventoryKey' | 'passphraseFile'>,
  run: (core: Core, controls: PrepareControls) => Promise<Result<PrepareReport>>,
): Promise<Result<PrepareReport>> {
  const core = createCore();
  const terminal = systemTerminal();
  const pace = paceText();
  const passphraseOf = (owner: string, keyFile: string) => {
    const prompt = fill(words.cli.passphraseOf, { key: `${keyFile} (${owner})` });
    return Promise.resolve(readPassphrase(passphraseFileFor(owner, passphraseFile), prompt));
  };
  try {
    const report = await untilInterrupted((signal) =>
      run(core, {
        ...(inventoryKey !== undefined && {
          unlockInventory: unlockInventoryWith(resolve(inventoryKey), () =>
            passphraseOf('inventory', inventoryKey),
          ),
        }),
        ...unlockWith(core, passphraseOf),
        onProgress: (progress) => terminal.progress(pace(progress)),
        signal,
      }),
    );
    terminal.endProgress();
    return report;
  } finally {
    core.stores.close();
  }
}

/**
 * `VENDOR=FILE` is for that vendor's key, `inventory=FILE` for the inventory's, `FILE` for all others. A file name may
 * contain an equals sign.
 */
function passphraseFileFor(owner: string, files: readonly string[]): string | undefined {
  const own = files.find((file) => file.startsWith(`${owner}=`));
  if (own !== undefined) return resolve(own.slice(owner.length + 1));
  const general = files.find((file) => !file.includes('=') || existsSync(file));
  return general === undefined ? undefined : resolve(general);
}

/** Puts how far a run is, how fast and with how many problems into words. */
function paceText(): (progress: PrepareProgress) => string {
  let [meter, measured]: readonly [RateMeter, PrepareProgress['phase']] = [new RateMeter(), 'checking'];
  return ({ phase, done, total, refused }) => {
    const say = words.cli.prepare;
    if (phase !== measured) [meter, measured] = [new RateMeter(), phase];
    meter.note(performance.now(), done);
    const rate = meter.perSecond() ?? 0;
    const doneOf = fill(say[phase], { done, total });
    const left = clockTime((total - done) / rate);
    const said = rate >= 1 ? fill(say.pace, { said: doneOf, rate: Math.round(rate), left }) : doneOf;
    return refused > 0 ? fill(say.paceAndProblems, { said, problems: counted(say.problems, refused) }) : said;
  };
}

/** Such as 1:05 for 65 seconds. */
function clockTime(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

function toOutcome(report: PrepareReport, summary: string, isCompared = false): Outcome {
  const { made, refused, rows, changed, unchanged, registrations, warnings, stoppedBy } = report;
  const document = {
    made,
    refused,
    ...(isCompared && { changed, unchanged }),
    rows: rows.map(({ contents: _, value: __, fault: one, warnings: about, ...row }) => ({
      ...row,
      ...(one && { fault: faultRecord(one) }),
      ...(about && { warnings: about.map(({ code }) => code) }),
    })),
    ...(registrations && { registrations }),
    ...(warnings.length > 0 && {
      warnings: warnings.map((one) => ({ ...one, message: warningSentence(one) })),
    }),
  };
  const bad = rows.flatMap(({ fault }) => fault ?? []);
  const lines = [
    ...problemLines(bad, refused),
    ...firstLines(
      rows.filter(({ differences }) => differences),
      changed,
      changeLine,
    ),
    ...warnings.map((one) => fill(words.cli.prepare.warning, { ...one, message: warningSentence(one) })),
    ...(registrations ?? []).map((file) => fill(words.cli.prepare.registration, { file })),
    summary,
  ];
  return endedWith({ document, lines, problems: bad, stoppedBy });
}

/** Such as "AR1000041 (S00042): backhaul.vlan 100 -> 200". */
function changeLine({ serialNumber, siteId, differences = [] }: PrepareReport['rows'][number]): string {
  const say = words.cli.prepare;
  const shown = (value = '') => (value === '' ? say.absent : visibleText(value));
  const changes = differences.map(({ field, before, after }) =>
    fill(say.difference, { field, before: shown(before), after: shown(after) }),
  );
  return fill(say.change, {
    serial: serialNumber,
    site: visibleText(siteId),
    changes: changes.length === 0 ? words.cli.unknownBefore : changes.join(', '),
  });
}

function summary(report: PrepareReport, options: Options): string {
  const { unchanged } = report;
  const sentence = outcomeSentence(report, options);
  return unchanged > 0 ? `${sentence} ${counted(words.cli.prepare.unchanged, unchanged)}` : sentence;
}

function outcomeSentence(
  { made, refused, total, unchanged, stoppedBy }: PrepareReport,
  { out, dryRun, skipBad }: Options,
): string {
  const report = join(out, 'report.csv');
  const isThere = existsSync(report); // the disk may be full
  const say = words.cli.prepare;
  const rows = counted(say.rows, total);
  if (dryRun) return fill(say.checked, { rows, refused });
  if (refused > 0 && !skipBad) {
    const where = isThere ? fill(say.fixIn, { file: report }) : '';
    return fill(made > 0 ? say.nothingMore : say.nothing, { refused, rows, report: where });
  }
  const where = isThere ? fill(say.see, { file: report }) : '';
  const bundles = counted(say.bundles, made);
  const sentence = fill(say.made, { bundles, folder: `${out}/bundles`, refused, rows, report: where });
  const left = total - refused - unchanged - made;
  return left > 0 && !stoppedBy ? `${sentence} ${counted(say.left, left)}` : sentence;
}
