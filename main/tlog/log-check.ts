import { parseCheckpoint } from './checkpoint.ts';
import { readEntry, type ReadEntry } from './log-entry.ts';
import { HeadComparison } from './log-heads.ts';
import { KeyChain } from './log-keys.ts';
import type { KnownHead, LogFinding, LogPoint, LogPorts, LogProblem, LogProblemCode } from './log-problem.ts';
import { LogRemarks } from './log-remarks.ts';
import { Cosignatures } from './log-witnesses.ts';
import { noteBody, type NoteCrypto, type VerifierKey } from './note.ts';
import { CompactRange, splitAt, type Hash, type TreeHashes } from './tree.ts';
import { fromHex, toHex } from './bytes.ts';

/** What the caller knows about the log before it reads it. */
export interface LogExpectation {
  readonly origin?: string;
  readonly training?: boolean;
  /** Whether entries were chosen by a filter. */
  readonly filtered?: boolean;
  readonly heads?: readonly KnownHead[];
  /** Keys of known witnesses, of type 0x04. */
  readonly witnessKeys?: readonly VerifierKey[];
}

/** Whether a text is a salt of 16 bytes in hex. With another length, a part of the name could pass as salt. */
function isSalt(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/**
 * The verification of a log: a walk over the whole tree from left to right. The first problem ends it; each later call
 * returns that problem again. What is read before the next valid checkpoint is not yet proven.
 */
export class LogCheck {
  readonly #hashes: TreeHashes;
  readonly #crypto: NoteCrypto;
  readonly #tree: CompactRange;
  readonly #keys: KeyChain;
  readonly #witnesses: Cosignatures;
  readonly #heads: HeadComparison;
  readonly #remarks = new LogRemarks();
  /** The digest of each actor's name. */
  readonly #actors = new Map<string, string>();
  readonly #origin: string | undefined;
  #training: boolean | undefined;
  #isFiltered: boolean;
  /** The size that the last valid checkpoint sealed. */
  #sealed = 0;
  #skipped = 0;
  #names = 0;
  #problem: LogProblem | undefined;

  constructor(
    ports: LogPorts,
    { origin, training, filtered = false, heads = [], witnessKeys = [] }: LogExpectation = {},
  ) {
    this.#hashes = ports.hashes;
    this.#crypto = ports.crypto;
    this.#tree = new CompactRange(ports.hashes);
    this.#keys = new KeyChain(ports.crypto);
    this.#witnesses = new Cosignatures(ports.crypto, witnessKeys);
    this.#heads = new HeadComparison(heads, this.#witnesses);
    this.#origin = origin;
    this.#training = training;
    this.#isFiltered = filtered;
  }

  /** How many entries there are so far, skipped ones too. */
  get size(): number {
    return this.#tree.size;
  }

  /** The roots of the perfect subtrees so far, the largest first. */
  get subtrees(): readonly Hash[] {
    return this.#tree.subtrees;
  }

  /** Whether the next checkpoint must be the one with which a key signs the next one in. */
  get isHandingOver(): boolean {
    return this.#keys.isHandingOver;
  }

  /** The key that counts now, its number, and the time of the entry that names it. */
  get key(): KeyChain['current'] {
    return this.#keys.current;
  }

  /** The time of the last entry that was given. */
  get lastTime(): string {
    return this.#remarks.lastTime;
  }

  /** Takes the next entry, as the tree covers it. */
  entry(text: string): LogProblem | undefined {
    if (this.#problem ?? this.#notHandedOver()) return this.#problem;
    const at = this.#tree.size;
    const entry = readEntry(text);
    if (typeof entry === 'string') return this.#fail('log-malformed', { rule: entry, entry: at });
    const problem = this.#placeOf(entry, at) ?? this.#meaningOf(entry, at, text);
    if (problem) return (this.#problem = { entry: at, ...problem });
    this.#tree.append(this.#hashes.leaf(text));
    this.#compareHeads();
    return undefined;
  }

  /** Takes entries that are not given, by the roots of the perfect subtrees that fill them (`splitAt`). */
  skip(count: number, hashes: readonly Hash[]): LogProblem | undefined {
    if (this.#problem ?? this.#notHandedOver()) return this.#problem;
    const from = this.#tree.size;
    const isCount = Number.isSafeInteger(count) && count > 0 && Number.isSafeInteger(from + count);
    const levels = isCount ? splitAt(from, from + count) : [];
    const isWhole =
      isCount && levels.length === hashes.length && hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash));
    if (!isWhole) return this.#fail('log-malformed', { rule: 'log-skipped-form', entry: from });
    levels.forEach((level, at) => this.#tree.appendSubtree(level, hashes[at] as Hash));
    this.#skipped += count;
    this.#isFiltered = true;
    this.#compareHeads();
    return undefined;
  }

  /** Takes a checkpoint over all entries so far. */
  checkpoint(text: string): LogProblem | undefined {
    if (this.#problem) return this.#problem;
    const size = this.#tree.size;
    const checkpoint = parseCheckpoint(text);
    if (!checkpoint) return this.#fail('log-malformed', { rule: 'log-checkpoint-form', entry: size });
    const key = this.#keys.current;
    const origin = this.#origin ?? this.#keys.origin;
    if (origin !== undefined && checkpoint.origin !== origin)
      return this.#fail('log-foreign', { expected: origin, found: checkpoint.origin });
    const signed = this.#keys.judge(checkpoint.note);
    const place = { entry: this.#sealed, before: size };
    if (key && signed === 'invalid') return this.#fail('log-signature-invalid', place);
    if (checkpoint.size > size)
      return this.#fail('log-cut', { entry: size, expected: String(checkpoint.size), found: String(size) });
    if (!key) return this.#fail('log-malformed', { rule: 'log-entry-key', entry: 0 });
    if (checkpoint.size < size) return this.#fail('log-unsealed', { entry: checkpoint.size, before: size });
    if (signed === 'otherwise') return this.#fail('log-resealed', place);
    if (checkpoint.root !== this.#tree.root()) return this.#fail('log-altered', place);
    if (!this.#witnesses.take(checkpoint)) return this.#fail('log-signature-invalid', place);
    this.#keys.handOver();
    this.#sealed = size;
    return undefined;
  }

  /** Takes a name, which lies outside of the log. An entry's digest proves it. */
  person(id: string, name: string, salt: string): LogProblem | undefined {
    const digest = this.#actors.get(id);
    if (this.#problem ?? digest === undefined) return this.#problem;
    const bytes = noteBody(name);
    const salted = new Uint8Array(salt.length / 2 + bytes.length);
    salted.set(fromHex(salt));
    salted.set(bytes, salt.length / 2);
    if (!isSalt(salt) || toHex(this.#crypto.sha256(salted)) !== digest)
      return this.#fail('log-name-altered', { found: id });
    this.#names++;
    return undefined;
  }

  /** Ends the walk with a problem that only the caller sees, unless there was one before. */
  fail(problem: LogProblem): LogProblem {
    return (this.#problem ??= problem);
  }

  /** The end of the log. */
  end(): LogFinding {
    const size = this.#tree.size;
    if (!this.#problem && !this.#notHandedOver() && this.#sealed < size)
      this.#fail('log-unsealed', { entry: this.#sealed, before: size });
    const ofHeads = this.#problem ? undefined : this.#heads.end(size, this.#keys);
    const problem = this.#problem ?? ofHeads;
    return {
      entries: size,
      proven: this.#proven(size, this.#problem === undefined),
      unproven: this.#unproven(size),
      ...(problem && { problem }),
    };
  }

  #proven(size: number, isWhole: boolean): readonly LogPoint[] {
    const { handovers } = this.#keys;
    const given = size - this.#skipped;
    const points: (LogPoint | false)[] = [
      isWhole && size === 0 && { code: 'empty', facts: {} },
      isWhole && size > 0 && this.#skipped === 0 && { code: 'sealed', facts: { count: size } },
      isWhole && this.#skipped > 0 && { code: 'sealed-part', facts: { count: given, entries: size } },
      !isWhole && this.#sealed > 0 && { code: 'sealed-before', facts: { count: this.#sealed } },
      handovers > 0 && { code: 'keys-chained', facts: { count: handovers } },
    ];
    return [
      ...points.filter((point) => point !== false),
      ...this.#heads.held,
      ...this.#witnesses.seen,
      ...(this.#names > 0 ? [{ code: 'names-match', facts: { count: this.#names } } as const] : []),
    ];
  }

  #unproven(size: number): readonly LogPoint[] {
    // A cosigned head is known off the laptop, wherever its copy was read.
    const newest = Math.max(this.#heads.newest, this.#witnesses.newest);
    const points: (LogPoint | false)[] = [
      newest === 0 && { code: 'no-head-known', facts: {} },
      newest > 0 &&
        newest < size && { code: 'after-newest-head', facts: { from: newest, count: size - newest } },
      this.#isFiltered && { code: 'filtered', facts: {} },
    ];
    // What holds for every log comes last: screens fold the end of the list.
    const always: readonly LogPoint[] = [
      { code: 'who-declared', facts: {} },
      { code: 'times-local', facts: {} },
    ];
    return [
      ...points.filter((point) => point !== false),
      ...this.#heads.missed,
      ...this.#remarks.points,
      ...this.#witnesses.unknown,
      ...(size > 0 ? always : []),
    ];
  }

  /** Whether an entry is the one that has this place in this log. */
  #placeOf({ sequence, training, actorId, nameSha256 }: ReadEntry, at: number): LogProblem | undefined {
    if (sequence !== at) return { code: 'log-altered', expected: String(at), found: String(sequence) };
    this.#training ??= training;
    if (training !== this.#training) return { code: 'log-training-mismatch' };
    const known = this.#actors.get(actorId);
    if (known === undefined) this.#actors.set(actorId, nameSha256);
    else if (known !== nameSha256) this.#actors.set(actorId, ''); // No name can match both.
    return undefined;
  }

  /** Takes what an entry says about the log itself. */
  #meaningOf({ action, time }: ReadEntry, at: number, text: string): LogProblem | undefined {
    if (action === 'log-key') {
      if (this.#keys.current === undefined && !this.#remarks.allowsFirstKey)
        return { code: 'log-malformed', rule: 'log-entry-key' };
      const facts = this.#keys.take(text, this.#origin, time);
      if ('code' in facts) return facts;
      if (facts.reason === 'lost') {
        if (this.#sealed !== at) return { code: 'log-resealed' };
        this.#remarks.count('key-lost', at);
      }
    }
    return this.#remarks.take(action, at, time, text);
  }

  /** The key that an entry names counts only once the key before it has signed it in. */
  #notHandedOver(): LogProblem | undefined {
    return this.#keys.isHandingOver ? this.#fail('log-resealed', { entry: this.#tree.size - 1 }) : undefined;
  }

  #compareHeads(): void {
    if (this.#heads.isDue(this.#tree.size))
      this.#heads.compare(this.#tree.size, () => this.#tree.root(), this.#keys);
  }

  #fail(code: LogProblemCode, facts: Omit<LogProblem, 'code'>): LogProblem {
    return (this.#problem = { code, ...facts });
  }
}
