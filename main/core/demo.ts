import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withSession } from '../device/index.ts';
import {
  checkSentence,
  faultSentence,
  ok,
  refuse,
  refused,
  type Fault,
  type Result,
} from '../faults/index.ts';
import { makeFolder, systemErrorCode } from '../files/index.ts';
import { exactly, type EnbIdentity } from '../pki/index.ts';
import { Core, type EnbAddress } from './core.ts';
import { transportFor } from './enb-way.ts';
import { startLabEnb, type RunningLabEnb } from './lab-enb.ts';
import { labOperator, makeLabOperator, type LabOperator } from './lab-operator.ts';
import { Stores } from './stores.ts';
import type { Surroundings } from './surroundings.ts';
import { readTrust } from './trust-files.ts';

/** What the demonstration showed. */
export interface DemoReport {
  readonly bundle: string;
  readonly receipt: string;
  /** The codes with which the three attempts were refused. */
  readonly refusals: readonly string[];
}

/**
 * The main job from end to end, with a lab of its own in the training store: prepare, deliver, receipt, then three
 * attempts that must be refused. `say` gets the story, line by line.
 */
export async function runDemo(
  surroundings: Surroundings,
  say: (line: string) => void,
): Promise<Result<DemoReport>> {
  const stores = new Stores(surroundings);
  const claimed = stores.claim();
  if (!claimed.ok) return claimed;
  const folder = join(stores.folder(true), 'demo');
  try {
    rmSync(folder, { recursive: true, force: true });
    makeFolder(folder, 0o700);
  } catch (error) {
    return refuse('output-unwritable', { where: { file: folder }, found: systemErrorCode(error) });
  }
  const core = new Core(surroundings);
  const running: RunningLabEnb[] = [];
  try {
    return await tell(await DemoLab.make(folder, surroundings, core, running), say);
  } finally {
    for (const enb of running) await enb.close();
    core.close();
  }
}

/** The story. Each part stops it when it does not come out as it must. */
async function tell(lab: DemoLab, say: (line: string) => void): Promise<Result<DemoReport>> {
  const [first] = lab.enbs;
  say(
    'A lab is set up: a vendor that makes base stations (eNBs), an operator, and two eNBs fresh from the factory.',
  );
  say('  Everything in it is marked as training, so that it can never be taken for real.');
  say('');
  say("1. The operator's office turns its inventory into one bundle per eNB:");
  const prepared = await lab.prepare('first');
  if (!prepared.ok) return prepared;
  say(
    `   made ${prepared.value} bundles, each signed by the operator with a key that the vendor allows to configure`,
  );
  say('   these eNBs, and with the enrolment secret encrypted so that only its own eNB can read it.');
  say('');
  say(`2. On site, the installer's laptop is connected to eNB ${first.serialNumber}:`);
  const address = await lab.start(first);
  if (!address.ok) return address;
  const bundle = lab.bundle('first', first);
  const delivered = await lab.deliver(bundle, address.value);
  if (!delivered.ok) return delivered;
  const { verdict, receipt, fault } = delivered.value;
  if (fault || !receipt) return fault ? refused(fault) : refuse('internal-error');
  say('   the eNB proved who it is, was sent its bundle, and the bundle was read back octet by octet.');
  say('   The eNB checked for itself:');
  for (const check of verdict?.checks ?? []) if (check.ok) say(`     ok  ${checkSentence(check.code)}`);
  say('   Its signed receipt, the proof to take home, is in');
  say(`   ${receipt}`);
  say('');
  const refusals = await tellRefusals(lab, address.value, say);
  return refusals.ok ? ok({ bundle, receipt, refusals: refusals.value }) : refusals;
}

