import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  DamagedLog,
  storeFault,
  type ListAnswer,
  type LogFilter,
  type LogHead,
  type LogRow,
  type Store,
} from '../store/index.ts';
import { checkpointBody, CompactRange, formatNote } from '../tlog/index.ts';
import type { LogEvent } from './actions.ts';
import type { Actor, LogEntry } from './entry.ts';
import { entryOfRow, entryText } from './entry-text.ts';
import { treeHashes } from './hashes.ts';
import { isSame, treeOf } from './log-state.ts';
import { takeOldEntries } from './old-entries.ts';
import { NoteKeyFile, type NoteSigner } from './note-key.ts';
import { People } from './people.ts';

/** What the log takes from its environment. */
export interface LogSurroundings {
  /** The folder of the store, for the file of the log's key. */
  readonly folder: string;
  /** The user's name in the operating system. Entries bear it until the person declares another. */
  readonly userName: string;
  /** The program's version. */
  readonly version: string;
  readonly process: number;
  readonly isAlive: (process: number) => boolean;
  readonly bootId: string;
  readonly training: boolean;
  readonly now: () => Date;
  /** Milliseconds since the computer started. */
  readonly monotonic: () => number;
}

/** A part of the log to show. */
export interface LogPage {
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** The audit log of one store. Entries are never changed or removed. */
export interface AuditLog {
  /** The names of the people in it. */
  readonly people: People;
  /**
   * Appends an entry, inside the caller's transaction if one is open. The transaction ends with a signed checkpoint over
   * all entries. Throws `DamagedLog` if the log was damaged: nothing seals it again.
   */
  append(event: LogEvent): void;
  list(filter: LogFilter, page: LogPage): ListAnswer<LogEntry>;
  /** The entries that match, in order, exactly as the tree covers them. The caller may append meanwhile. */
  read(from: number, to: number, filter?: LogFilter): Iterable<LogRow>;
  /** How many entries match. */
  count(filter: LogFilter): number;
  /** The newest checkpoint as it stands. Undefined before the first entry. */
  newestHead(): Pick<LogHead, 'origin' | 'size' | 'checkpoint'> | undefined;
  /**
   * The newest checkpoint, to leave this computer: the log keeps it, and verifies itself against it from now on. Begins
   * the log if it is empty.
   */
  giveHead(): string;
  /** Says that this process stopped, if it appended anything. Nothing can be appended afterwards. */
  close(): void;
}

/** A store and its log, for real data or for training. */
export interface OpenedStore {
  readonly store: Store;
  readonly log: AuditLog;
}

/** Opens the log of a store. Takes in the entries of a version without proofs. */
export function openLog(store: Store, surroundings: LogSurroundings): AuditLog {
  return new Log(store, surroundings);
}

/** The file of the log's key, in the folder of its store. */
export const logKeyFile = 'log.key';

/** Begins the name of every log. A log's name is a URL without scheme that need not resolve (C2SP signed-note). */
const originStart = 'siteseal.invalid/log/';

/** The log within one transaction, which is one moment. */
interface Tip {
  readonly range: CompactRange;
  readonly origin: string;
  actor: Actor;
  readonly time: string;
  readonly monotonicMs: number;
  signer: NoteSigner;
  epoch: number;
  keySince: string;
  lastTime: string;
}

class Log implements AuditLog {
  readonly people: People;
  readonly #store: Store;
  readonly #surroundings: LogSurroundings;
  readonly #keyFile: NoteKeyFile;
  readonly #processId = randomBytes(8).toString('hex');
  #tip: Tip | undefined;
  #hasNewKey = false;
  /** What this process wrote last, as long as its transaction is not known to be undone. */
  #last: { readonly head: LogHead; readonly tip: Tip } | undefined;

