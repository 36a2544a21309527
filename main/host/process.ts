/**
 * The core as a separate process. Either Electron's utility process, which receives a MessagePort for each page. Or a
 * child process of another Node.js, over whose single channel the shell carries the messages of all pages.
 */
import { startCore, type CoreOptions, type RunningCore } from './start.ts';
import type { Port } from './port.ts';

type FromShell =
  | { readonly kind: 'start'; readonly options: CoreOptions }
  | { readonly kind: 'serve' }
  | { readonly kind: 'page'; readonly connection: number; readonly message: unknown }
  | { readonly kind: 'page-closed'; readonly connection: number }
  | { readonly kind: 'register'; readonly request: number; readonly path: string; readonly look: boolean }
  | { readonly kind: 'sleep' };

/** The members of Electron's MessagePortMain and process.parentPort that are used here. */
interface ElectronPort {
  postMessage(message: unknown): void;
  on(
    event: 'message',
    listener: (event: { readonly data: unknown; readonly ports: readonly ElectronPort[] }) => void,
  ): void;
  on(event: 'close', listener: () => void): void;
  start(): void;
}

const electronParent = (process as unknown as { readonly parentPort?: ElectronPort }).parentPort;
const send = (message: unknown): void => {
  if (electronParent) electronParent.postMessage(message);
  else process.send?.(message);
};

let core: RunningCore | undefined;
const pages = new Map<number, { message: (message: unknown) => void; close: () => void }>();

function receive(message: FromShell, ports: readonly ElectronPort[]): void {
  switch (message.kind) {
    case 'start':
      core = startCore(message.options);
      core.onBusy((isBusy) => send({ kind: 'busy', isBusy }));
      send({ kind: 'ready', dataFolder: core.dataFolder });
      return;
    case 'serve':
      for (const port of ports) core?.serve(overElectronPort(port));
      return;
    case 'page':
      pageOf(message.connection)?.message(message.message);
      return;
    case 'page-closed':
      pages.get(message.connection)?.close();
      pages.delete(message.connection);
      return;
    case 'register':
      if (core) {
        const { request, path, look } = message;
        const handle = core.registerFile(path);
        const lookedAt = look ? core.lookAt(path) : undefined;
        send({ kind: 'registered', request, handle, lookedAt, isTraining: core.isTraining() });
      }
      return;
    case 'sleep':
      core?.sleep();
  }
}

function overElectronPort(port: ElectronPort): Port {
  return {
    postMessage: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.on('message', ({ data }) => listener(data));
      port.start();
    },
    onClose: (listener) => port.on('close', listener),
  };
}

/** The page of a connection; the first message of a connection creates it. */
function pageOf(connection: number) {
  const known = pages.get(connection);
  if (known || !core) return known;
  const page = { message: (_: unknown): void => undefined, close: (): void => undefined };
  pages.set(connection, page);
  core.serve({
    postMessage: (message) => send({ kind: 'page', connection, message }),
    onMessage: (listener) => (page.message = listener),
    onClose: (listener) => (page.close = listener),
  });
  return page;
}

if (electronParent) {
  electronParent.on('message', ({ data, ports }) => receive(data as FromShell, ports));
} else {
  process.on('message', (message: FromShell) => receive(message, []));
  process.once('disconnect', () => {
    void core?.close().then(() => process.exit(0));
  });
}