async function tellRefusals(
  lab: DemoLab,
  address: EnbAddress,
  say: (line: string) => void,
): Promise<Result<string[]>> {
  const [first, second] = lab.enbs;
  const codes: string[] = [];
  const tellRefusal = (who: string, reason: Fault | undefined) => {
    codes.push(reason?.code ?? 'accepted');
    say(`   ${who}: ${reason ? faultSentence(reason) : 'nothing was wrong - this must not happen'}`);
    say('');
  };
  say('3. What must not work, does not:');
  say(`   - the bundle of eNB ${second.serialNumber}, for the eNB that is connected:`);
  const wrong = await lab.deliver(lab.bundle('first', second), address);
  if (!wrong.ok) return wrong;
  tellRefusal('  Siteseal sends nothing', wrong.value.fault);

  say('   - a bundle in which one bit was changed, sent past Siteseal straight to the eNB:');
  const tampered = readFileSync(lab.bundle('first', first));
  tampered[200] = (tampered[200] ?? 0) ^ 1;
  const verdict = await lab.sendUnchecked(tampered, address);
  if (!verdict.ok) return verdict;
  tellRefusal('  the eNB itself refuses', verdict.value);

  say('   - after a newer configuration, the old one again:');
  const again = await lab.prepare('second');
  if (!again.ok) return again;
  const newer = await lab.deliver(lab.bundle('second', first), address);
  if (!newer.ok) return newer;
  if (newer.value.fault) return refused(newer.value.fault);
  const old = await lab.deliver(lab.bundle('first', first), address);
  if (!old.ok) return old;
  tellRefusal('  Siteseal sends nothing', old.value.fault);
  return ok(codes);
}

/** The lab of the demonstration: its files, its eNBs, and what is done with them. */
class DemoLab {
  readonly #surroundings: Surroundings;
  readonly #core: Core;
  readonly #running: RunningLabEnb[];
  readonly #operator: LabOperator;
  readonly #passphrase = randomBytes(16).toString('hex');

  private constructor(folder: string, surroundings: Surroundings, core: Core, running: RunningLabEnb[]) {
    this.#surroundings = surroundings;
    this.#core = core;
    this.#running = running;
    this.#operator = labOperator(folder, ['LAB0001', 'LAB0002']);
  }

  /** Makes the files of the lab in the folder. */
  static async make(
    folder: string,
    surroundings: Surroundings,
    core: Core,
    running: RunningLabEnb[],
  ): Promise<DemoLab> {
    const lab = new DemoLab(folder, surroundings, core, running);
    await makeLabOperator(lab.#operator, surroundings.now(), lab.#passphrase);
    return lab;
  }

  /** The eNB that is connected, and the other. */
  get enbs(): readonly [EnbIdentity, EnbIdentity] {
    const [first, second] = this.#operator.enbs;
    if (!first || !second) throw new Error('The lab has two eNBs');
    return [first, second];
  }

  bundle(run: string, { serialNumber }: EnbIdentity): string {
    return join(this.#operator.folder, run, 'bundles', `${serialNumber}.p7m`);
  }

  /** The number of bundles made. */
  async prepare(run: string): Promise<Result<number>> {
    const { folder, inventory, profile } = this.#operator;
    const report = await this.#core.prepare(
      { inventory, profile, out: join(folder, run), skipBad: false, resume: false, dryRun: false },
      {
        passphraseFor: () => Promise.resolve(ok(Buffer.from(this.#passphrase))),
        onProgress: () => undefined,
        signal: new AbortController().signal,
      },
    );
    if (!report.ok) return report;
    const bad = report.value.rows.find((row) => row.fault)?.fault;
    return bad ? refused(bad) : ok(report.value.made);
  }

  /** Starts an eNB with what the factory gave it, on a port of this computer. */
  async start(enb: EnbIdentity): Promise<Result<EnbAddress>> {
    const running = await startLabEnb(this.#operator.enbRequest(enb), this.#surroundings, () =>
      Promise.resolve(ok(undefined)),
    );
    if (!running.ok) return running;
    this.#running.push(running.value);
    const trust = { roots: [this.#operator.vendorRoot], untrusted: [], crls: [] };
    return ok({ ethernet: `127.0.0.1:${running.value.port}`, trust });
  }

  deliver(bundle: string, address: EnbAddress) {
    return this.#core.writeBundle(bundle, address, join(this.#operator.folder, 'receipts'), () => undefined);
  }

  /** Sends a bundle without looking at it, as a tool that is not Siteseal might; the first check that fails. */
  async sendUnchecked(bundle: Uint8Array, address: EnbAddress): Promise<Result<Fault | undefined>> {
    const trust = readTrust(address.trust);
    if (!trust.ok) return trust;
    const transport = transportFor(address, this.#surroundings);
    if (!transport.ok) return transport;
    const clock = exactly(this.#surroundings.now());
    const verdict = await withSession(transport.value, { ...trust.value, clock }, undefined, (session) =>
      session.putBundle(bundle),
    );
    if (!verdict.ok) return verdict;
    const failed = verdict.value.checks.find((check) => check.ok === false);
    return ok(failed && { code: failed.code });
  }
}
