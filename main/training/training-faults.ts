import type { TrainingFault } from '../../preload/contract/index.ts';
import type { Failure } from '../lab/index.ts';
import type { GatewayFault } from './lab-gateway.ts';

/** What goes wrong while a fault is chosen, in each emulated device. */
export interface FaultEffects {
  /** How all eNBs fail. */
  readonly failure?: Failure;
  /** Each cable leads to the next eNB. */
  readonly isCrossed?: boolean;
  /**
   * - `no-permission`: the system does not let this account open the eNB.
   * - `unplugged`: no eNB is on USB.
   * - `comes-loose`: a connection that the eNB drops has lost its cable.
   */
  readonly usb?: 'no-permission' | 'unplugged' | 'comes-loose';
  /**
   * - `loses-data`: acknowledges what it does not store.
   * - `pulled-early`: leaves the laptop before it is verified.
   */
  readonly stick?: 'loses-data' | 'pulled-early';
  /**
   * - `forgetful`: has lost its registrations.
   * - `silent`: takes every message and answers none.
   * - `outside`: can be reached outside the tunnels.
   */
  readonly raCa?: 'forgetful' | 'silent' | 'outside';
  /** What is wrong with the gateway of step 0.5. */
  readonly gateway?: GatewayFault;
}

/** The faults that training offers. */
export const faultEffects: Readonly<Record<TrainingFault, FaultEffects>> = {
  'cable-pulled': { failure: { kind: 'drop-at-bundle' }, usb: 'comes-loose' },
  'wrong-cable': { isCrossed: true },
  'enb-refuses': { failure: { kind: 'refuse', code: 'bundle-not-yet-valid' } },
  'enb-silent': { failure: { kind: 'stall', after: 0 } },
  'no-permission': { usb: 'no-permission' },
  'usb-unplugged': { usb: 'unplugged' },
  'stick-loses-data': { stick: 'loses-data' },
  'stick-pulled': { stick: 'pulled-early' },
  'ra-ca-refuses': { raCa: 'forgetful' },
  'ra-ca-silent': { raCa: 'silent' },
  'seg-silent': { gateway: 'silent' },
  'seg-lacks-root': { gateway: 'other-trust' },
  'seg-of-another': { gateway: 'other-operator' },
  'seg-algorithms': { gateway: 'other-algorithms' },
  'ra-ca-outside': { raCa: 'outside' },
};

/** Whether a fault is in the operator's gateways or RA/CA, and not on site. */
export function isOperatorFault(fault: TrainingFault): boolean {
  const { raCa, gateway } = faultEffects[fault];
  return raCa !== undefined || gateway !== undefined;
}
