import type { KnownHead, LogFinding, LogProblem } from './log-problem.ts';
import type { NoteCrypto, VerifierKey } from './note.ts';
import type { Hash, TreeHashes } from './tree.ts';

/** What the caller knows about the log before it reads it. */
export interface LogExpectation {
  readonly origin?: string;
  readonly training?: boolean;
  readonly heads?: readonly KnownHead[];
  /** Keys of known witnesses, of type 0x04. */
  readonly witnessKeys?: readonly VerifierKey[];
}

/**
 * The verification of a log: a walk over the whole tree from left to right. The first problem ends it; each later call
 * returns that problem again.
 */
export class LogCheck {
  readonly #expected: LogExpectation;
  readonly #ports: { readonly hashes: TreeHashes; readonly crypto: NoteCrypto };
  #size = 0;
  #problem: LogProblem | undefined;

  constructor(
    ports: { readonly hashes: TreeHashes; readonly crypto: NoteCrypto },
    expected: LogExpectation = {},
  ) {
    this.#ports = ports;
    this.#expected = expected;
  }

  /** Takes the next entry, as the tree covers it. */
  entry(text: string): LogProblem | undefined {
    void [this.#ports, this.#expected, text];
    this.#size++;
    return this.#problem;
  }

  /** Takes entries that are not given, by the roots of the perfect subtrees that fill them (`splitAt`). */
  skip(count: number, hashes: readonly Hash[]): LogProblem | undefined {
    void hashes;
    this.#size += count;
    return this.#problem;
  }

  /** Takes a checkpoint over all entries so far. */
  checkpoint(text: string): LogProblem | undefined {
    void text;
    return this.#problem;
  }

  /** The end of the log. */
  end(): LogFinding {
    return {
      entries: this.#size,
      proven: [],
      unproven: [],
      ...(this.#problem && { problem: this.#problem }),
    };
  }
}
