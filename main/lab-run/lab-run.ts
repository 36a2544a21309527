import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { ok, refuse, type Fault, type Result } from '../faults/index.ts';
import { makeFolder, systemErrorCode } from '../files/index.ts';
import type { IpsecKind } from '../lab/index.ts';
import type { CaptureFinding } from './captures.ts';
import { evidenceReadme } from './evidence-readme.ts';
import { gatewayNames, LabFiles } from './lab-files.ts';
import { Processes } from './processes.ts';
import { ScenePlay, type SceneEnd, type Shown, type Stage } from './scene-run.ts';
import { caseScenes, formScenes, sceneWith, type Scene } from './scenes.ts';

/** What to run, and with what. */
export interface LabRunRequest {
  readonly kind: IpsecKind;
  /** Names of scenes. */
  readonly forms: readonly string[];
  readonly cases: readonly string[];
  /** A new or empty folder for captures, logs and certificates. */
  readonly evidence: string | undefined;
  /** For everything that is not evidence. Deleted at the end. */
  readonly temporary: string;
  /** The command in front of the arguments of `siteseal`. */
  readonly siteseal: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How many scenes play at a time. */
  readonly lanes: number;
}

/** The surroundings of a run. */
export interface LabRunSurroundings {
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly onEvent: (event: LabRunEvent) => void;
}

/** Progress of a scene. */
export type LabRunEvent =
  | { readonly kind: 'shown'; readonly scene: string; readonly shown: Shown }
  | { readonly kind: 'ended'; readonly report: SceneReport };

/** The result of a scene. */
export interface SceneReport {
  readonly name: string;
  readonly kind: 'form' | 'case';
  readonly isAsExpected: boolean;
  readonly milliseconds: number;
  readonly shown: readonly Shown[];
  /** The last thing that happened. */
  readonly action: string;
  /** How it had to end, and how it ended. Undefined: without a fault. */
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  readonly detail?: string | undefined;
  readonly captures: readonly CaptureFinding[];
}

/** The result of a run. */
export interface LabRunReport {
  readonly scenes: readonly SceneReport[];
  /** The names of those that show nothing with this kind of IPsec. */
  readonly leftOut: readonly string[];
  readonly asExpected: number;
  readonly milliseconds: number;
}

/** The names of all forms and cases. */
export const formNames = formScenes.map(({ name }) => name);
export const caseNames = caseScenes.map(({ name }) => name);

/**
 * Plays forms and cases, each from nothing, in network namespaces of this process's own `/run/netns`. Refuses if a part of
 * the lab cannot start, or the signal is aborted.
 */
export async function runLab(
  request: LabRunRequest,
  { now, signal, onEvent }: LabRunSurroundings,
): Promise<Result<LabRunReport>> {
  const start = performance.now();
  const wanted = [...formScenes, ...caseScenes].filter(({ name }) =>
    [...request.forms, ...request.cases].includes(name),
  );
  const scenes = wanted.flatMap((scene) => sceneWith(request.kind, scene) ?? []);
  const leftOut = wanted
    .map(({ name }) => name)
    .filter((name) => !scenes.some((scene) => scene.name === name));
  const folder = openFolders(request);
  if (!folder.ok) return folder;
  try {
    const { kind, siteseal, env } = request;
    const files = new LabFiles(folder.value);
    const passphrase = randomBytes(16).toString('hex');
    const stage: Stage = { kind, files, siteseal, passphrase, env, now, signal };
    const made = await makeAuthorities(stage, scenes);
    if (!made.ok) return made;
    const queue = scenes.entries();
    const reports: SceneReport[] = [];
    let problem: Fault | undefined;
    const lane = async () => {
      for (const [index, scene] of queue) {
        if (problem) return;
        const report = await playScene(scene, stage, serialNumberOf(index), onEvent);
        if (!report.ok) problem = report.fault;
        else {
          reports[index] = report.value;
          onEvent({ kind: 'ended', report: report.value });
        }
      }
    };
    // All of them, because the folder goes at the end: none may still write into it.
    const ended = await Promise.allSettled(Array.from({ length: request.lanes }, lane));
    if (signal.aborted) return refuse('cancelled');
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
    if (request.evidence !== undefined) keepEvidence(folder.value, request.evidence, scenes);
    if (problem) return { ok: false, fault: problem };
    const asExpected = reports.filter(({ isAsExpected }) => isAsExpected).length;
    return ok({ scenes: reports, leftOut, asExpected, milliseconds: Math.round(performance.now() - start) });
  } catch (error) {
    if (signal.aborted) return refuse('cancelled');
    throw error;
  } finally {
    rmSync(folder.value, { recursive: true, force: true });
  }
}

