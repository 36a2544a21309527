import type { WebSocket } from 'ws';
import type { Port } from '../host/index.ts';

/** A WebSocket as a port: each message is one text frame of JSON. Anything else closes the socket. */
export function webSocketPort(socket: WebSocket): Port {
  // Without a listener an error, such as a frame that is too long, would end the process. `close` follows it.
  socket.on('error', () => undefined);
  return {
    postMessage(message) {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
    },
    onMessage(listener) {
      socket.on('message', (data, isBinary) => {
        const message = isBinary ? undefined : parse((data as Buffer).toString('utf8'));
        if (message === undefined)
          socket.close(1003); // unsupported data
        else listener(message);
      });
    },
    onClose: (listener) => void socket.on('close', listener),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
