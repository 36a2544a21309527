import {
  firstFailure,
  judgeBundle,
  type Bundle,
  type Acceptance,
  type Configuration,
  type SignerMemory,
} from '../bundle/index.ts';
import type { EnbSession, EnbTrust } from '../device/index.ts';
import { ok, refuse, refused, type Result } from '../faults/index.ts';

/** A bundle that passed every check. */
export type JudgedBundle = Acceptance & { readonly configuration: Configuration };

/**
 * Judges a bundle as the eNB will. With a session, the judgement uses what the eNB reported about itself. Refuses with
 * the fault of the first check that fails.
 */
export function judgeForDelivery(
  bundle: Bundle,
  trust: EnbTrust,
  session?: EnbSession,
  signers?: SignerMemory,
): Result<JudgedBundle> {
  const context = {
    ...trust,
    ...(session && {
      enb: { ...session.enb, certificate: session.certificate },
      lastEpoch: session.identity.lastEpoch,
      lastSequence: session.identity.lastSequence,
    }),
  };
  const acceptance = judgeBundle(bundle, context, signers);
  const failure = firstFailure(acceptance);
  if (failure) return refused(failure);
  const { configuration } = acceptance;
  if (!configuration) throw new Error('A bundle without a failed check has a configuration');
  if (session && session.identity.training !== configuration.training) {
    return refuse('training-mismatch', { expected: String(session.identity.training) });
  }
  return ok({ ...acceptance, configuration });
}

/**
 * Adds the vendor's intermediates and CRLs from the bundle, to judge the eNB with. The CRLs can only revoke it: they
 * may have ended since the bundle was made, and the site has no network to fetch new ones.
 */
export function trustWith(trust: EnbTrust, bundle: Bundle, { crls }: JudgedBundle): EnbTrust {
  const certificates = bundle.signedData.ok ? bundle.signedData.value.certificates : [];
  return {
    ...trust,
    intermediates: [...trust.intermediates, ...certificates],
    revokingCrls: [...(trust.revokingCrls ?? []), ...crls.map(({ crl }) => crl)],
  };
}
