import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundEnb } from '../../preload/contract/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { systemErrorCode } from '../files/index.ts';
import { exactly } from '../pki/index.ts';
import { unlockVendor, readProfile, prepare } from '../workflow/index.ts';
import { JobDesk } from './api/jobs.ts';
import { trustRoot } from './api/vendors.ts';
import type { ApiContext, Training } from './api/context.ts';
import { labOperator, makeLabOperator, type LabOperator } from './lab-operator.ts';
import { spawnPart, type Part, type SpawnPart } from './parts.ts';
import { unforeseen } from './unforeseen.ts';

const serialNumbers = ['LAB0001', 'LAB0002', 'LAB0003'];

/** Opens the lab's configuration key in the office; told on the screen that asks for it. */
export const trainingPassphrase = 'training';

/** The lab behind the training door: an operator with bundles to deliver, and eNBs on this computer to deliver to. */
export class TrainingLab implements Training {
  readonly #folder: string;
  readonly #spawn: SpawnPart;
  #started: Promise<Result<void>> | undefined;
  #part: Part | undefined;
  #found: readonly FoundEnb[] = [];

  constructor(folder: string, spawn: SpawnPart = spawnPart) {
    this.#folder = folder;
    this.#spawn = spawn;
  }

  /** The lab's eNBs that are switched on. */
  found(): FoundEnb[] {
    return [...this.#found];
  }

  /** Makes the lab at the first time, and switches its eNBs on. Doing it again changes nothing. */
  start(context: ApiContext): Promise<Result<void>> {
    this.#started ??= this.#start(context)
      .catch(unforeseen)
      .then((result) => {
        if (!result.ok) this.#started = undefined; // the next attempt begins anew
        return result;
      });
    return this.#started;
  }

  async #start(context: ApiContext): Promise<Result<void>> {
    const claimed = context.stores.claim();
    if (!claimed.ok) return claimed;
    const operator = labOperator(join(this.#folder, 'lab'), serialNumbers);
    const made = await makeOnce(operator, context.surroundings.now());
    if (!made.ok) return made;
    const jobs = await this.#setUp(context, operator);
    if (!jobs.ok) return jobs;
    const requests = operator.enbs.map((enb) => operator.enbRequest(enb));
    const part = await this.#spawn('training-enbs', { requests });
    if (!part.ok) return part;
    this.#part = part.value;
    const { ports } = part.value.info as { readonly ports: readonly number[] };
    this.#found = operator.enbs.map(({ serialNumber }, index) => ({
      kind: 'ethernet',
      way: `127.0.0.1:${ports[index] ?? 0}`,
      label: serialNumber,
    }));
    context.changed('enbs', 'jobs', 'operators');
    return ok(undefined);
  }

  /** The training store gets the operator, the trusted root, and jobs of the lab's bundles. */
  async #setUp(context: ApiContext, operator: LabOperator): Promise<Result<void>> {
    const opened = context.stores.open(true);
    if (!opened.ok) return opened;
    const { store } = opened.value;
    const profile = readProfile(operator.profile);
    if (!profile.ok) return profile;
    const id = context.surroundings.newId();
    store.setup.addOperator({ id, profile_file: operator.profile, added_at: context.timestamp() });
    for (const { rootCertificates, intermediates } of profile.value.vendors.values()) {
      for (const root of rootCertificates) trustRoot(store, root, intermediates, context.timestamp());
    }
    const out = join(operator.folder, 'prepared');
    if (!existsSync(join(out, 'report.csv'))) {
      const made = await this.#prepare(context, operator, out);
      if (!made.ok) return made;
    }
    const jobs = await new JobDesk(context, true).addFolder(join(out, 'bundles'));
    return jobs.ok ? ok(undefined) : jobs;
  }

  async #prepare(
    context: ApiContext,
    { inventory, profile }: LabOperator,
    out: string,
  ): Promise<Result<void>> {
    const { surroundings, stores } = context;
    const clock = exactly(surroundings.now());
    const report = await prepare(
      { inventory, profile, out, skipBad: false, resume: true, dryRun: false },
      {
        ...stores.surroundings(),
        unlock: (vendor) => unlockVendor(vendor, Buffer.from(trainingPassphrase), clock),
        onProgress: () => undefined,
        signal: new AbortController().signal,
      },
    );
    if (!report.ok) return report;
    return report.value.refused === 0 ? ok(undefined) : refuse('internal-error');
  }

  /** Switches the eNBs off, those of a start under way as well. */
  async stop(): Promise<void> {
    await this.#started;
    this.#found = [];
    this.#started = undefined;
    await this.#part?.stop();
    this.#part = undefined;
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
