// Drives a packed application in which the inspector is allowed. Playwright's own driver starts it with
// --remote-debugging-port, which a packed Siteseal refuses. This one sets that switch from inside.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chromium, type Page } from '@playwright/test';

/** What an application needs among its arguments. */
export const driverArgument = '--inspect-brk=0';

export interface Driven {
  readonly page: Page;
  /** The value of an expression in the main process, where `electron` is the module of that name. */
  readonly evaluate: (expression: string) => Promise<unknown>;
  /** Asks the application to quit, and waits for its end. */
  quit(): Promise<void>;
}

/** Runs in the main process before the application's first line; the rest of it when that script has run. */
const fromInside = `
  globalThis.electron = require('electron');
  globalThis.windowIsShown = new Promise((resolve) =>
    electron.app.once('browser-window-created', (_event, window) => window.once('show', resolve)));
  process.nextTick(() => electron.app.commandLine.appendSwitch('remote-debugging-port', '0'));
`;

/** Takes over an application that has just been started, and waits for its window. */
export async function drive(application: ChildProcess): Promise<Driven> {
  const output = listen(application);
  const inspector = await Inspector.connect(await output.hear(/Debugger listening on (ws:\S+)/));
  const isPaused = inspector.next('Debugger.paused');
  await inspector.send('Runtime.enable');
  await inspector.send('Debugger.enable');
  await inspector.send('Runtime.runIfWaitingForDebugger');
  const { callFrames } = (await isPaused) as { callFrames: [{ callFrameId: string }] };
  await inspector.evaluate(fromInside, { callFrameId: callFrames[0].callFrameId });
  await inspector.send('Debugger.resume');
  const address = await output.hear(/DevTools listening on (ws:\S+)/);
  // Playwright cannot follow a page that is just being loaded for the first time.
  await inspector.evaluate('windowIsShown');
  const browser = await chromium.connectOverCDP(address);
  // Files that are saved go where the application puts them, and not where Playwright would.
  const session = await browser.newBrowserCDPSession();
  await session.send('Browser.setDownloadBehavior', { behavior: 'default' });
  const page = browser.contexts()[0]?.pages()[0];
  assert.ok(page, 'there is no page');
  return {
    page,
    evaluate: (expression) => inspector.evaluate(expression),
    async quit() {
      const hasEnded = once(application, 'close');
      await inspector.evaluate('void setImmediate(() => electron.app.quit())');
      await browser.close();
      inspector.close();
      await hasEnded;
    },
  };
}

/** Waits for what a process says on its streams. */
function listen(child: ChildProcess): { readonly hear: (pattern: RegExp) => Promise<string> } {
  let said = '';
  let changed = Promise.withResolvers<undefined>();
  const tell = (): void => {
    changed.resolve(undefined);
    changed = Promise.withResolvers();
  };
  let hasEnded = false;
  child.once('close', () => {
    hasEnded = true;
    tell();
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      tell();
    });
  }
  return {
    async hear(pattern) {
      for (;;) {
        const found = pattern.exec(said)?.[1];
        if (found !== undefined) return found;
        assert.ok(!hasEnded, `It ended, having said: ${said}`);
        await changed.promise;
      }
    },
  };
}

/** Node's inspector, as far as it is needed (https://chromedevtools.github.io/devtools-protocol/v8/). */
class Inspector {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (message: Message) => void>();
  readonly #events = new Map<string, (params: unknown) => void>();
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as Message;
      if (message.id !== undefined) this.#answers.get(message.id)?.(message);
      else this.#events.get(message.method ?? '')?.(message.params);
    });
  }

  static async connect(address: string): Promise<Inspector> {
    const socket = new WebSocket(address);
    await once(socket, 'open');
    return new Inspector(socket);
  }

  /** The parameters of the next event of this name. */
  next(event: string): Promise<unknown> {
    return new Promise((resolve) => this.#events.set(event, resolve));
  }

  send(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, ({ result, error }) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result);
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** The value of an expression, or of the promise that it is. */
  async evaluate(expression: string, frame?: { readonly callFrameId: string }): Promise<unknown> {
    const { result, exceptionDetails } = (await (frame
      ? this.send('Debugger.evaluateOnCallFrame', { ...frame, expression })
      : this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true }))) as Evaluated;
    assert.equal(exceptionDetails, undefined);
    return result.value;
  }

  close(): void {
    this.#socket.close();
  }
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: unknown;
}