  constructor(store: Store, surroundings: LogSurroundings) {
    this.#store = store;
    this.#surroundings = surroundings;
    this.#keyFile = new NoteKeyFile(join(surroundings.folder, logKeyFile));
    this.people = new People(store, surroundings.userName, (event) => {
      this.#last = undefined;
      if (this.#tip) this.#tip.actor = this.people.current();
      this.append(event);
    });
    store.onTransaction({
      beforeCommit: () => {
        if (this.#tip) this.#seal(this.#tip);
      },
      afterEnd: () => this.#afterEnd(),
    });
    store.transaction(() => {
      const old = store.log.oldEntries();
      if (old.length > 0) this.#takeIn(old);
    });
  }

  append(event: LogEvent): void {
    // Within the transaction that the log is part of already, the shorter way.
    if (this.#tip) this.#add(this.#tip, event);
    else this.#store.transaction(() => this.#add(this.#begin(), event));
  }

  list(filter: LogFilter, page: LogPage): ListAnswer<LogEntry> {
    const { total, rows } = this.#store.log.list(filter, page);
    return { total, rows: rows.map(entryOfRow) };
  }

  read(from: number, to: number, filter?: LogFilter): Iterable<LogRow> {
    return this.#store.log.read(from, to, filter);
  }

  count(filter: LogFilter): number {
    return this.#store.log.count(filter);
  }

  newestHead(): Pick<LogHead, 'origin' | 'size' | 'checkpoint'> | undefined {
    return this.#store.log.head();
  }

  giveHead(): string {
    return this.#store.transaction(() => {
      const stored = this.#tip ? undefined : this.#store.log.head();
      const { checkpoint } = stored ?? this.#seal(this.#begin());
      // The size in the state can be damaged.
      const { size } = stored ? treeOf(this.#store, stored) : this.#begin().range;
      this.#store.log.keepCheckpoint({ size, checkpoint, kind: 'given' });
      return checkpoint;
    });
  }

  close(): void {
    if (!this.#isKnown()) return;
    this.#store.transaction(() => {
      this.#add(this.#begin(), { action: 'stopped', subject: {}, facts: this.#ofProcess() });
      this.#store.log.removeProcess(this.#processId);
    });
  }

  /** The log in this transaction. Reads the truth on disk, because other processes append too. */
  #begin(): Tip {
    if (this.#tip) return this.#tip;
    const head = this.#store.log.head();
    const last = this.#last;
    this.#last = undefined;
    // Whatever changes people, keys or processes also appends: with the same state, all of it is as this process left it.
    const isAsLeft = head !== undefined && last !== undefined && isSame(head, last.head);
    const tip = isAsLeft ? { ...last.tip, ...this.#moment() } : this.#load(head);
    this.#tip = tip;
    if (head && day(tip.keySince) < day(tip.time)) this.#changeKey(tip);
    if (!isAsLeft && !this.#isKnown()) this.#noteStart(tip);
    return tip;
  }

  #load(head: LogHead | undefined): Tip {
    const actor = this.people.current();
    if (head) return this.#continue(head, actor);
    if (this.#store.log.end() > 0) throw new DamagedLog();
    return this.#first(actor);
  }

  #first(actor: Actor, before: readonly string[] = []): Tip {
    const range = new CompactRange(treeHashes);
    const origin = `${originStart}${randomBytes(8).toString('hex')}`;
    const signer = this.#keyFile.prepareNext(origin);
    this.#hasNewKey = true;
    const moment = this.#moment();
    const tip = { range, origin, actor, ...moment, signer, epoch: 1, keySince: moment.time, lastTime: '' };
    for (const entry of before) this.#put(tip, entry);
    if (before.length > 0) {
      const facts = { entries: before.length };
      this.#add(tip, { action: 'log-migrated', subject: {}, facts });
    }
    this.#add(tip, keyEntry(tip, 'first'));
    return tip;
  }

  #continue(head: LogHead, actor: Actor): Tip {
    const range = treeOf(this.#store, head);
    const { origin, epoch, keySince, lastTime } = head;
    const known = this.#keyFile.find(head.key);
    const signer = known ?? this.#keyFile.prepareNext(origin);
    const tip = { range, origin, actor, ...this.#moment(), signer, epoch, keySince, lastTime };
    if (!known) {
      // What the old key sealed stays sealed by it.
      this.#store.log.keepCheckpoint({ size: head.size, checkpoint: head.checkpoint, kind: 'handover' });
      this.#nameKey(tip, 'lost');
    }
    return tip;
  }

  /** A new key begins. The old one signs the checkpoint whose last entry names the new one, and is then erased. */
  #changeKey(tip: Tip): void {
    const old = tip.signer;
    tip.signer = this.#keyFile.prepareNext(tip.origin);
    this.#nameKey(tip, 'rotated');
    const { size } = tip.range;
    this.#store.log.keepCheckpoint({ size, checkpoint: checkpointOf(tip, old), kind: 'handover' });
  }

  /** Names the key that follows another one. */
  #nameKey(tip: Tip, reason: 'rotated' | 'lost'): void {
    this.#hasNewKey = true;
    tip.epoch++;
    tip.keySince = tip.time;
    this.#add(tip, keyEntry(tip, reason));
  }

  /** Says what processes ended without saying so, and that this one starts. */
  #noteStart(tip: Tip): void {
    const { log } = this.#store;
    const { process, bootId, isAlive } = this.#surroundings;
    for (const other of log.processes()) {
      const hasRestarted = other.bootId !== bootId;
      if (!hasRestarted && isAlive(other.process)) continue;
      log.removeProcess(other.id);
      // After a crash of the process alone, everything that was acknowledged is there. A power cut can take with it what
      // the disk had only promised.
      const facts = {
        process: other.process,
        startedAt: other.startedAt,
        tail: hasRestarted ? 'uncertain' : 'certain',
      } as const;
      this.#add(tip, { action: 'recovered', subject: {}, facts });
    }
    log.addProcess({ id: this.#processId, process, bootId, startedAt: tip.time });
    this.#add(tip, { action: 'started', subject: {}, facts: this.#ofProcess() });
  }

  #ofProcess() {
    return { process: this.#surroundings.process, version: this.#surroundings.version };
  }

  #isKnown(): boolean {
    return this.#store.log.processes().some(({ id }) => id === this.#processId);
  }

  #add(tip: Tip, event: LogEvent): void {
    const { time, monotonicMs } = tip;
    if (time < tip.lastTime) {
      const facts = { from: tip.lastTime, to: time };
      tip.lastTime = time;
      this.#add(tip, { action: 'clock-set-back', subject: {}, facts });
    }
    const { bootId, training } = this.#surroundings;
    const { actor, range } = tip;
    const text = entryText(event, { actor, bootId, monotonicMs, sequence: range.size, time, training });
    tip.lastTime = time;
    this.#put(tip, text);
  }

