import type { CoreMessage } from '../../../preload/contract/index.ts';
import type { Dial } from './client.ts';

/** The connection to the browser host: one JSON text frame a message. */
export const dialWebSocket: Dial = (listener) => {
  const socket = new WebSocket(new URL('/port', location.href.replace(/^http/, 'ws')));
  socket.addEventListener('open', () => listener.onOpen());
  socket.addEventListener('message', ({ data }) =>
    listener.onMessage(JSON.parse(String(data)) as CoreMessage),
  );
  socket.addEventListener('close', () => listener.onClose());
  return { send: (message) => socket.send(JSON.stringify(message)) };
};
