import type { LogAction } from '../faults/index.ts';
import { canonicalise, type JsonObject } from '../json/index.ts';
import type { ListAnswer, ListRequest, Store } from '../store/index.ts';

/** Who did it. The name is declared by the operating system or the user, or proven with a key. */
export interface Actor {
  readonly name: string;
  readonly standing: 'declared' | 'proven';
}

/** What was done. Facts are codes, identifiers and digests, never secrets and never display text. */
export interface LogEvent {
  readonly action: LogAction;
  /** What it was done to: a site, an eNB, a run. */
  readonly subject: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** One log entry. The store holds it as canonical JSON (RFC 8785). */
export interface LogEntry extends Omit<LogEvent, 'action'> {
  /** A `LogAction`, or an action that only another version of Siteseal has. */
  readonly action: string;
  /** Counted from 0, without gaps. */
  readonly sequence: number;
  /** Wall clock, RFC 3339 with milliseconds. */
  readonly time: string;
  /** Milliseconds since the computer started. Reveals changes to the wall clock. */
  readonly monotonic: number;
  /** Changes at every boot of the computer. */
  readonly bootId: string;
  readonly actor: Actor;
  readonly training: boolean;
}

/** What every entry takes from its environment. */
export interface LogSurroundings {
  readonly actor: Actor;
  readonly bootId: string;
  readonly training: boolean;
  readonly now: () => Date;
  /** Milliseconds since the computer started. */
  readonly monotonic: () => number;
}

/** The audit log of one store. Entries are never changed or removed. */
export interface AuditLog {
  /** Appends an entry, inside the caller's transaction if one is open. */
  append(event: LogEvent): void;
  list(request: ListRequest): ListAnswer<LogEntry>;
}

/** A store and its log, for real data or for training. */
export interface OpenedStore {
  readonly store: Store;
  readonly log: AuditLog;
}

/** Opens the log of a store. Every entry takes its time and actor from the surroundings. */
export function openLog(
  store: Store,
  { actor, bootId, training, now, monotonic }: LogSurroundings,
): AuditLog {
  return {
    append: (event) => {
      store.log.append((sequence) => {
        const entry: LogEntry = {
          ...event,
          sequence,
          time: now().toISOString(),
          monotonic: Math.round(monotonic()),
          bootId,
          actor,
          training,
        };
        return canonicalise(entry as unknown as JsonObject);
      });
    },
    list: (request) => {
      const { total, rows } = store.log.list(request);
      return { total, rows: rows.map((entry) => JSON.parse(entry) as LogEntry) };
    },
  };
}
