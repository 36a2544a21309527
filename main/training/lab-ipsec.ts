import { join } from 'node:path';
import { ok, refuse, type Result } from '../faults/index.ts';
import { standInIpsec, startStrongswanIpsec, type Ipsec } from '../lab/index.ts';
import { isTrainingCertificate, type Certificate } from '../pki/index.ts';

/** How a reference eNB makes its tunnels. */
export interface LabIpsec {
  readonly kind: Ipsec['kind'];
}

/** What the IPsec of an eNB needs of its surroundings. */
interface IpsecSurroundings {
  /** The folder of the eNB's state. */
  readonly state: string;
  readonly vendorRoot: Certificate;
  /** Undefined if the eNB has no clock. */
  readonly now: (() => Date) | undefined;
  /** Other addresses for gateways of the stand-in: `address:4500` to `address:port`. */
  readonly connectTo?: Readonly<Record<string, string>> | undefined;
}

/**
 * Starts the IPsec of a reference eNB. `strongswan` becomes `childless` where no tunnel can carry traffic. The stand-in is
 * for training alone.
 */
export async function startIpsec(
  { kind }: LabIpsec,
  { state, vendorRoot, now, connectTo }: IpsecSurroundings,
): Promise<Result<Ipsec>> {
  switch (kind) {
    case 'strongswan':
    case 'childless':
      return startStrongswanIpsec({ folder: join(state, 'ipsec'), isChildless: kind === 'childless' });
    case 'stand-in':
      return isTrainingCertificate(vendorRoot)
        ? ok(standInIpsec({ connectTo, now }))
        : refuse('training-mismatch');
  }
}
