import { ok, prependWhere, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { checkConfigurationKey, openSigner, type Signer } from '../keys/index.ts';
import { judgeOffice } from '../pack/index.ts';
import { isTrainingCertificate, nameToText, type Certificate, type Clock, type Path } from '../pki/index.ts';
import type { Profile } from './profile.ts';

/** What an office key is judged by: the roots of its operator. */
type OfficeTrust = Pick<Profile, 'operatorRoots' | 'training'>;

/**
 * Opens the office key of a profile, without blocking the process. The caller wipes the passphrase. The chain of the
 * signer has its intermediates up to the operator root, without the root.
 *
 * Refuses with `office-key-missing` a profile that names none, with the fault of the key a key that does not open, and with
 * `office-key-unfit` a key that nobody would accept.
 */
export async function unlockOffice(
  profile: Pick<Profile, 'officeKey'> & OfficeTrust,
  passphrase: Uint8Array | undefined,
  clock: Clock,
): Promise<Result<Signer>> {
  const { officeKey } = profile;
  if (!officeKey) return refuse('office-key-missing');
  const where = { file: officeKey.keyFile };
  const opened = await openSigner(officeKey.keySource, passphrase, clock.now);
  if (!opened.ok) return refused(prependWhere(opened.fault, where));
  const signer = opened.value;
  const path = checkOfficeCertificate(signer.certificate, signer.chain, profile, clock);
  if (!path.ok) return refused(prependWhere(path.fault, where));
  return ok({ ...signer, chain: path.value.slice(1, -1) });
}

/**
 * Checks that a certificate makes its key an office key of the operator: its kind of key, its path to one of the operator's
 * roots, its purpose, and that root and certificate are marked for training exactly if the profile is. Refuses with `office-key-unfit`.
 */
export function checkOfficeCertificate(
  certificate: Certificate,
  intermediates: readonly Certificate[],
  { operatorRoots: roots, training }: OfficeTrust,
  clock: Clock,
): Result<Path, 'office-key-unfit'> {
  const unfit = (because: Fault) =>
    refuse('office-key-unfit', { found: nameToText(certificate.subject), because });
  const strong = checkConfigurationKey(certificate);
  if (!strong.ok) return unfit(strong.fault);
  const path = judgeOffice(certificate, { roots, intermediates, clock });
  if (!path.ok) return unfit(path.fault);
  const [root] = path.value;
  return [root, certificate].every((one) => isTrainingCertificate(one) === training)
    ? path
    : refuse('office-key-unfit', { rule: 'profile-training', found: nameToText(certificate.subject) });
}
