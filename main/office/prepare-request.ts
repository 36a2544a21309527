import type { AuditLog, OpenedStore } from '../audit/index.ts';
import type { Fault, Result } from '../faults/index.ts';
import type { TakeLease } from '../work/index.ts';
import type { UnlockInventory } from './encrypted-inventory.ts';
import type { UnlockedVendor, Vendor } from './profile.ts';

/** What the user asks for. Paths are absolute. */
export interface PrepareRequest {
  readonly inventory: string;
  readonly profile: string;
  /** The output folder, for `bundles/` and `report.csv`. */
  readonly out: string;
  /** The file with corrected cells of the inventory, if there is one. */
  readonly corrections?: string;
  /** The paths to these files must not follow a symbolic link below these folders. */
  readonly folders?: readonly string[];
  /** Make bundles for the good rows even if other rows are bad. */
  readonly skipBad: boolean;
  /** Continue an interrupted run. */
  readonly resume: boolean;
  /** Check everything, but make no bundles. */
  readonly dryRun: boolean;
  /**
   * Find out what the bundles change for their eNBs. Compares each with the eNB's newest one, all but the sealed values:
   * nothing is kept of a secret to compare it with.
   */
  readonly compare?: boolean;
  /** Make only the bundles that change something. Compares too. */
  readonly onlyChanged?: boolean;
  /**
   * What the user has seen of the comparison, and agreed to: how many rows change something, and how many nothing. If it
   * is no more so, nothing is made.
   */
  readonly agreed?: { readonly changed: number; readonly unchanged: number };
  /** Make bundles for so many of the good rows only, from the first: a wave to try. `resume` makes the others later. */
  readonly first?: number;
  /**
   * Make the credentials instead of reading them from the inventory, and write them for the RA/CA, encrypted to
   * `enrolment.registrationCertificate` of the profile.
   */
  readonly generateCredentials?: boolean;
  /** How many threads work on it; as many as there are processors if omitted. */
  readonly workers?: number;
}

/** What a run needs from its caller. */
export interface PrepareSurroundings {
  /** Opens the store and log for training (`true`) or for real data. */
  readonly openStore: (training: boolean) => Result<OpenedStore>;
  readonly takeLease: TakeLease;
  /** Unlocks the key of an encrypted inventory. Absent if the user gave no such key. */
  readonly unlockInventory?: UnlockInventory;
  /** Unlocks the vendor's key. May ask the user for a passphrase, or use one entered earlier. */
  readonly unlock: (vendor: Vendor, owner: KeyOwner) => Promise<Result<UnlockedVendor>>;
  /** Why the run must stop because someone has locked this key meanwhile. A run without it keeps its keys to the end. */
  readonly lockedFault?: (vendor: UnlockedVendor) => Fault | undefined;
  /** Called with each unlocked key when the run needs it no more, if it was unlocked for this run alone. */
  readonly lock?: (vendor: UnlockedVendor, owner: KeyOwner) => void;
  readonly now: () => Date;
  readonly newId: () => string;
  /** The number of processors. */
  readonly processors: number;
  readonly onProgress: (progress: PrepareProgress) => void;
  /** Waits as long as the user has paused the run. A run without it cannot be paused. */
  readonly untilContinued?: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Whose configuration key it is, and the log of its store. */
export interface KeyOwner {
  /** The operator's name. */
  readonly operator: string;
  readonly log: AuditLog;
}

/** How far a run has come. */
export interface PrepareProgress {
  readonly phase: 'checking' | 'comparing' | 'making';
  /** Rows checked or compared, or bundles made. Bundles from the interrupted run that this one continues count as made. */
  readonly done: number;
  readonly total: number;
  /** Rows with a problem so far. */
  readonly refused: number;
}
