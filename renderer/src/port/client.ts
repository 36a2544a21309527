import type {
  CallName,
  ClientMessage,
  CoreMessage,
  FaultView,
  Input,
  Output,
  Topic,
} from '../../../preload/contract/index.ts';

/** What comes of a call: the value, or a fault in words. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: FaultView };

/** One connection to the core, whatever carries it. */
export interface Wire {
  send(message: ClientMessage): void;
}

/** What a wire tells. `onClose` comes once, also when it never opened. */
export interface WireListener {
  readonly onOpen: () => void;
  onMessage(message: CoreMessage): void;
  readonly onClose: () => void;
}

/** Opens a connection; called again after each close. */
export type Dial = (listener: WireListener) => Wire;

/**
 * `lost`: it was open, or never opened, and is tried again. `gone`: lost, and was tried so often that whoever served it
 * has ended; it is tried on. `rejoined`: open after it had been lost.
 */
export type Connection = 'connecting' | 'open' | 'lost' | 'gone' | 'rejoined';

/** Whether the core cannot be reached. */
export function isAway(connection: Connection): boolean {
  return connection === 'lost' || connection === 'gone';
}

/** The page's end of the port. */
export interface Client {
  call<Name extends CallName>(name: Name, input: Input<Name>): Promise<Outcome<Output<Name>>>;
  /** Calls the listener when one of the topics has changed, and after every rejoining. Returns how to stop. */
  onChanged(topics: readonly Topic[], listener: () => void): () => void;
  readonly connection: () => Connection;
  readonly onConnection: (listener: () => void) => () => void;
}

/** Milliseconds before each new try; the last one goes on. */
const pauses = [250, 500, 1000, 2000] as const;

/**
 * A client that stays: when the connection closes, the calls that were under way end with `lost`, a new connection is
 * tried until it opens, and everyone is told that what they show may have changed.
 *
 * @param lost the fault of a call whose connection closed; the core cannot give its words
 */
export function createClient(dial: Dial, lost: FaultView): Client {
  const pending = new Map<number, (outcome: Outcome<unknown>) => void>();
  const changed = new Set<{ readonly topics: readonly Topic[]; readonly listener: () => void }>();
  const watching = new Set<() => void>();
  let waiting: ClientMessage[] = [];
  let connection: Connection = 'connecting';
  let wire: Wire | undefined;
  let lastId = 0;
  let tries = 0;

  const become = (next: Connection) => {
    connection = next;
    for (const listener of watching) listener();
  };

  const receive = (message: CoreMessage) => {
    switch (message.kind) {
      case 'hello':
        return;
      case 'changed':
        for (const { topics, listener } of changed) {
          if (topics.some((topic) => message.topics.includes(topic))) listener();
        }
        return;
      case 'result': {
        const { id, kind: _kind, ...outcome } = message;
        pending.get(id)?.(outcome);
        pending.delete(id);
      }
    }
  };

  const connect = () => {
    const opened = dial({
      onOpen: () => {
        wire = opened;
        tries = 0;
        const again = isAway(connection);
        for (const message of waiting) opened.send(message);
        waiting = [];
        become(again ? 'rejoined' : 'open');
        if (again) for (const { listener } of changed) listener();
      },
      onMessage: receive,
      onClose: () => {
        wire = undefined;
        waiting = [];
        become(tries < pauses.length ? 'lost' : 'gone');
        for (const settle of pending.values()) settle({ ok: false, fault: lost });
        pending.clear();
        setTimeout(connect, pauses[Math.min(tries++, pauses.length - 1)]);
      },
    });
  };
  connect();

  return {
    call: <Name extends CallName>(name: Name, input: Input<Name>) =>
      new Promise<Outcome<Output<Name>>>((settle) => {
        if (isAway(connection)) return settle({ ok: false, fault: lost });
        const message: ClientMessage = { kind: 'call', id: ++lastId, name, input };
        // The core answers each call by the contract's own schema.
        pending.set(message.id, settle as (outcome: Outcome<unknown>) => void);
        if (wire) wire.send(message);
        else waiting.push(message);
      }),
    onChanged: (topics, listener) => {
      const entry = { topics, listener };
      changed.add(entry);
      return () => changed.delete(entry);
    },
    connection: () => connection,
    onConnection: (listener) => {
      watching.add(listener);
      return () => watching.delete(listener);
    },
  };
}
