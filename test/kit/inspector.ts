import assert from 'node:assert/strict';
import { once } from 'node:events';

/** Node's inspector, as far as it is needed (https://chromedevtools.github.io/devtools-protocol/v8/). */
export class Inspector {
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

  /** Lets a program run that waits for its inspector (`--inspect-brk`), up to its first line. Returns the place there. */
  async firstLine(): Promise<Frame> {
    const isPaused = this.next('Debugger.paused');
    await this.send('Debugger.enable');
    await this.send('Runtime.runIfWaitingForDebugger');
    const { callFrames } = (await isPaused) as { readonly callFrames: readonly [Frame] };
    return { callFrameId: callFrames[0].callFrameId };
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
  async evaluate(expression: string, frame?: Frame): Promise<unknown> {
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

/** Where a program is paused. */
interface Frame {
  readonly callFrameId: string;
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
