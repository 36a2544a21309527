/** What is left of each delivery for whoever compares: one line of JSON in `deliveries.jsonl`. */
import type { Claim } from './messages.ts';
import type { PlannedFault, Way } from './plan.ts';

export interface Attempt {
  /** What was done: `deliver`, or a step with the drive. */
  readonly step: string;
  /** What was to go wrong, and how often it did. */
  readonly fault?: PlannedFault;
  readonly fired: boolean;
  /** Those that were reached, in order. */
  readonly states: readonly string[];
  /** Whose process was killed. */
  readonly killed: readonly ('tool' | 'enb')[];
  /** What the tool answered; absent when it was killed. */
  readonly answer?: unknown;
  /** What the tool said of the bundle afterwards, and after it was started again where it was killed. */
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
  /** What the tool said at the end. */
  readonly claim: Claim;
  /** The files of receipts that the tool told of. */
  readonly receipts: readonly string[];
  /** What was found untrue right after an attempt. */
  readonly lies: readonly string[];
}
