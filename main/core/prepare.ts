import type { Result } from '../faults/index.ts';
import {
  prepare,
  prepareRegistrations,
  unlockVendor,
  type PrepareReport,
  type PrepareRequest,
  type PrepareSurroundings,
} from '../office/index.ts';
import { exactly } from '../pki/index.ts';
import type { Core } from './core.ts';

/** How a run gets its keys, reports its progress, and is stopped. */
export type PrepareControls = Pick<PrepareSurroundings, 'unlock' | 'onProgress' | 'signal'>;

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

/** Unlocks a vendor's key with the passphrase from `passphraseFor`. */
export function unlockWith(
  { surroundings }: Pick<Core, 'surroundings'>,
  passphraseFor: VendorPassphrase,
): PrepareControls['unlock'] {
  return async (vendor) => {
    const passphrase = await passphraseFor(vendor.name, vendor.keyFile);
    if (!passphrase.ok) return passphrase;
    try {
      return await unlockVendor(vendor, passphrase.value, exactly(surroundings.now()));
    } finally {
      passphrase.value?.fill(0);
    }
  };
}
