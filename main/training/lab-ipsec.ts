import { join } from 'node:path';
import { refuse, type Result } from '../faults/index.ts';
import { startStrongswanIpsec, type Ipsec } from '../lab/index.ts';
import { isTrainingCertificate, type Certificate } from '../pki/index.ts';

/** How a reference eNB makes its tunnels. */
export interface LabIpsec {
  readonly kind: Ipsec['kind'];
}

/**
 * Starts the IPsec of a reference eNB. `strongswan` becomes `childless` where no tunnel can carry traffic. The stand-in is
 * for training alone.
 * @param state the folder of the eNB's state
 */
export async function startIpsec(
  { kind }: LabIpsec,
  vendorRoot: Certificate,
  state: string,
): Promise<Result<Ipsec>> {
  switch (kind) {
    case 'strongswan':
    case 'childless':
      return startStrongswanIpsec({ folder: join(state, 'ipsec'), isChildless: kind === 'childless' });
    case 'stand-in':
      return isTrainingCertificate(vendorRoot) ? refuse('ike-unavailable') : refuse('training-mismatch');
  }
}
