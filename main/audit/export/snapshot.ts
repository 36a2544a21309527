import type { Fault } from '../../faults/index.ts';
import type { LogFilter, LogRow } from '../../store/index.ts';
import { parseCheckpoint } from '../../tlog/index.ts';
import type { OpenedStore } from '../log.ts';
import type { Names } from '../readable.ts';
import type { NamedPerson, SizedCheckpoint } from './proof.ts';

/** Yields to the event loop where work has held it too long. Returns `cancelled` once the work must stop. */
export type Pause = () => Promise<Fault<'cancelled'> | undefined>;

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

  constructor(opened: OpenedStore) {
    this.#opened = opened;
    this.checkpoint = opened.log.giveHead();
    const head = parseCheckpoint(this.checkpoint);
    if (!head) throw new Error('The log made a malformed checkpoint');
    this.size = head.size;
    this.origin = head.origin;
    this.#people = opened.log.people
      .all()
      .flatMap(({ id, name, salt }) => (name === undefined ? [] : [{ id, name, salt }]));
    this.names = new Map(this.#people.map(({ id, name }) => [id, name]));
    const [last] = opened.log.read(this.size - 1, this.size);
    this.training = last !== undefined && (JSON.parse(last.entry) as { training: boolean }).training;
  }

  /** The checkpoints that a proof needs: those by which a key signed out, and the newest. */
  get checkpoints(): readonly SizedCheckpoint[] {
    const handovers = this.#opened.store.log
      .checkpoints()
      .filter(({ kind, size }) => kind === 'handover' && size < this.size);
    return [...handovers, { size: this.size, checkpoint: this.checkpoint }];
  }

  /** The people among these whose names are not erased. */
  named(ids: ReadonlySet<string>): readonly NamedPerson[] {
    return this.#people.filter(({ id }) => ids.has(id));
  }

  /** Passes the entries that match, in order. Returns the fault if the work must stop. */
  async each(
    take: (row: LogRow) => void | Promise<void>,
    pause: Pause,
    filter?: LogFilter,
  ): Promise<Fault<'cancelled'> | undefined> {
    for (let from = 0; from < this.size; from += window) {
      for (const row of this.#opened.log.read(from, Math.min(from + window, this.size), filter)) {
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
