import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  addJobsIn,
  addOperator,
  prepareBundles,
  trustRoot,
  unlockWith,
  type Core,
  type PrepareControls,
} from '../core/index.ts';
import { ok, refuse, refused, type Result } from '../faults/index.ts';
import { systemErrorCode } from '../files/index.ts';
import { readProfile } from '../office/index.ts';
import { addGateways, makeLabOperator, type LabOperator } from './lab-operator.ts';
import { writeRegistrations } from './lab-registrations.ts';

/** Unlocks the lab's configuration key in the office. The unlock screen shows it. */
export const trainingPassphrase = 'training';

/**
 * Makes what is missing of the training: the operator's files, and in the training store the operator, the trusted root
 * and the jobs.
 */
export async function setUpTraining(core: Core, operator: LabOperator): Promise<Result<void>> {
  const { surroundings, stores } = core;
  const claimed = stores.claim();
  if (!claimed.ok) return claimed;
  try {
    const made = existsSync(operator.profile)
      ? await addGateways(operator, surroundings.now())
      : await makeLabOperator(operator, surroundings.now(), trainingPassphrase);
    if (!made.ok) return made;
  } catch (error) {
    return refuse('output-unwritable', { where: { file: operator.folder }, found: systemErrorCode(error) });
  }
  const opened = stores.open(true);
  if (!opened.ok) return opened;
  const profile = readProfile(operator.profile);
  if (!profile.ok) return profile;
  const now = surroundings.now().toISOString();
  addOperator(core, opened.value, operator.profile, profile.value);
  for (const { rootCertificates, intermediates } of profile.value.vendors.values()) {
    for (const root of rootCertificates) trustRoot(opened.value, root, intermediates, now);
  }
  const out = join(operator.folder, 'prepared');
  if (!existsSync(join(out, 'report.csv'))) {
    const made = await prepare(core, operator, out);
    if (!made.ok) return made;
  }
  if (!existsSync(operator.registrations)) {
    const registered = await register(core, operator);
    if (!registered.ok) return registered;
  }
  const jobs = await addJobsIn(core, opened.value, join(out, 'bundles'));
  if (!jobs.ok) return jobs;
  const [bad] = jobs.value.refused;
  return bad ? refused(bad.fault) : ok(undefined);
}

async function prepare(core: Core, { inventory, profile }: LabOperator, out: string): Promise<Result<void>> {
  const report = await prepareBundles(
    core,
    { inventory, profile, out, skipBad: false, resume: true, dryRun: false },
    controlsOf(core),
  );
  if (!report.ok) return report;
  return report.value.refused === 0 ? ok(undefined) : refuse('internal-error');
}

/** Registers the eNBs of the inventory at the RA/CA. */
async function register(
  core: Core,
  { inventory, profile, registrations: file }: LabOperator,
): Promise<Result<void>> {
  const report = await writeRegistrations(
    core,
    { inventory, profile, skipBad: false, file },
    controlsOf(core),
  );
  return report.ok ? ok(undefined) : report;
}

function controlsOf(core: Core): PrepareControls {
  return {
    ...unlockWith(core, () => Promise.resolve(ok(Buffer.from(trainingPassphrase)))),
    onProgress: () => undefined,
    signal: new AbortController().signal,
  };
}