  #put(tip: Tip, entry: string): void {
    this.#store.log.insert(tip.range.size, entry);
    tip.range.append(treeHashes.leaf(entry));
  }

  /** Signs the checkpoint over all entries, and stores it with the tree. */
  #seal(tip: Tip): LogHead {
    const { range, origin, signer, epoch, keySince, lastTime } = tip;
    const head: LogHead = {
      size: range.size,
      subtrees: range.subtrees.join(' '),
      checkpoint: checkpointOf(tip, signer),
      origin,
      key: signer.text,
      epoch,
      keySince,
      lastTime,
    };
    this.#store.log.putHead(head);
    this.#last = { head, tip };
    return head;
  }

  #afterEnd(): void {
    this.#tip = undefined;
    if (!this.#hasNewKey) return;
    this.#hasNewKey = false;
    try {
      // The store names the key that counts, whether the transaction was committed or undone.
      this.#store.transaction(() => {
        const head = this.#store.log.head();
        if (head) this.#keyFile.find(head.key);
      });
    } catch (error) {
      storeFault(error); // The transaction has ended as it should. The next one tries again.
      this.#hasNewKey = true;
    }
  }

  #takeIn(old: readonly string[]): void {
    const entries = takeOldEntries(old, this.people);
    this.#tip = this.#first(this.people.current(), entries);
    this.#store.log.dropOldEntries();
  }

  #moment() {
    const { now, monotonic } = this.#surroundings;
    return { time: `${now().toISOString().slice(0, 19)}Z`, monotonicMs: Math.round(monotonic()) };
  }
}

function keyEntry({ signer, epoch }: Tip, reason: 'first' | 'rotated' | 'lost'): LogEvent {
  return { action: 'log-key', subject: {}, facts: { epoch, key: signer.text, reason } };
}

function checkpointOf({ range, origin }: Tip, signer: NoteSigner): string {
  const body = checkpointBody({ origin, size: range.size, root: range.root() });
  return formatNote(body, [signer.line(body)]);
}

/** The date of an RFC 3339 time. */
function day(time: string): string {
  return time.slice(0, 10);
}
