import { ok, type Result } from '../faults/index.ts';
import type { Signer } from '../keys/index.ts';
import { readProfile, unlockOffice, type Profile } from '../office/index.ts';
import { exactly } from '../pki/index.ts';
import type { Core } from './core.ts';
import type { PassphraseFor } from './verify-files.ts';

/** An operator's profile with its office key unlocked. */
export interface OpenOffice {
  readonly profile: Profile;
  readonly office: Signer;
}

/** Reads a profile and unlocks its office key. Wipes the passphrase. */
export async function openOffice(
  { surroundings }: Pick<Core, 'surroundings'>,
  profileFile: string,
  passphraseFor: PassphraseFor,
): Promise<Result<OpenOffice>> {
  const profile = readProfile(profileFile);
  if (!profile.ok) return profile;
  const { officeKey } = profile.value;
  const passphrase = officeKey ? await passphraseFor(officeKey.keyFile) : ok(undefined);
  if (!passphrase.ok) return passphrase;
  try {
    const office = await unlockOffice(profile.value, passphrase.value, exactly(surroundings.now()));
    return office.ok ? ok({ profile: profile.value, office: office.value }) : office;
  } finally {
    passphrase.value?.fill(0);
  }
}
