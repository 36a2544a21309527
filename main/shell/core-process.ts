import { fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type MessagePortMain, utilityProcess } from 'electron';

/** The process that the core runs in, of either kind. */
export interface CoreProcess {
  /** Sends one of the shell's own messages. */
  send(message: unknown): void;
  /** Connects a page to the core. */
  serve(port: MessagePortMain): void;
  /** Asks it to finish and end. */
  stop(): void;
  /** Ends it at once. */
  kill(): void;
}

export interface CoreProcessEvents {
  readonly onMessage: (message: unknown) => void;
  /** It has ended, and its last complaint was reported; the reason is a number or a signal's name. */
  readonly onExit: (reason: string) => void;
  /** It wrote to standard error. */
  readonly onComplaint: (text: string) => void;
}

/** Where the core is, and what runs it. */
export interface CorePlace {
  /** The built core. */
  readonly file: string;
  /**
   * A Node to run the core on, for machines whose Electron cannot load the native modules; otherwise a utility process
   * runs it.
   */
  readonly node: string | undefined;
}

/** How long the last output of a core that has ended may take, in milliseconds. */
const outputPatience = 1_000;

/** Starts the core. A core that cannot start ends, which `onExit` reports. */
export function startCoreProcess(place: CorePlace, events: CoreProcessEvents): CoreProcess {
  return place.node === undefined
    ? inUtilityProcess(place.file, events)
    : inChild(place.file, place.node, events);
}

/** The usual case: each page's port is handed over, so that its messages do not pass through the shell. */
function inUtilityProcess(file: string, { onMessage, onExit, onComplaint }: CoreProcessEvents): CoreProcess {
  const child = utilityProcess.fork(file, [], {
    serviceName: 'Siteseal core',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.on('message', onMessage);
  const stderr = child.stderr as Readable;
  child.on('exit', (code) => readRest(stderr, onComplaint, () => onExit(String(code))));
  listen(stderr, onComplaint);
  return {
    send: (message) => child.postMessage(message),
    serve: (port) => child.postMessage({ kind: 'serve' }, [port]),
    stop: () => void child.kill(),
    kill: () => void child.kill(),
  };
}

/** The alternative: a child process cannot receive a port, so the messages of all pages go through its one channel. */
function inChild(
  file: string,
  node: string,
  { onMessage, onExit, onComplaint }: CoreProcessEvents,
): CoreProcess {
  const child = fork(file, [], {
    execPath: node,
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const pages = new Map<number, MessagePortMain>();
  let connections = 0;
  let hasEnded = false;
  const end = (reason: string) => {
    if (hasEnded) return;
    hasEnded = true;
    for (const port of pages.values()) port.close();
    onExit(reason);
  };
  const send = (message: object) => {
    if (child.connected) child.send(message);
  };

  child.on('message', (message) => {
    const page = message as { kind: string; connection: number; message: unknown };
    if (page.kind === 'page') pages.get(page.connection)?.postMessage(page.message);
    else onMessage(message);
  });
  child.on('error', ({ message }) => end(message));
  child.on('close', (code, signal) => end(signal ?? String(code)));
  listen(child.stderr, onComplaint);
  return {
    send: (message) => send(message as object),
    serve(port) {
      const connection = ++connections;
      pages.set(connection, port);
      port.on('message', ({ data }) => send({ kind: 'page', connection, message: data as unknown }));
      port.on('close', () => {
        if (pages.delete(connection)) send({ kind: 'page-closed', connection });
      });
      port.start();
    },
    stop() {
      if (child.connected) child.disconnect();
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

function listen(stream: Readable | null, onText: (text: string) => void): void {
  stream?.setEncoding('utf8').on('data', onText);
}

/** Reports the rest of the output of a utility process that has just ended, and then says so. */
function readRest(stream: Readable, onText: (text: string) => void, onDone: () => void): void {
  // Electron reports the end before it has read all output, and then takes all listeners off the stream.
  process.nextTick(() => {
    if (stream.readableEnded) {
      onDone();
      return;
    }
    // The stream of a process that never started does not end.
    const timer = setTimeout(() => stream.destroy(), outputPatience);
    stream
      .removeAllListeners('data')
      .on('data', onText)
      .once('close', () => {
        clearTimeout(timer);
        onDone();
      });
  });
}
