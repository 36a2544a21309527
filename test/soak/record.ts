/** The record of each delivery for an outside comparison: one line of JSON in `deliveries.jsonl`. */
import type { Claim } from './messages.ts';
import type { PlannedFault, Way } from './plan.ts';

export interface Attempt {
  /** What was done: `deliver`, or a step with the drive. */
  readonly step: string;
  /** The planned fault, and how often it occurred. */
  readonly fault?: PlannedFault;
  readonly fired: boolean;
  /** The states reached, in order. */
  readonly states: readonly string[];
  /** Whose process was killed. */
  readonly killed: readonly ('tool' | 'enb')[];
  /** The tool's answer; absent when it was killed. */
  readonly answer?: unknown;
  /** What the tool claimed about the bundle afterwards. If it was killed, it was started again first. */
  readonly claim: Claim;
}

export interface DeliveryEntry {
  readonly id: string;
  readonly way: Way;
  readonly serial: string;
  readonly sequence: number;
  readonly isRival: boolean;
  /** Of the file in `bundles/`. */
  readonly bundleSha256: string;
  readonly planned: readonly PlannedFault[];
  readonly attempts: readonly Attempt[];
  /** What the tool claimed at the end. */
  readonly claim: Claim;
  /** The files of receipts that the tool reported. */
  readonly receipts: readonly string[];
  /** The false claims found right after an attempt. */
  readonly lies: readonly string[];
}
