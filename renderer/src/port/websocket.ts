import type { CoreMessage } from '../../../preload/contract/index.ts';
import type { Dial } from './client.ts';

/**
 * The connection to the browser host: one JSON text frame per message. The key is sent as one of the subprotocols, the
 * only header of a WebSocket that a script can set. The host reads it before it opens anything.
 */
export function dialWebSocket(key: string): Dial {
  return (listener) => {
    const address = new URL('/port', location.href.replace(/^http/, 'ws'));
    const socket = new WebSocket(address, ['siteseal', key]);
    socket.addEventListener('open', () => listener.onOpen());
    socket.addEventListener('message', ({ data }) =>
      listener.onMessage(JSON.parse(String(data)) as CoreMessage),
    );
    socket.addEventListener('close', () => listener.onClose());
    return { send: (message) => socket.send(JSON.stringify(message)) };
  };
}
