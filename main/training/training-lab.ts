import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundEnb } from '../../preload/contract/index.ts';
import { addJobsIn, prepareBundles, trustRoot, unforeseen, unlockWith, type Core } from '../core/index.ts';
import { ok, refuse, refused, type Result } from '../faults/index.ts';
import { systemErrorCode } from '../files/index.ts';
import { readProfile } from '../office/index.ts';
import { spawner, type Part, type Spawn } from '../spawn/index.ts';
import { labOperator, makeLabOperator, type LabOperator } from './lab-operator.ts';
import type { LabEnbRequest } from './lab-enb.ts';

const serialNumbers = ['LAB0001', 'LAB0002', 'LAB0003'];

/** Unlocks the lab's configuration key in the office. The unlock screen shows it. */
export const trainingPassphrase = 'training';

/** The worker thread that runs the eNBs; the ports are in the order of the requests. */
export interface TrainingEnbs {
  readonly options: { readonly requests: readonly LabEnbRequest[] };
  readonly info: { readonly ports: readonly number[] };
}

const spawnEnbs = spawner<TrainingEnbs>('training-enbs', import.meta.dirname);

/**
 * The lab behind the training choice: an operator with bundles to deliver, and eNBs on this computer to deliver them
 * to.
 */
export class TrainingLab {
  readonly #core: Core;
  readonly #spawn: Spawn<TrainingEnbs>;
  #started: Promise<Result<void>> | undefined;
  #part: Part<TrainingEnbs['info']> | undefined;
  #found: readonly FoundEnb[] = [];
  #tell: () => void = () => undefined;
  #hasRestarted = false;
  #isStopped = false;

  constructor(core: Core, spawn: Spawn<TrainingEnbs> = spawnEnbs) {
    this.#core = core;
    this.#spawn = spawn;
  }

  /** The lab's running eNBs. */
  found(): FoundEnb[] {
    return [...this.#found];
  }

  onChanged(listener: () => void): void {
    this.#tell = listener;
  }

  /** Makes the lab the first time, and starts its eNBs. Calling it again changes nothing. A stopped lab is `cancelled`. */
  start(): Promise<Result<void>> {
    if (this.#isStopped) return Promise.resolve(refuse('cancelled'));
    this.#started ??= this.#start()
      .catch(unforeseen)
      .then((result) => {
        if (!result.ok) this.#started = undefined; // the next attempt starts again
        return result;
      });
    return this.#started;
  }

  async #start(): Promise<Result<void>> {
    const { surroundings, stores } = this.#core;
    const claimed = stores.claim();
    if (!claimed.ok) return claimed;
    const operator = labOperator(join(stores.folder(true), 'lab'), serialNumbers);
    const made = await makeOnce(operator, surroundings.now());
    if (!made.ok) return made;
    const jobs = await this.#setUp(operator);
    if (!jobs.ok) return jobs;
    const requests = operator.enbs.map((enb) => operator.enbRequest(enb));
    const part = await this.#spawn({ requests }, () => this.#onDeath());
    if (!part.ok) return part;
    this.#part = part.value;
    const { ports } = part.value.info;
    this.#found = operator.enbs.map(({ serialNumber }, index) => ({
      kind: 'ethernet',
      address: `127.0.0.1:${ports[index] ?? 0}`,
      label: serialNumber,
    }));
    this.#tell();
    return ok(undefined);
  }

  /** Adds the operator, the trusted root, and jobs of the lab's bundles to the training store. */
  async #setUp(operator: LabOperator): Promise<Result<void>> {
    const { surroundings, stores } = this.#core;
    const opened = stores.open(true);
    if (!opened.ok) return opened;
    const { store } = opened.value;
    const profile = readProfile(operator.profile);
    if (!profile.ok) return profile;
    const now = surroundings.now().toISOString();
    store.operators.add({ id: surroundings.newId(), profileFile: operator.profile, addedAt: now });
    for (const { rootCertificates, intermediates } of profile.value.vendors.values()) {
      for (const root of rootCertificates) trustRoot(store, root, intermediates, now);
    }
    const out = join(operator.folder, 'prepared');
    if (!existsSync(join(out, 'report.csv'))) {
      const made = await this.#prepare(operator, out);
      if (!made.ok) return made;
    }
    const jobs = await addJobsIn(this.#core, opened.value, join(out, 'bundles'));
    if (!jobs.ok) return jobs;
    const [bad] = jobs.value.refused;
    return bad ? refused(bad.fault) : ok(undefined);
  }

  async #prepare({ inventory, profile }: LabOperator, out: string): Promise<Result<void>> {
    const report = await prepareBundles(
      this.#core,
      { inventory, profile, out, skipBad: false, resume: true, dryRun: false },
      {
        unlock: unlockWith(this.#core, () => Promise.resolve(ok(Buffer.from(trainingPassphrase)))),
        onProgress: () => undefined,
        signal: new AbortController().signal,
      },
    );
    if (!report.ok) return report;
    return report.value.refused === 0 ? ok(undefined) : refuse('internal-error');
  }

  /** The eNBs have ended; the next start starts them again. */
  #switchOff(): void {
    this.#found = [];
    this.#started = undefined;
    this.#part = undefined;
  }

  /** The eNBs are off. They restart once automatically. If they die again, they stay off until the user starts them. */
  #onDeath(): void {
    this.#switchOff();
    this.#tell();
    if (this.#hasRestarted) return;
    this.#hasRestarted = true;
    void this.start();
  }

  /** Stops the eNBs for good, including those that are still starting. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#started;
    const part = this.#part;
    this.#switchOff();
    await part?.stop();
  }
}

async function makeOnce(operator: LabOperator, now: Date): Promise<Result<void, 'output-unwritable'>> {
  try {
    if (!existsSync(operator.profile)) await makeLabOperator(operator, now, trainingPassphrase);
    return ok(undefined);
  } catch (error) {
    return refuse('output-unwritable', { where: { file: operator.folder }, found: systemErrorCode(error) });
  }
}
