import type {
  CallName,
  ClientMessage,
  CoreMessage,
  FaultView,
  Input,
  Output,
  Topic,
} from '../../../preload/contract/index.ts';

/** The result of a call: the value, or a fault in words. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: FaultView };

/** One connection to the core, over any transport. */
export interface Wire {
  send(message: ClientMessage): void;
}

/** The events of a wire. `onClose` fires once, even when the wire never opened. */
export interface WireListener {
  readonly onOpen: () => void;
  onMessage(message: CoreMessage): void;
  readonly onClose: () => void;
}

/** Opens a connection; called again after each close. */
export type Dial = (listener: WireListener) => Wire;

/**
 * `lost`: it was open, or never opened, and the page keeps retrying. `gone`: lost, and after so many retries the server
 * has probably ended; the page still keeps retrying. `rejoined`: open after it had been lost.
 */
export type Connection = 'connecting' | 'open' | 'lost' | 'gone' | 'rejoined';

/** Whether the core cannot be reached. */
export function isAway(connection: Connection): boolean {
  return connection === 'lost' || connection === 'gone';
}

/** The page's end of the port. */
export interface Client {
  call<Name extends CallName>(name: Name, input: Input<Name>): Promise<Outcome<Output<Name>>>;
  /**
   * Calls the listener when one of the topics has changed, and after every reconnection. Returns the function that
   * stops it.
   */
  onChanged(topics: readonly Topic[], listener: () => void): () => void;
  readonly connection: () => Connection;
  readonly onConnection: (listener: () => void) => () => void;
}

/** Milliseconds before each retry; the last one repeats. */
const pauses = [250, 500, 1000, 2000] as const;

/**
 * A client that outlives its connections. When a connection closes, the pending calls end with `lost`. The client then
 * retries until a new connection opens, and notifies all listeners that what they show may have changed.
 *
 * @param lost the fault of a call whose connection closed; the core cannot supply its words
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
