import { Bundle } from '../bundle/index.ts';
import { readAuthorisation } from '../pki/index.ts';
import type { Store } from '../store/index.ts';

/**
 * Reads the epochs of the jobs of an earlier version, which kept none, from their bundles. These were judged when they
 * became jobs.
 */
export function fillEpochs(store: Store): void {
  const { jobs } = store;
  if (jobs.withoutEpoch().length === 0) return;
  store.transaction(() => {
    for (const id of jobs.withoutEpoch()) jobs.setEpoch(id, epochOf(jobs.get(id)?.bundle));
  });
}

/** The epoch that the signer's certificate has; 0 for a bundle that cannot be read. */
function epochOf(bundle: Uint8Array | undefined): number {
  const signer = bundle && new Bundle(bundle).signer;
  const authorisation = signer?.ok ? readAuthorisation(signer.value) : undefined;
  return (authorisation?.ok ? authorisation.value?.epoch : undefined) ?? 0;
}
