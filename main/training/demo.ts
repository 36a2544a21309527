import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withSession } from '../device/index.ts';
import { ok, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { checkSentence, faultSentence, fill, words } from '../words/index.ts';
import { makeFolder, systemErrorCode } from '../files/index.ts';
import type { EnbIdentity } from '../pki/index.ts';
import {
  connectionTo,
  createCore,
  deliverFile,
  prepareBundles,
  unlockWith,
  type Core,
  type EnbAddress,
  type Surroundings,
} from '../core/index.ts';
import { startLabEnb, type RunningLabEnb } from './lab-enb.ts';
import { labOperator, makeLabOperator, type LabOperator } from './lab-operator.ts';

/** What the demonstration showed. */
export interface DemoReport {
  readonly bundle: string;
  readonly receipt: string;
  /** The fault codes of the three refused attempts. */
  readonly refusals: readonly string[];
}

/**
 * The main job from end to end, with its own lab in the training store: prepare, deliver, receipt, then three attempts
 * that must be refused. `say` receives the story, line by line.
 */
export async function runDemo(
  surroundings: Surroundings,
  say: (line: string) => void,
): Promise<Result<DemoReport>> {
  const core = createCore(surroundings);
  const { stores } = core;
  const claimed = stores.claim();
  if (!claimed.ok) return claimed;
  const folder = join(stores.folder(true), 'demo');
  try {
    rmSync(folder, { recursive: true, force: true });
    makeFolder(folder, 0o700);
  } catch (error) {
    return refuse('output-unwritable', { where: { file: folder }, found: systemErrorCode(error) });
  }
  const running: RunningLabEnb[] = [];
  try {
    const lab = await DemoLab.make(folder, core, running);
    if (!lab.ok) return lab;
    return await tell(lab.value, (part, values = {}) => {
      for (const line of words.demo[part]) say(fill(line, values));
    });
  } finally {
    for (const enb of running) await enb.close();
    stores.close();
  }
}

/** Reports one part of the story, with its values. */
type Say = (
  part: Exclude<keyof typeof words.demo, 'notRefused'>,
  values?: Readonly<Record<string, string | number>>,
) => void;

/** Runs the story. Any part with an unexpected result stops it. */
async function tell(lab: DemoLab, say: Say): Promise<Result<DemoReport>> {
  const [first] = lab.enbs;
  say('lab');
  say('office');
  const prepared = await lab.prepare('first');
  if (!prepared.ok) return prepared;
  say('prepared', { count: prepared.value });
  say('site', { serialNumber: first.serialNumber });
  const address = await lab.start(first);
  if (!address.ok) return address;
  const bundle = lab.bundle('first', first);
  const delivered = await lab.deliver(bundle, address.value);
  if (!delivered.ok) return delivered;
  const { verdict, receipt, fault } = delivered.value;
  if (fault || !receipt) return fault ? refused(fault) : refuse('internal-error');
  say('delivered');
  for (const { ok, code } of verdict?.checks ?? []) if (ok) say('check', { check: checkSentence(code) });
  say('receipt', { file: receipt });
  const refusals = await tellRefusals(lab, address.value, say);
  return refusals.ok ? ok({ bundle, receipt, refusals: refusals.value }) : refusals;
}

async function tellRefusals(lab: DemoLab, address: EnbAddress, say: Say): Promise<Result<string[]>> {
  const [first, second] = lab.enbs;
  const codes: string[] = [];
  const tellRefusal = (who: 'notSent' | 'refused', reason: Fault | undefined) => {
    codes.push(reason?.code ?? 'accepted');
    say(who, { reason: reason ? faultSentence(reason) : words.demo.notRefused });
  };
  say('refusals');
  say('wrong', { serialNumber: second.serialNumber });
  const wrong = await lab.deliver(lab.bundle('first', second), address);
  if (!wrong.ok) return wrong;
  tellRefusal('notSent', wrong.value.fault);

  say('tampered');
  const tampered = readFileSync(lab.bundle('first', first));
  tampered[200] = (tampered[200] ?? 0) ^ 1;
  const verdict = await lab.sendUnchecked(tampered, address);
  if (!verdict.ok) return verdict;
  tellRefusal('refused', verdict.value);

  say('old');
  const again = await lab.prepare('second');
  if (!again.ok) return again;
  const newer = await lab.deliver(lab.bundle('second', first), address);
  if (!newer.ok) return newer;
  if (newer.value.fault) return refused(newer.value.fault);
  const old = await lab.deliver(lab.bundle('first', first), address);
  if (!old.ok) return old;
  tellRefusal('notSent', old.value.fault);
  return ok(codes);
}

/** The lab of the demonstration: its files, its eNBs, and the actions on them. */
class DemoLab {
  readonly #core: Core;
  readonly #running: RunningLabEnb[];
  readonly #operator: LabOperator;
  readonly #passphrase = randomBytes(16).toString('hex');

  private constructor(folder: string, core: Core, running: RunningLabEnb[]) {
    this.#core = core;
    this.#running = running;
    this.#operator = labOperator(folder, ['LAB0001', 'LAB0002']);
  }

  /** Makes the files of the lab in the folder. */
  static async make(folder: string, core: Core, running: RunningLabEnb[]): Promise<Result<DemoLab>> {
    const lab = new DemoLab(folder, core, running);
    const made = await makeLabOperator(lab.#operator, core.surroundings.now(), lab.#passphrase);
    return made.ok ? ok(lab) : made;
  }

  /** The eNB that is connected, and the other. */
  get enbs(): readonly [EnbIdentity, EnbIdentity] {
    const [first, second] = this.#operator.enbs;
    if (!first || !second) throw new Error('The lab lacks one of its two eNBs');
    return [first, second];
  }

  bundle(run: string, { serialNumber }: EnbIdentity): string {
    return join(this.#operator.folder, run, 'bundles', `${serialNumber}.p7m`);
  }

  /** Returns the number of bundles made. */
  async prepare(run: string): Promise<Result<number>> {
    const { folder, inventory, profile } = this.#operator;
    const report = await prepareBundles(
      this.#core,
      { inventory, profile, out: join(folder, run), skipBad: false, resume: false, dryRun: false },
      {
        unlock: unlockWith(this.#core, () => Promise.resolve(ok(Buffer.from(this.#passphrase)))),
        onProgress: () => undefined,
        signal: new AbortController().signal,
      },
    );
    if (!report.ok) return report;
    const bad = report.value.rows.find((row) => row.fault)?.fault;
    return bad ? refused(bad) : ok(report.value.made);
  }

  /** Starts an eNB with its factory data, on a port of this computer. */
  async start(enb: EnbIdentity): Promise<Result<EnbAddress>> {
    const running = await startLabEnb(this.#operator.enbRequest(enb), this.#core.surroundings, () =>
      Promise.resolve(ok(undefined)),
    );
    if (!running.ok) return running;
    this.#running.push(running.value);
    const trust = { roots: [this.#operator.vendorRoot], untrusted: [], crls: [] };
    return ok({ ethernet: `127.0.0.1:${running.value.port}`, trust });
  }

  deliver(bundle: string, address: EnbAddress) {
    const out = join(this.#operator.folder, 'receipts');
    return deliverFile(this.#core, bundle, address, () => undefined, out);
  }

  /**
   * Sends a bundle without checking it first, as a tool other than Siteseal might. Returns the first check that fails.
   */
  async sendUnchecked(bundle: Uint8Array, address: EnbAddress): Promise<Result<Fault | undefined>> {
    const connection = connectionTo(this.#core, address);
    if (!connection.ok) return connection;
    const { transport, trust } = connection.value;
    const verdict = await withSession(transport, trust, undefined, (session) => session.putBundle(bundle));
    if (!verdict.ok) return verdict;
    const failed = verdict.value.checks.find((check) => check.ok === false);
    return ok(failed && { code: failed.code });
  }
}