function serialNumberOf(index: number): string {
  return `LAB${String(index + 1).padStart(4, '0')}`;
}

function openFolders({ temporary, evidence }: LabRunRequest): Result<string> {
  try {
    if (evidence !== undefined) {
      makeFolder(evidence, 0o700);
      if (readdirSync(evidence).length > 0) return refuse('output-not-empty', { where: { file: evidence } });
    }
    // Its path is part of those of Unix sockets, which must be short.
    return ok(mkdtempSync(join(temporary, 'siteseal-lab-')));
  } catch (error) {
    return refuse('output-unwritable', {
      where: { file: evidence ?? temporary },
      found: systemErrorCode(error),
    });
  }
}

/** Makes the vendors and operators with their commands. */
async function makeAuthorities(stage: Stage, scenes: readonly Scene[]): Promise<Result<void>> {
  const { files, siteseal, env, passphrase, signal } = stage;
  const logs = join(files.folder, 'logs');
  makeFolder(logs);
  const processes = new Processes(logs, { ...env, SITESEAL_PASSPHRASE: passphrase }, signal);
  const enbs = scenes.flatMap(({ enb = {} }, index) => [
    enb.isRevoked ? '--revoke' : '--enb',
    serialNumberOf(index),
  ]);
  const { seg1, seg2, expired } = gatewayNames;
  const gateways = ['--seg', seg1, '--seg', seg2, '--expired', expired];
  const make = async (name: string, ...args: readonly string[]): Promise<Result<void>> => {
    const { code, stderr } = await processes.run({ name, command: [...siteseal, 'lab', ...args] });
    return code === 0
      ? ok(undefined)
      : refuse('lab-part-failed', { found: `${name}: ${stderr.trim().slice(-300)}` });
  };
  const first = await Promise.all([
    make('operator', 'operator', '--out', files.operator, ...gateways),
    make('other-operator', 'operator', '--out', files.otherOperator, '--name', 'Other Operator'),
    make('other-vendor', 'vendor', '--out', files.otherVendor, '--name', 'Other Vendor'),
  ]);
  const failed = first.find(({ ok }) => !ok);
  if (failed) return failed;
  const certify = ['--certify', join(files.operator, 'configuration-public.pem')];
  return make('vendor', 'vendor', '--out', files.vendor, ...enbs, ...certify);
}

async function playScene(
  scene: Scene,
  stage: Stage,
  serialNumber: string,
  onEvent: LabRunSurroundings['onEvent'],
): Promise<Result<SceneReport>> {
  const start = performance.now();
  const shown: Shown[] = [];
  const play = new ScenePlay(scene, stage, serialNumber);
  const end = await play.play((one) => {
    shown.push(one);
    onEvent({ kind: 'shown', scene: scene.name, shown: one });
  });
  if (!end.ok) return end;
  const captures = await play.judgeCaptures();
  const { action, fault: found, detail } = end.value;
  const isLast = action === scene.actions.at(-1);
  return ok({
    ...{ name: scene.name, kind: formNames.includes(scene.name) ? 'form' : 'case', shown, action },
    ...{ expected: scene.ends?.code, found, detail, captures },
    isAsExpected: isLast && isEnd(scene, end.value) && captures.every((one) => one.isAsExpected),
    milliseconds: Math.round(performance.now() - start),
  });
}

/** Whether a scene has ended as it must. The detail of a step's fault starts with its rule. */
function isEnd({ ends }: Scene, { fault: found, detail = '' }: SceneEnd): boolean {
  return found === ends?.code && (ends?.rule === undefined || detail.split(': ').includes(ends.rule));
}

/** What is kept of a scene: nothing with a key or a secret in it. */
const kept = ['logs', 'captures', 'certificates', 'sas', 'receipts'];

function keepEvidence(folder: string, evidence: string, scenes: readonly Scene[]): void {
  const copy = (from: string, to: string) => {
    if (existsSync(join(folder, from))) cpSync(join(folder, from), join(evidence, to), { recursive: true });
  };
  for (const { name } of scenes) {
    for (const part of kept) copy(join(name, part), join(name, part));
    for (const part of ['seg1', 'seg2'])
      copy(join(name, part, 'charon.log'), join(name, 'logs', `${part}-charon.log`));
    copy(join(name, 'enb', 'ipsec', 'charon.log'), join(name, 'logs', 'enb-charon.log'));
  }
  for (const authority of ['operator', 'vendor', 'other-operator', 'other-vendor']) {
    makeFolder(join(evidence, 'certificates', authority));
    for (const file of readdirSync(join(folder, authority)))
      if (/\.(pem|crl)$/.test(file)) copy(join(authority, file), join('certificates', authority, file));
  }
  writeFileSync(join(evidence, 'README.txt'), evidenceReadme);
}
