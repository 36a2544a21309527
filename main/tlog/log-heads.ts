import { parseCheckpoint, type SignedHead } from './checkpoint.ts';
import type { KeyChain } from './log-keys.ts';
import type { KnownHead, LogPoint, LogProblem } from './log-problem.ts';
import type { Cosignatures } from './log-witnesses.ts';
import type { Hash } from './tree.ts';

type Head = SignedHead & { readonly source: string; readonly isReceipt?: true };

/** Heads known from elsewhere, compared with a log at their sizes. A problem here does not end the walk over the log. */
export class HeadComparison {
  readonly #heads: readonly Head[];
  readonly #witnesses: Cosignatures;
  readonly #points: LogPoint[] = [];
  readonly #missed: LogPoint[] = [];
  readonly #receipts = { count: 0, size: 0 };
  /** Problems of heads at places where no key counts. They are of this log if the first key has their origin. */
  readonly #keyless: { readonly origin: string; readonly problem: LogProblem }[] = [];
  #next = 0;
  #problem: LogProblem | undefined;
  /** The size of the largest head that the log holds. */
  newest = 0;

  constructor(known: readonly KnownHead[], witnesses: Cosignatures) {
    this.#witnesses = witnesses;
    const heads: Head[] = [];
    for (const { text, ...of } of known) {
      const checkpoint = parseCheckpoint(text);
      if (checkpoint) heads.push({ ...checkpoint, ...of });
      else this.#report({ code: 'log-malformed', rule: 'log-checkpoint-form', source: of.source });
    }
    this.#heads = heads.sort((one, other) => one.size - other.size);
  }

  /** Whether a head waits to be compared at this size or a smaller one. Cheap, because the walk asks at each entry. */
  isDue(size: number): boolean {
    const next = this.#heads[this.#next];
    return next !== undefined && next.size <= size;
  }

  /** Compares the heads of this size, and skips smaller ones, which lie among entries that are not given. */
  compare(size: number, root: () => Hash, keys: KeyChain): void {
    for (; this.isDue(size); this.#next++) {
      const head = this.#heads[this.#next] as Head;
      const { source } = head;
      const { origin } = keys;
      if (origin !== undefined && head.origin !== origin) continue; // Reported at the end.
      if (origin === undefined) {
        const isSame = head.size < size || head.root === root();
        const problem: LogProblem = isSame
          ? { code: 'log-signature-invalid', source }
          : { code: 'log-forked', source, entry: 0, before: size };
        this.#keyless.push({ origin: head.origin, problem });
      } else if (head.size === size) this.#judge(head, root(), keys);
      // All keys of a log are given, so that the current one signed whatever lies among entries that are not.
      else if (keys.judge(head.note) !== 'valid') this.#report({ code: 'log-signature-invalid', source });
      else this.#missed.push({ code: 'head-not-comparable', facts: { source, size: head.size } });
    }
  }

  /** Judges what is left: heads of other logs, and heads beyond this one. */
  end(size: number, keys: KeyChain): LogProblem | undefined {
    const { origin } = keys;
    for (const { origin: named, problem } of this.#keyless) if (named === origin) this.#report(problem);
    for (const head of this.#heads) {
      const { source } = head;
      if (head.origin !== origin)
        this.#report({
          code: 'log-foreign',
          source,
          found: head.origin,
          ...(origin !== undefined && { expected: origin }),
        });
      else if (head.size > size)
        this.#report(
          keys.isKnown(head.note) && keys.judge(head.note) === 'invalid'
            ? { code: 'log-signature-invalid', source }
            : {
                code: 'log-rolled-back',
                source,
                entry: size,
                expected: String(head.size),
                found: String(size),
              },
        );
    }
    return this.#problem;
  }

  get held(): readonly LogPoint[] {
    const { count, size } = this.#receipts;
    return count === 0 ? this.#points : [...this.#points, { code: 'receipts-held', facts: { count, size } }];
  }

  get missed(): readonly LogPoint[] {
    return this.#missed;
  }

  #judge(head: Head, found: Hash, keys: KeyChain): void {
    const { source, isReceipt, size, root } = head;
    const signed = keys.judge(head.note);
    if (signed === 'invalid' || (signed === 'otherwise' && root === found))
      return this.#report({ code: 'log-signature-invalid', source });
    if (root !== found) return this.#report({ code: 'log-forked', source, entry: this.newest, before: size });
    if (!this.#witnesses.take(head)) return this.#report({ code: 'log-signature-invalid', source });
    this.newest = size;
    if (isReceipt) {
      this.#receipts.count++;
      this.#receipts.size = size;
    } else this.#points.push({ code: 'head-held', facts: { source, size } });
  }

  #report(problem: LogProblem): void {
    this.#problem ??= problem;
  }
}
