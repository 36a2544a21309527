import type { NoteCrypto } from './note.ts';
import type { TreeHashes } from './tree.ts';

/** What is wrong with a log. The codes are those of the faults with these names. */
export type LogProblemCode =
  /** An entry, a checkpoint or a line of a proof breaks its format. The rule says how. */
  | 'log-malformed'
  /** Entries were edited, inserted, deleted or swapped: they are not those that a valid checkpoint seals. */
  | 'log-altered'
  /** A valid checkpoint seals more entries than there are. */
  | 'log-cut'
  /** Entries follow that no checkpoint seals. */
  | 'log-unsealed'
  /** A key seals what another key had to seal, or nothing signed the older key out. */
  | 'log-resealed'
  /** A checkpoint or cosignature does not verify under the key that counts there. */
  | 'log-signature-invalid'
  /** A head known from elsewhere is beyond this log: an old backup, or the tail was cut. */
  | 'log-rolled-back'
  /** A head of this log known from elsewhere has another history. */
  | 'log-forked'
  /** A checkpoint or head is of another log. */
  | 'log-foreign'
  /** A name is not the one whose digest an entry holds. */
  | 'log-name-altered'
  /** Training where real work is expected, or the other way round. */
  | 'log-training-mismatch';

/** The rules of `log-malformed`. The codes are those of the rules with these names. */
export type LogRule =
  /** More than 65,535 bytes. */
  | 'log-entry-size'
  /** Not exactly the members of an entry, in canonical JSON. */
  | 'log-entry-form'
  /** A `log-key` entry: its facts, its place, its epoch, its name. */
  | 'log-entry-key'
  /** A `log-migrated` entry: its place or its count. */
  | 'log-entry-migrated'
  /** A checkpoint: C2SP tlog-checkpoint. */
  | 'log-checkpoint-form'
  /** In a head file: the earlier checkpoint is of another log or size. */
  | 'log-head-earlier'
  /** Skipped entries are not given by the roots of the perfect subtrees that fill them. */
  | 'log-skipped-form'
  /** In an export: a line of the proof, or their number. */
  | 'log-proof-form'
  /** In an export: a row without an entry. */
  | 'log-row-form'
  /** In an export: a cell that says something else than the entry of its row. */
  | 'log-copy'
  /** In a store: the state does not follow from the entries. */
  | 'log-head-row'
  /** In a store: a row of a kept checkpoint is not as Siteseal writes it. */
  | 'log-kept-row';

/** A problem of a log. A caller makes a fault of it. */
export interface LogProblem {
  readonly code: LogProblemCode;
  readonly rule?: LogRule;
  /** The first entry concerned. */
  readonly entry?: number;
  /** The first entry after it that is not concerned, where the problem lies between two entries. */
  readonly before?: number;
  /** In an export: the row, counted from 1. */
  readonly row?: number;
  /** In an export: the line of its proof, counted from 1. */
  readonly line?: number;
  /** In an export: the column. */
  readonly field?: string;
  /** Where the known head comes from. Absent if the problem is in the log. */
  readonly source?: string;
  readonly expected?: string;
  readonly found?: string;
}

/** Something that is proven, or that is not. `assets/locales/` has the sentences. */
export interface LogPoint {
  readonly code: LogPointCode;
  readonly facts: Readonly<Record<string, string | number>>;
}

/** All points, with their facts. */
export type LogPointCode =
  // Proven:
  /** There are no entries. */
  | 'empty'
  /** `count`: all of them are as the log's key sealed them. */
  | 'sealed'
  /** `count`, `entries`: those that are given are as the log's key sealed them. */
  | 'sealed-part'
  /** `count`: as `sealed`, of the entries before a problem. */
  | 'sealed-before'
  /** `count`: so many keys were each signed in by the key before. */
  | 'keys-chained'
  /** `count`: so many names match the digests in the entries. */
  | 'names-match'
  /** `source`, `size`: the log still holds everything that this head sealed. */
  | 'head-held'
  /** `count`, `size`: so many heads in receipts, the largest of this size. */
  | 'receipts-held'
  /** `size`: the log's key signed this head. */
  | 'head-signed'
  /** `entry`, `entries`: this entry is in the log. */
  | 'in-log'
  /** `size`, `entries`: the log extends what it was at an earlier head. */
  | 'extends'
  /** `witness`, `size`, `time`: a known witness saw this head. */
  | 'witnessed'
  // Not proven:
  /** No head is known off the laptop. */
  | 'no-head-known'
  /** `from`, `count`: entries after the newest known head are proven by the laptop's key alone. */
  | 'after-newest-head'
  /** `source`, `size`: this head lies among entries that are not given. */
  | 'head-not-comparable'
  /** Nothing proves that no matching entry was left out. */
  | 'filtered'
  /** Who did it: names are declared. */
  | 'who-declared'
  /** Times come from the laptop's clock. */
  | 'times-local'
  /** `count`, `entry`: the clock went back, the last time before this entry. */
  | 'clock-set-back'
  /** `count`, `entry`: a key was lost, the last time before this entry, so that nothing signed it out. */
  | 'key-lost'
  /** `count`: so many come from a version without proofs. */
  | 'migrated'
  /** `count`, `entry`: the computer stopped without notice, and entries before this one can be missing. */
  | 'tail-uncertain'
  /** `count`, `entry`: so many names were erased. */
  | 'names-erased'
  /** `count`: so many heads in receipts are of other logs. */
  | 'receipts-foreign'
  /** What a format adds to the entries for reading was not compared. */
  | 'copies-unchecked'
  /** The key comes from the file that it verifies. */
  | 'keys-unproven'
  /** No key is known. */
  | 'signature-unchecked'
  /** A proof does not hold its entry. */
  | 'entry-absent'
  /** `witness`: a cosignature of a witness that is not known here. */
  | 'witness-unknown';

/** What a verification needs of cryptography. */
export interface LogPorts {
  readonly hashes: TreeHashes;
  readonly crypto: NoteCrypto;
}

/** What a check found. The log is intact if there is no problem. */
export interface LogFinding {
  /** How many entries the log has, skipped ones too. */
  readonly entries: number;
  readonly proven: readonly LogPoint[];
  readonly unproven: readonly LogPoint[];
  readonly problem?: LogProblem;
}

/** A checkpoint known from elsewhere: a file, a receipt, a witness. */
export interface KnownHead {
  /** Names it for people: a file name, a receipt. */
  readonly source: string;
  /** Receipts are counted together, because there can be many. */
  readonly isReceipt?: true;
  /** The signed note. */
  readonly text: string;
}
