import type { KeyObject } from 'node:crypto';
import type { Certificate, Clock } from '../pki/index.ts';

/** What the factory has put into the eNB, and its clock. */
export interface StepDevice {
  readonly key: KeyObject;
  readonly certificate: Certificate;
  readonly chain: readonly Certificate[];
  readonly vendorRoot: Certificate;
  readonly folder: string;
  readonly isTraining: boolean;
  readonly clock: () => Clock;
}
