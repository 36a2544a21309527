import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { CallName, FaultView, Input, Output, Topic } from '../../../preload/contract/index.ts';
import { isAway, type Client, type Connection, type Outcome } from './client.ts';

/** Provided by the application around everything that calls the core. */
export const ClientContext = createContext<Client | undefined>(undefined);

/** The client around the component; throws without one. */
export function useClient(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error('no client around this component');
  return client;
}

/** The state of the connection to the core; follows its changes. */
export function useConnection(): Connection {
  const client = useClient();
  return useSyncExternalStore(client.onConnection, client.connection);
}

/** The state of an answer. `again` repeats the call. */
export type Answer<T> = (
  | { readonly state: 'asking' }
  | { readonly state: 'fault'; readonly fault: FaultView }
  | {
      readonly state: 'known';
      readonly value: T;
      /** With `keep`: it answers the previous input, until this one is answered. */
      readonly isOld?: boolean;
    }
) & { readonly again: () => void };

interface Options<T> {
  /** Asks again when one of these has changed. */
  readonly topics?: readonly Topic[];
  /** Asks again after this many milliseconds. */
  readonly every?: number | undefined;
  /**
   * Continues to show the last answer while another question is asked: for pages of one list. The next question waits
   * for the answer to the last one, so that fast typing never makes a queue.
   */
  readonly keep?: boolean;
  /** Does not ask yet. */
  readonly wait?: boolean;
  /** An answer from before the component appeared. */
  readonly first?: Outcome<T> | undefined;
}

const none: readonly Topic[] = [];

/** Whether a question is under way, and whether another one has to follow it. */
interface Flight {
  isUnderWay: boolean;
  isStale: boolean;
}

/**
 * Asks the core, and asks again when the answer may have changed. At most one question is pending; changes in the
 * meantime lead to one more. While the connection is lost, the last answer stays.
 */
export function useCall<Name extends CallName>(
  name: Name,
  input: Input<Name>,
  { topics = none, every, keep = false, wait = false, first }: Options<Output<Name>> = {},
): Answer<Output<Name>> {
  const client = useClient();
  const key = `${name} ${JSON.stringify(input)}`;
  const [answer, setAnswer] = useState(first && { key, outcome: first });
  const ask = useRef(() => {});
  const shared = useRef<Flight>({ isUnderWay: false, isStale: false });
  const latest = useRef({ input, topics });
  latest.current = { input, topics };

  useEffect(() => {
    if (wait) return;
    let isLive = true;
    const flight = keep ? shared.current : { isUnderWay: false, isStale: false };
    const question = () => {
      if (flight.isUnderWay) {
        flight.isStale = true;
        return;
      }
      flight.isUnderWay = true;
      flight.isStale = false;
      void client.call(name, latest.current.input).then((outcome) => {
        flight.isUnderWay = false;
        if (isLive && (outcome.ok || !isAway(client.connection()))) setAnswer({ key, outcome });
        if (flight.isStale) ask.current();
      });
    };
    ask.current = question;
    question();
    const stop = client.onChanged(latest.current.topics, question);
    const timer = every === undefined ? undefined : setInterval(question, every);
    return () => {
      isLive = false;
      flight.isStale = false;
      stop();
      clearInterval(timer);
    };
  }, [client, name, key, every, wait, keep]);

  const again = () => {
    if (answer && !answer.outcome.ok) setAnswer(undefined);
    ask.current();
  };
  if (!answer || wait || (answer.key !== key && !keep)) return { state: 'asking', again };
  const { outcome } = answer;
  return outcome.ok
    ? { state: 'known', value: outcome.value, isOld: answer.key !== key, again }
    : { state: 'fault', fault: outcome.fault, again };
}

/** A call on the user's request: whether it is under way, and the fault of the last attempt. */
export interface Action<Name extends CallName> {
  readonly run: (input: Input<Name>) => Promise<Outcome<Output<Name>>>;
  readonly isBusy: boolean;
  readonly fault: FaultView | undefined;
  readonly clear: () => void;
}

/** A call that is made when the user requests it, and not when the component appears. */
export function useAction<Name extends CallName>(name: Name): Action<Name> {
  const client = useClient();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<FaultView>();
  return {
    isBusy,
    fault,
    clear: () => setFault(undefined),
    run: async (input) => {
      setBusy(true);
      setFault(undefined);
      const outcome = await client.call(name, input);
      setBusy(false);
      if (!outcome.ok) setFault(outcome.fault);
      return outcome;
    },
  };
}
