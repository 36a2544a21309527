import type { Fault } from '../../main/faults/index.ts';

/** What the page shows after a verification. */
export interface Report {
  /** What was verified, and with what: sentences. */
  readonly compared: readonly string[];
  /** What is proven and what is not: sentences. */
  readonly proven: readonly string[];
  readonly unproven: readonly string[];
  /** Absent if everything agrees. */
  readonly fault?: Fault;
  /** The result in a sentence, if everything agrees. */
  readonly result: string;
  readonly head: HeadFacts;
  readonly keys: readonly LogKey[];
  /** Which entries were wanted. Absent if the export is whole. */
  readonly filter?: Readonly<Record<string, string>>;
  /** The first entries of the export. */
  readonly entries: readonly ListedEntry[];
  /** How many entries the export has. */
  readonly listed: number;
}

/** What identifies the log. Undefined where nothing proves it. */
export interface HeadFacts {
  readonly origin: string | undefined;
  readonly training: boolean | undefined;
  readonly size: number | undefined;
  /** The root hash, in hex. */
  readonly root: string | undefined;
}

/** A key that the log names. */
export interface LogKey {
  readonly entry: number;
  readonly epoch: number;
  readonly key: string;
  readonly reason: string;
  readonly since: string;
}

/** An entry to show. */
export interface ListedEntry {
  readonly sequence: number;
  readonly time: string;
  readonly action: string;
  readonly personId: string;
  /** Absent if the name is erased or not given. */
  readonly person?: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** The most entries that the page shows. */
export const mostShown = 1_000;
