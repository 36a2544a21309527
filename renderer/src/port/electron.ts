import type { Bridge, PortMessage } from '../../../preload/contract/bridge.ts';
import type { CoreMessage } from '../../../preload/contract/index.ts';
import type { Dial } from './client.ts';

declare global {
  interface Window {
    readonly siteseal?: Bridge;
  }
}

/** The connection to the core through Electron's main process: a new MessagePort each time the core starts. */
export function dialElectron(bridge: Bridge): Dial {
  return (listener) => {
    let port: MessagePort | undefined;
    const take = ({ source, data, ports }: MessageEvent<unknown>) => {
      if (source !== window || !isPortMessage(data) || !ports[0]) return;
      window.removeEventListener('message', take);
      port = ports[0];
      port.addEventListener('message', (event: MessageEvent<CoreMessage>) => listener.onMessage(event.data));
      port.addEventListener('close', () => listener.onClose());
      port.start();
      listener.onOpen();
    };
    window.addEventListener('message', take);
    bridge.connect();
    return { send: (message) => port?.postMessage(message) };
  };
}

function isPortMessage(data: unknown): boolean {
  const kind: PortMessage['kind'] = 'siteseal-port';
  return typeof data === 'object' && data !== null && 'kind' in data && data.kind === kind;
}
