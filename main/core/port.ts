import { clientMessage, type CoreMessage, type Topic } from '../../preload/contract/index.ts';
import type { Api } from './api/api.ts';
import { faultView } from './api/views.ts';

/** Anything that carries messages both ways: a MessagePort, a WebSocket, a child process. */
export interface Port {
  postMessage(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
}

/** Calls of one page that are under way at a time; a page that asks for more is broken. */
const maximumCalls = 256;

/**
 * Serves one page. Every call gets exactly one result; a message that is not of the contract is dropped, as there is
 * nobody to answer. When the port closes, what can be cancelled is, except deliveries and runs, which go on.
 */
export function servePort(api: Api, port: Port, version: string): void {
  const underWay = new Map<number, AbortController>();
  const send = (message: CoreMessage) => port.postMessage(message);
  const stopListening = api.onChanged((topics: readonly Topic[]) => send({ kind: 'changed', topics }));

  const answer = async (id: number, name: string, input: unknown): Promise<void> => {
    if (underWay.has(id) || underWay.size >= maximumCalls) return;
    const controller = new AbortController();
    underWay.set(id, controller);
    const result = await api.call(name, input, {
      signal: controller.signal,
      onProgress: (value) => send({ kind: 'progress', id, value }),
    });
    underWay.delete(id);
    if (result.ok) send({ kind: 'result', id, ok: true, value: result.value });
    else send({ kind: 'result', id, ok: false, fault: faultView(result.fault) });
  };

  port.onMessage((raw) => {
    const message = clientMessage.safeParse(raw);
    if (!message.success) return;
    if (message.data.kind === 'cancel') underWay.get(message.data.id)?.abort();
    else void answer(message.data.id, message.data.name, message.data.input);
  });
  port.onClose(() => {
    stopListening();
  });
  send({ kind: 'hello', version });
}
