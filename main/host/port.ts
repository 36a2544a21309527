import {
  clientMessage,
  type ClientMessage,
  type CoreMessage,
  type Topic,
} from '../../preload/contract/index.ts';
import { refuse } from '../faults/index.ts';
import { faultView, type Api } from '../api/index.ts';

/** Anything that carries messages both ways: a MessagePort, a WebSocket, a child process. */
export interface Port {
  postMessage(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
}

/** The limit of one page's simultaneous calls. A page that makes more is broken. */
const maximumCalls = 256;

/**
 * Serves one page. Every call gets exactly one result. A message outside the contract is dropped, because it has no
 * call to answer. Work that a page started continues when its port closes.
 */
export function servePort(api: Api, port: Port, version: string): void {
  let underWay = 0;
  const send = (message: CoreMessage) => {
    try {
      port.postMessage(message);
    } catch {
      // The channel has closed meanwhile, so there is nobody to answer.
    }
  };
  const stopListening = api.onChanged((topics: readonly Topic[]) => send({ kind: 'changed', topics }));

  const answer = async ({ id, name, input }: ClientMessage): Promise<void> => {
    underWay++;
    const result =
      underWay > maximumCalls
        ? refuse('usage-invalid', { found: `more than ${maximumCalls} calls at a time` })
        : await api.call(name, input);
    underWay--;
    if (result.ok) send({ kind: 'result', id, ok: true, value: result.value });
    else send({ kind: 'result', id, ok: false, fault: faultView(result.fault) });
  };

  port.onMessage((raw) => {
    const message = clientMessage.safeParse(raw);
    if (message.success) void answer(message.data);
  });
  port.onClose(stopListening);
  send({ kind: 'hello', version });
}
