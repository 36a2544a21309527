import { createSecretKey, randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { toSeconds, type Certificate } from '../pki/index.ts';
import { storeFault } from '../store/index.ts';
import { openLanes, type Lanes } from './batch/lanes.ts';
import { correct } from './corrections.ts';
import { openEncryptedInventory } from './encrypted-inventory.ts';
import { GeneratedCredentials } from './generated-credentials.ts';
import { openInventory, type Inventory } from './inventory.ts';
import { bundlesFolder, marksOf } from './output-folder.ts';
import type { KeyOwner, PrepareRequest, PrepareSurroundings } from './prepare-request.ts';
import { readProfile, type Profile, type UnlockedVendor } from './profile.ts';
import type { PrepareReport } from './report.ts';
import { Run, type PreparedRegistration, type RunParts } from './run.ts';

/**
 * Makes a bundle for each eNB of an inventory. Checks the whole inventory before it makes any bundle. If a row is bad,
 * it makes none, unless `skipBad` is set. Writes each bundle to disk atomically. `resume` continues an interrupted run.
 */
export function prepare(
  request: PrepareRequest,
  surroundings: PrepareSurroundings,
): Promise<Result<PrepareReport>> {
  return withRun(request, surroundings, (run) => run.prepare());
}

/**
 * Checks an inventory like `prepare`, and hands over what the RA/CA must know of its eNBs. The credentials are wiped
 * when `take` returns. If a row is bad, nothing is handed over, unless `skipBad` is set.
 */
export function prepareRegistrations(
  request: Pick<PrepareRequest, 'inventory' | 'profile' | 'skipBad'>,
  surroundings: PrepareSurroundings,
  take: (registrations: readonly PreparedRegistration[]) => Result<void>,
): Promise<Result<PrepareReport>> {
  const dryRun = { ...request, out: '', resume: false, dryRun: true };
  return withRun(dryRun, surroundings, (run) => run.register(take));
}

async function withRun(
  request: PrepareRequest,
  surroundings: PrepareSurroundings,
  work: (run: Run) => Promise<Result<PrepareReport>>,
): Promise<Result<PrepareReport>> {
  // Taken before reading: if a file changes during the run, a resumed run must treat it as a different file.
  const marks = marksOf(request.inventory, request.profile, request.corrections);
  const profile = readProfile(request.profile, request.folders);
  if (!profile.ok) return profile;
  const { inventory: file, corrections, folders, generateCredentials = false } = request;
  const recipient = generateCredentials ? recipientOf(profile.value, surroundings.now()) : ok(undefined);
  if (!recipient.ok) return refused(prependWhere(recipient.fault, { file: request.profile }));
  const { unlockInventory } = surroundings;
  const options = { ...(folders && { folders }), holdsCredentials: !generateCredentials };
  const opening = unlockInventory
    ? await openEncryptedInventory(file, unlockInventory, options)
    : openInventory(file, options);
  if (!opening.ok) return opening;
  const generated = recipient.value && {
    credentials: GeneratedCredentials.forRows(opening.value.rows.length),
    recipient: recipient.value,
  };
  try {
    const inventory = corrections === undefined ? opening : correct(opening.value, corrections, folders);
    if (!inventory.ok) return inventory;
    const opened = surroundings.openStore(profile.value.training);
    if (!opened.ok) return opened;
    const owner = { operator: profile.value.document.name, log: opened.value.log };
    const vendors = new Map<string, UnlockedVendor>();
    try {
      const unlocked = await unlockVendors(inventory.value, profile.value, surroundings, owner, vendors);
      if (!unlocked.ok) return unlocked;
      const files = {
        profile: profile.value,
        inventory: inventory.value,
        vendors,
        ...(generated && { generated }),
      };
      return await inLanes(request, surroundings, files, (lanes) =>
        work(new Run({ request, surroundings, ...opened.value, ...files, marks, lanes })),
      );
    } finally {
      for (const vendor of vendors.values()) surroundings.lock?.(vendor, owner);
    }
  } catch (error) {
    return storeFault(error);
  } finally {
    opening.value.wipe();
    generated?.credentials.wipe();
  }
}

/** The certificate that the credentials are encrypted to. */
function recipientOf(
  { registrationCertificate: recipient }: Profile,
  now: Date,
): Result<Certificate, 'profile-invalid'> {
  const where = { field: 'enrolment.registrationCertificate' };
  const rule = 'registration-certificate';
  if (!recipient) return refuse('profile-invalid', { rule, where });
  const { notBefore, notAfter } = recipient;
  const found =
    now < notBefore || now > notAfter ? `${toSeconds(notBefore)} to ${toSeconds(notAfter)}` : undefined;
  return found === undefined ? ok(recipient) : refuse('profile-invalid', { rule, found, where });
}

/** Opens the lanes for work, and closes them after it. */
async function inLanes(
  { inventory: file, out, workers }: PrepareRequest,
  { now, processors }: PrepareSurroundings,
  { generated, ...files }: Pick<RunParts, 'profile' | 'inventory' | 'vendors' | 'generated'>,
  work: (lanes: Lanes) => Promise<Result<PrepareReport>>,
): Promise<Result<PrepareReport>> {
  const digestBytes = randomBytes(32);
  const digestKey = createSecretKey(digestBytes);
  digestBytes.fill(0); // The key object has a copy.
  const setup = {
    ...files,
    ...(generated && { generated: generated.credentials.bytes }),
    now: now(),
    folder: dirname(resolve(file)),
    bundles: join(out, bundlesFolder),
    digestKey,
  };
  const lanes = await openLanes(setup, workers ?? processors);
  if (!lanes.ok) return lanes;
  try {
    return await work(lanes.value);
  } finally {
    await lanes.value.close();
  }
}

/** Unlocks the keys of only those vendors that the inventory names. */
async function unlockVendors(
  inventory: Inventory,
  { vendors }: Profile,
  { unlock }: PrepareSurroundings,
  owner: KeyOwner,
  unlocked: Map<string, UnlockedVendor>,
): Promise<Result<void>> {
  const named = inventory.rows.vendorsAmong(vendors.keys());
  for (const [name, vendor] of vendors) {
    if (!named.has(name)) continue;
    const opened = await unlock(vendor, owner);
    if (!opened.ok) return opened;
    unlocked.set(name, opened.value);
  }
  return ok(undefined);
}
