import { spawn } from 'node:child_process';
import { availableParallelism, tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { systemSurroundings } from '../core/index.ts';
import { fault } from '../faults/index.ts';
import {
  caseNames,
  checkRequirements,
  formNames,
  inNamespaces,
  runLab,
  type LabRunReport,
  type SceneReport,
} from '../lab-run/index.ts';
import { ipsecKinds, type IpsecKind } from '../training/index.ts';
import { fill, words } from '../words/index.ts';
import { isFromSource } from './form.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { print, visibleLines } from './terminal.ts';

export { caseNames, formNames };
/** The values of `--ipsec`. */
export const runKinds = ipsecKinds;

const say = words.cli.labRun;

interface LabRunOptions {
  readonly ipsec: IpsecKind;
  readonly form: readonly string[];
  readonly case: readonly string[];
  readonly evidence?: string;
  readonly json?: boolean;
  /** Whether this process is in the namespaces already. */
  readonly inside?: boolean;
}

/** How long the run may take to end on request, in milliseconds. */
const endPatience = 15_000;
/** Scenes wait more than they compute. */
const scenesPerProcessor = 1.5;

/**
 * `siteseal lab run`. The command runs itself again in separate namespaces, which end with it. Its standard input there is
 * a pipe from here: when this process ends, whatever ends it, the run ends too.
 */
export async function labRun(_args: readonly string[], options: LabRunOptions): Promise<Outcome> {
  if (!isFromSource) return failed(fault('lab-run-packaged'));
  if (options.inside) return runInside(options);
  const isRoot = process.getuid?.() === 0;
  const path = pathWithSystemPrograms();
  const checked = checkRequirements(options.ipsec, { path, isRoot });
  if (!checked.ok) return failed(checked.fault);
  const again = [...sitesealCommand(), ...process.argv.slice(2), '--inside'];
  const [program, ...rest] = inNamespaces(isRoot, again);
  const child = spawn(program, rest, {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...environment(), PATH: path },
    detached: true, // Ctrl-C reaches this process alone, which then ends the run.
  });
  const end = () => {
    child.stdin.end();
    setTimeout(() => child.kill('SIGKILL'), endPatience).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  const code = await new Promise<number | null>((ended) => {
    child.once('error', () => ended(null));
    child.once('close', ended);
  });
  // The run has printed its document and its lines.
  return { document: undefined, lines: [], exitCode: code ?? 3 };
}

async function runInside({
  ipsec: kind,
  form,
  case: cases,
  evidence,
  json = false,
}: LabRunOptions): Promise<Outcome> {
  const stop = new AbortController();
  process.stdin.resume().once('end', () => stop.abort());
  const isChosen = form.length + cases.length > 0;
  const tell = (line: string) => {
    if (json) process.stderr.write(visibleLines([line]));
    else print(visibleLines([line]));
  };
  process.stderr.write(visibleLines([say.starting]));
  const folder = evidence === undefined ? undefined : resolve(evidence);
  const ran = await runLab(
    {
      kind,
      forms: isChosen ? form : formNames,
      cases: isChosen ? cases : caseNames,
      evidence: folder,
      temporary: tmpdir(),
      siteseal: sitesealCommand(),
      env: environment(),
      lanes: Math.max(1, Math.floor(availableParallelism() * scenesPerProcessor)),
    },
    {
      now: systemSurroundings().now,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'ended') for (const line of linesOf(event.report)) tell(line);
        else process.stderr.write(visibleLines([progressOf(event.scene, event.shown)]));
      },
    },
  );
  process.stdin.destroy();
  if (!ran.ok) return failed(ran.fault);
  const { scenes, leftOut, asExpected } = ran.value;
  const total = fill(say.total, { asExpected, total: scenes.length });
  const lines = [
    ...(leftOut.length === 0 ? [] : [fill(textOf(say.leftOut, kind), { names: leftOut.join(', ') })]),
    ...(folder === undefined ? [] : [fill(say.evidence, { folder })]),
    total,
  ];
  const document = documentOf(kind, ran.value, folder);
  // The last line is the total, whatever is printed.
  if (json) process.stderr.write(visibleLines(lines));
  if (asExpected === scenes.length) return done(document, lines);
  const outcome = failed(fault('lab-unexpected'), document);
  return { ...outcome, lines: [...outcome.lines, ...lines] };
}

function documentOf(
  ipsec: IpsecKind,
  { scenes, leftOut, asExpected, milliseconds }: LabRunReport,
  evidence?: string,
) {
  const of = (wanted: SceneReport['kind']) =>
    scenes.filter(({ kind }) => kind === wanted).map(({ kind: _, ...rest }) => rest);
  return {
    ...{ ipsec, asExpected, of: scenes.length, milliseconds, forms: of('form'), cases: of('case') },
    leftOut,
    ...(evidence !== undefined && { evidence }),
  };
}

type Texts = Readonly<Record<string, string>>;

function textOf(texts: Texts, name: string): string {
  return texts[name] ?? name;
}

function progressOf(scene: string, { what, milliseconds }: SceneReport['shown'][number]): string {
  return fill(say.progress, { scene, what: textOf(say.actions, what), milliseconds });
}

/** A scene that has ended: a form with all that it has shown, a case in one line. */
function linesOf(report: SceneReport): readonly string[] {
  const { name, kind, shown, captures, isAsExpected, expected, found, action, detail } = report;
  const title = textOf(say.scenes, name);
  const seconds = (report.milliseconds / 1000).toFixed(1);
  if (isAsExpected && kind === 'case') return [fill(say.case, { title, fault: found ?? '', seconds })];
  const head = isAsExpected
    ? fill(say.form, { title, seconds })
    : fill(say.wrong, {
        ...{ title, seconds, expected: expected ?? say.noFault, action: textOf(say.actions, action) },
        found: [found ?? say.noFault, ...(detail === undefined ? [] : [detail])].join(': '),
      });
  return [
    head,
    ...shown.map(({ what, milliseconds }) =>
      fill(say.shown, { what: textOf(say.actions, what), milliseconds }),
    ),
    ...captures.map((one) =>
      fill(one.isAsExpected ? say.capture : say.wrongCapture, {
        what: fill(say.captures[one.name], { packets: one.packets }),
      }),
    ),
  ];
}

/** This command, to run again with other arguments. */
function sitesealCommand(): readonly [string, ...string[]] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
}

/** Programs for administrators are often not on the path of others. */
function pathWithSystemPrograms(): string {
  return [environment()['PATH'] ?? '', '/usr/sbin', '/sbin'].join(':');
}

/** What the parts of the lab need of the environment. */
function environment(): Readonly<Record<string, string>> {
  const names = ['PATH', 'HOME', 'NODE_COMPILE_CACHE', 'LANG', 'LC_ALL', 'LC_MESSAGES', 'TMPDIR'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
