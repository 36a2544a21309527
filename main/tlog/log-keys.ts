import type { LogProblem } from './log-problem.ts';
import {
  ed25519Type,
  keyIdOf,
  noteBody,
  parseVerifierKey,
  type Note,
  type NoteCrypto,
  type VerifierKey,
} from './note.ts';

/** The facts of a `log-key` entry. */
export interface KeyFacts {
  readonly epoch: number;
  readonly key: string;
  readonly reason: 'first' | 'rotated' | 'lost';
}

/** How a note is signed with regard to the key that counts. */
export type Signed =
  | 'valid'
  /** The key that counts did not make this signature, though it bears its name or id. */
  | 'invalid'
  /** Another key of this name signed, or nothing of this name did. */
  | 'otherwise';

/** The keys of a log, in the order in which they counted. */
export class KeyChain {
  readonly #crypto: NoteCrypto;
  readonly #ids = new Set<string>();
  #current: VerifierKey | undefined;
  #currentText = '';
  #epoch = 0;
  #since = '';
  /** The key that the last entry names. It counts once the current one has signed the checkpoint over that entry. */
  #next: { readonly key: VerifierKey; readonly text: string } | undefined;
  /** How many keys were signed out by the one after them. */
  handovers = 0;

  constructor(crypto: NoteCrypto) {
    this.#crypto = crypto;
  }

  /** The name of the key that counts: the origin of the log. */
  get origin(): string | undefined {
    return this.#current?.name;
  }

  /** The key that counts at this size, as text, its number, and the time of the entry that names it. */
  get current(): { readonly key: string; readonly epoch: number; readonly since: string } | undefined {
    return this.#current && { key: this.#currentText, epoch: this.#epoch, since: this.#since };
  }

  /** Whether the current key must sign the checkpoint over the last entry before anything else follows. */
  get isHandingOver(): boolean {
    return this.#next !== undefined;
  }

  /** Takes the `log-key` entry that was just read. */
  take(text: string, origin: string | undefined, time: string): KeyFacts | LogProblem {
    const facts = readKeyFacts(text);
    const key = facts && parseVerifierKey(facts.key, this.#crypto);
    const isFirst = this.#current === undefined;
    const fits =
      key?.type === ed25519Type &&
      facts?.epoch === this.#epoch + 1 &&
      (facts.reason === 'first') === isFirst &&
      (this.#current?.name ?? key.name) === key.name &&
      facts.key !== this.#currentText;
    if (!fits) return { code: 'log-malformed', rule: 'log-entry-key' };
    if (origin !== undefined && key.name !== origin)
      return { code: 'log-foreign', expected: origin, found: key.name };
    this.#ids.add(keyIdOf(key, this.#crypto));
    this.#epoch = facts.epoch;
    this.#since = time;
    if (facts.reason === 'rotated') this.#next = { key, text: facts.key };
    else this.#count(key, facts.key);
    return facts;
  }

  /** The current key has signed the checkpoint over the entry that names the next one. */
  handOver(): void {
    if (!this.#next) return;
    this.#count(this.#next.key, this.#next.text);
    this.#next = undefined;
    this.handovers++;
  }

  /** How the key that counts has signed a note. */
  judge(note: Note): Signed {
    const key = this.#current;
    if (!key) return 'otherwise';
    const id = keyIdOf(key, this.#crypto);
    const message = noteBody(note.body);
    const named = note.signatures.filter(({ name }) => name === key.name);
    const verifies = ({ signature }: { readonly signature: Uint8Array }) =>
      signature.length === 64 && this.#crypto.verifyEd25519(key.publicKey, message, signature);
    const mine = named.filter(({ keyId }) => keyId === id);
    if (mine.some(verifies)) return 'valid';
    // A signature of this key under a wrong id or name is damage, not the work of another key.
    const isDamaged = mine.length > 0 || named.length === 0 || note.signatures.some(verifies);
    return isDamaged ? 'invalid' : 'otherwise';
  }

  /** Whether a note bears the id of a key of this log. */
  isKnown(note: Note): boolean {
    return note.signatures.some(({ name, keyId }) => name === this.origin && this.#ids.has(keyId));
  }

  #count(key: VerifierKey, text: string): void {
    this.#current = key;
    this.#currentText = text;
  }
}

/** Reads the facts of a `log-key` entry, whose form was checked. */
export function readKeyFacts(text: string): KeyFacts | undefined {
  const { facts } = JSON.parse(text) as { readonly facts: Readonly<Record<string, unknown>> };
  const { epoch, key, reason, ...rest } = facts;
  const isKnownReason = reason === 'first' || reason === 'rotated' || reason === 'lost';
  const isWhole = typeof epoch === 'number' && typeof key === 'string' && isKnownReason;
  return isWhole && Object.keys(rest).length === 0 ? { epoch, key, reason } : undefined;
}
