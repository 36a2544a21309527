import type { Fault } from '../../faults/index.ts';
import type { CheckpointRecord, LogFilter, LogRow } from '../../store/index.ts';
import { parseCheckpoint } from '../../tlog/index.ts';
import type { Pause } from '../../work/index.ts';
import type { OpenedStore } from '../log.ts';
import type { Names } from '../readable.ts';
import type { NamedPerson, SizedCheckpoint } from './proof.ts';

/** How many entries are read at a time, so that no query holds the event loop for long. */
const window = 250;

/** Whether a filter restricts anything. */
export function isFiltered(filter: LogFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined && value !== '');
}

/** The log as it is at a checkpoint. Entries that are appended later do not belong to it. */
export class LogSnapshot {
  readonly size: number;
  /** The checkpoint over all its entries. The log keeps it, because it leaves this computer. */
  readonly checkpoint: string;
  readonly origin: string;
  readonly training: boolean;
  /** The names of people at this time. */
  readonly names: Names;
  readonly #opened: OpenedStore;
  readonly #people: readonly NamedPerson[];
  /** The checkpoints before the newest, the smallest first. */
  readonly #kept: readonly CheckpointRecord[];

  constructor(opened: OpenedStore) {
    this.#opened = opened;
    this.checkpoint = opened.log.giveHead();
    const head = parseCheckpoint(this.checkpoint);
    if (!head) throw new Error('The log made a malformed checkpoint');
    this.size = head.size;
    this.origin = head.origin;
    this.#kept = opened.store.log.checkpoints().filter(({ size }) => size < this.size);
    this.#people = opened.log.people
      .all()
      .flatMap(({ id, name, salt }) => (name === undefined ? [] : [{ id, name, salt }]));
    this.names = new Map(this.#people.map(({ id, name }) => [id, name]));
    const [last] = opened.log.read(this.size - 1, this.size);
    this.training = last !== undefined && (JSON.parse(last.entry) as { training: boolean }).training;
  }

  /**
   * The checkpoints that a proof has, the smallest first: those by which a key signed out the next, the newest that a
   * witness cosigned, and the newest of all.
   */
  get checkpoints(): readonly SizedCheckpoint[] {
    const cosigned = this.#cosigned();
    const kept = this.#kept.filter((one) => one.kind === 'handover' || one === cosigned);
    return [...kept, this.#newest];
  }

  /** The checkpoint that proves most about an entry: the newest that a witness cosigned, if it covers the entry. */
  checkpointOver(sequence: number): SizedCheckpoint {
    const cosigned = this.#cosigned();
    return cosigned && cosigned.size > sequence ? cosigned : this.#newest;
  }

  /** The people among these whose names are not erased. */
  named(ids: ReadonlySet<string>): readonly NamedPerson[] {
    return this.#people.filter(({ id }) => ids.has(id));
  }

  get #newest(): SizedCheckpoint {
    return { size: this.size, checkpoint: this.checkpoint };
  }

  /** The newest of them that has a cosignature beside the signature of the log. */
  #cosigned(): CheckpointRecord | undefined {
    return this.#kept.findLast(
      ({ checkpoint }) => (parseCheckpoint(checkpoint)?.note.signatures.length ?? 0) > 1,
    );
  }

  /** The entries that match, in order, in parts that are read at once. A part can be empty. */
  *parts(filter?: LogFilter): Iterable<Iterable<LogRow>> {
    for (let from = 0; from < this.size; from += window)
      yield this.#opened.log.read(from, Math.min(from + window, this.size), filter);
  }

  /** Passes the entries that match, in order. Returns the fault if the work must stop. */
  async each(
    take: (row: LogRow) => void | Promise<void>,
    pause: Pause,
    filter?: LogFilter,
  ): Promise<Fault<'cancelled'> | undefined> {
    for (const part of this.parts(filter)) {
      for (const row of part) {
        const taken = take(row);
        if (taken) await taken;
        const stopped = await pause();
        if (stopped) return stopped;
      }
      const stopped = await pause();
      if (stopped) return stopped;
    }
    return undefined;
  }
}
