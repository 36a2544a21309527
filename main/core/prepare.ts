import { reasonOf } from '../audit/index.ts';
import { prependWhere, refused, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { readProtectedKey } from '../keys/index.ts';
import {
  prepare,
  prepareRegistrations,
  keyFacts,
  unlockVendor,
  type KeyOwner,
  type PrepareReport,
  type PrepareRequest,
  type PrepareSurroundings,
  type UnlockedVendor,
  type UnlockInventory,
} from '../office/index.ts';
import { exactly } from '../pki/index.ts';
import type { Core } from './core.ts';
import { maximumKeyFileSize, type PassphraseFor } from './verify-files.ts';

/** How a run gets its keys, reports its progress, and is stopped. */
export type PrepareControls = Pick<
  PrepareSurroundings,
  'unlockInventory' | 'unlock' | 'lockedFault' | 'lock' | 'onProgress' | 'untilContinued' | 'signal'
>;

/** Makes bundles from an inventory. */
export function prepareBundles(
  { stores }: Core,
  request: PrepareRequest,
  controls: PrepareControls,
): Promise<Result<PrepareReport>> {
  return prepare(request, { ...stores.surroundings(), ...controls });
}

/** Checks an inventory and hands over what an RA/CA must know of its eNBs. */
export function registrationsFrom(
  { stores }: Core,
  request: Parameters<typeof prepareRegistrations>[0],
  controls: PrepareControls,
  take: Parameters<typeof prepareRegistrations>[2],
): Promise<Result<PrepareReport>> {
  return prepareRegistrations(request, { ...stores.surroundings(), ...controls }, take);
}

/** Returns the passphrase of a vendor's key in UTF-8, or undefined without one. The receiver wipes it after use. */
export type VendorPassphrase = (vendor: string, keyFile: string) => Promise<Result<Uint8Array | undefined>>;

/** Unlocks vendors' keys with the passphrases from `passphraseFor`, for one run. Logs that, and why one does not unlock. */
export function unlockWith(
  { surroundings }: Pick<Core, 'surroundings'>,
  passphraseFor: VendorPassphrase,
): Required<Pick<PrepareControls, 'unlock' | 'lock'>> {
  const unlock: PrepareControls['unlock'] = async (vendor, { log, operator }) => {
    const passphrase = await passphraseFor(vendor.name, vendor.keyFile);
    if (!passphrase.ok) return passphrase;
    try {
      const unlocked = await unlockVendor(vendor, passphrase.value, exactly(surroundings.now()));
      const subject = { operator, vendor: vendor.name };
      if (unlocked.ok) log.append({ action: 'key-unlocked', subject, facts: keyFacts(unlocked.value) });
      else log.append({ action: 'key-unlock-failed', subject, facts: reasonOf(unlocked.fault) });
      return unlocked;
    } finally {
      passphrase.value?.fill(0);
    }
  };
  return { unlock, lock: (vendor, owner) => logLocked(owner, vendor, 'ended') };
}

/** Unlocks the key in a file, to decrypt an inventory: PKCS#12 or PKCS#8, protected by a passphrase. */
export function unlockInventoryWith(file: string, passphraseFor: PassphraseFor): UnlockInventory {
  return async () => {
    const bytes = readFile(file, maximumKeyFileSize);
    if (!bytes.ok) return bytes;
    let passphrase: Uint8Array | undefined;
    try {
      const given = await passphraseFor(file);
      if (!given.ok) return given;
      passphrase = given.value;
      const key = await readProtectedKey(bytes.value, passphrase);
      return key.ok ? key : refused(prependWhere(key.fault, { file }));
    } finally {
      for (const secret of [bytes.value, passphrase]) secret?.fill(0);
    }
  };
}

/** Logs that a key is locked again. */
export function logLocked(
  { log, operator }: KeyOwner,
  vendor: UnlockedVendor,
  reason: 'by-user' | 'unused' | 'ended' | 'sleep',
): void {
  const subject = { operator, vendor: vendor.name };
  log.append({ action: 'key-locked', subject, facts: { ...keyFacts(vendor), reason } });
}
