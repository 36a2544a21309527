import type { LogFilter } from '../../store/index.ts';
import { toHex, type Hash, type TreeHashes } from '../../tlog/index.ts';

/** The format of a proof. */
export const proofFormat = 'siteseal-log-proof/1';

/** What a proof begins with. */
export interface ProofHeader {
  /** Names the log. */
  readonly origin: string;
  readonly training: boolean;
  /** How many entries the export has. */
  readonly listed: number;
  /** Absent for an export of the whole log. */
  readonly filter?: LogFilter | undefined;
}

/** A signed checkpoint over the first `size` entries. */
export interface SizedCheckpoint {
  readonly size: number;
  readonly checkpoint: string;
}

/** Someone whose name the export has. */
export interface NamedPerson {
  readonly id: string;
  readonly name: string;
  readonly salt: Uint8Array;
}

/** A line of a proof after the first. */
export interface ProofLine {
  /** The next entries are in the export. */
  readonly listed?: number;
  /** An entry that is not in the export. */
  readonly entry?: string;
  /** Entries that are not given, and the roots of the perfect subtrees that fill them. */
  readonly skipped?: number;
  readonly hashes?: readonly Hash[];
  /** A checkpoint over all entries so far. */
  readonly checkpoint?: string;
  readonly person?: { readonly id: string; readonly name: string; readonly salt: string };
}

/** Takes what a proof says, in the order of the log. */
export interface ProofSink {
  /** Takes a line, also the first one. */
  line(line: ProofLine | ({ readonly format: typeof proofFormat } & ProofHeader)): void;
  /** Takes an entry that the export lists, before the line that counts it. */
  listed?(entry: string): void;
}

/** Actions whose entries a proof gives even if the export lists them not: without them, no key is known. */
const alwaysGiven = /^\{"action":"(?:log-key|log-migrated)",/;

/**
 * Writes the proof of an export while all entries of the log pass by in order. Entries that are neither listed nor given
 * become the roots of the perfect subtrees that they fill; at most two for each level of the tree are in memory.
 */
export class ProofWriter {
  readonly #hashes: TreeHashes;
  readonly #sink: ProofSink;
  /** The checkpoints that have not been reached, the smallest first. */
  readonly #checkpoints: SizedCheckpoint[];
  #size = 0;
  /** How many entries up to here are listed, since the last line. */
  #listed = 0;
  /** Where the entries begin that are not given, since the last line. */
  #skippedFrom = 0;
  #subtrees: { readonly level: number; readonly hash: Hash }[] = [];

  /** @param checkpoints the smallest first, the last over all entries */
  constructor(
    hashes: TreeHashes,
    header: ProofHeader,
    checkpoints: readonly SizedCheckpoint[],
    sink: ProofSink,
  ) {
    this.#hashes = hashes;
    this.#sink = sink;
    this.#checkpoints = [...checkpoints];
    const { origin, training, listed, filter } = header;
    sink.line({ format: proofFormat, origin, training, listed, ...(filter && { filter }) });
  }

  /** Takes the next entry. */
  entry(text: string, isListed: boolean): void {
    if (isListed) {
      this.#endSkipped();
      this.#listed++;
      this.#sink.listed?.(text);
    } else if (alwaysGiven.test(text)) {
      this.#endRun();
      this.#put({ entry: text });
    } else {
      this.#endListed();
      if (this.#subtrees.length === 0) this.#skippedFrom = this.#size;
      this.#skip(this.#hashes.leaf(text));
    }
    this.#size++;
    while (this.#checkpoints[0]?.size === this.#size) {
      const { checkpoint } = this.#checkpoints[0];
      this.#checkpoints.shift();
      this.#endRun();
      this.#put({ checkpoint });
    }
  }

  /** Ends the proof. */
  end(people: readonly NamedPerson[]): void {
    this.#endRun();
    for (const { id, name, salt } of people) this.#put({ person: { id, name, salt: toHex(salt) } });
  }

  /** Adds a leaf to the subtrees of the entries that are not given. Two of a size become one where the tree pairs them. */
  #skip(leaf: Hash): void {
    let top = { level: 0, hash: leaf };
    const end = this.#size + 1;
    while (end % 2 ** (top.level + 1) === 0) {
      const left = this.#subtrees.at(-1);
      if (left?.level !== top.level) break;
      this.#subtrees.pop();
      top = { level: top.level + 1, hash: this.#hashes.node(left.hash, top.hash) };
    }
    this.#subtrees.push(top);
  }

  #endRun(): void {
    this.#endListed();
    this.#endSkipped();
  }

  #endListed(): void {
    if (this.#listed > 0) this.#put({ listed: this.#listed });
    this.#listed = 0;
  }

  #endSkipped(): void {
    if (this.#subtrees.length === 0) return;
    this.#put({ skipped: this.#size - this.#skippedFrom, hashes: this.#subtrees.map(({ hash }) => hash) });
    this.#subtrees = [];
  }

  #put(line: ProofLine): void {
    this.#sink.line(line);
  }
}
