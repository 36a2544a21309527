import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Line } from './messages.ts';

/** A process of the soak that can be killed at any time. The next order starts it again. */
export class Child<Order> {
  readonly #script: string;
  readonly #args: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #process: ChildProcess | undefined;
  #ended: Promise<unknown> | undefined;
  #settle: ((value: unknown) => void) | undefined;
  #onLine: (line: Line) => void = () => undefined;
  /** How often it ended without having been stopped. */
  kills = 0;

  constructor(script: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#script = script;
    this.#args = args;
    this.#env = env;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** Sets the listener for its lines from now on. */
  listen(onLine: (line: Line) => void): void {
    this.#onLine = onLine;
  }

  /** The answer to an order; undefined when the process was killed meanwhile. One order at a time. */
  async ask(order: Order, killAfter?: number): Promise<unknown> {
    // A killed process that has not ended yet.
    if (this.#process?.connected === false) await this.#ended;
    const child = (this.#process ??= this.#start());
    const answer = new Promise<unknown>((resolve) => (this.#settle = resolve));
    child.send(order as object);
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    const value = await Promise.race([answer, this.#ended]);
    clearTimeout(timer);
    this.#settle = undefined;
    // Killed just as it answered: the next order must not go to a dying process.
    if (child.killed) await this.#ended;
    return value;
  }

  #start(): ChildProcess {
    const child = fork(this.#script, [...this.#args], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    // An order to a process that was killed meanwhile fails with EPIPE. Its `close` follows and ends the order.
    child.on('error', () => undefined);
    if (!child.stdout) throw new Error('The child has no output pipe');
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as Line;
      if (line.kind === 'done') this.#settle?.(line.value);
      else this.#onLine(line);
    });
    // On `close` the process has ended, and all its output was read. `events.once` would also settle on an `error`.
    this.#ended = new Promise<void>((resolve, reject) => {
      child.once('close', (code, signal) => {
        this.#process = undefined;
        if (signal === 'SIGKILL') this.kills += 1;
        else if (code !== 0) return reject(new Error(`${this.#script} ended with ${signal ?? code}`));
        resolve();
      });
    });
    // Without a pending order nobody waits for it, and the next order starts another.
    this.#ended.catch(() => undefined);
    return child;
  }

  /** It is idle and made to be killed, so nothing is lost. */
  async stop(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.#ended;
  }
}
