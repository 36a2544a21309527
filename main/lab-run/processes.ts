import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { refuse, ok, type Result } from '../faults/index.ts';

/** How long a command may take, and how long a program may take to start or to end on request, in milliseconds. */
const commandDeadline = 120_000;
const startDeadline = 60_000;
const endDeadline = 6_000;

/** The result of a command. */
export interface Ran {
  /** Undefined if a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface Program {
  readonly name: string;
  /** Everything that it wrote until it was ready. */
  readonly said: string;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
  /** Asks it to end. */
  stop(): Promise<void>;
}

/** What is started, and how. */
export interface Start {
  /** Of the log, and in faults. */
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly input?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/**
 * The processes of a lab run, each with its log. Everything that still runs ends with `close`, or once the signal is
 * aborted.
 */
export class Processes {
  readonly #logs: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #signal: AbortSignal;
  readonly #running = new Set<ChildProcess>();
  #count = 0;

  constructor(logs: string, env: Readonly<Record<string, string | undefined>>, signal: AbortSignal) {
    this.#logs = logs;
    this.#env = env;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#killAll());
  }

  /** Runs a command to its end. */
  async run(start: Start): Promise<Ran> {
    const child = this.#spawn(start);
    const timer = setTimeout(() => child.kill('SIGKILL'), commandDeadline);
    const output = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    const code = await ended(child);
    clearTimeout(timer);
    return { code, ...output };
  }

  /**
   * Starts a program, and waits until it has written a line that is ready. Refuses with what it wrote if it ends first, or
   * takes too long.
   */
  async start(start: Start, isReady: (line: string) => boolean): Promise<Result<Program, 'lab-part-failed'>> {
    const child = this.#spawn(start);
    let said = '';
    const ready = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), startDeadline);
      const take = (text: string) => {
        said += text;
        if (said.split('\n').slice(0, -1).some(isReady)) resolve(true);
      };
      child.stdout?.setEncoding('utf8').on('data', take);
      child.stderr?.setEncoding('utf8').on('data', take);
      child.once('close', () => resolve(false));
      child.once('error', () => resolve(false));
      child.once('close', () => clearTimeout(timer));
    });
    const program: Program = {
      name: start.name,
      get said() {
        return said;
      },
      kill: () => end(child, 'SIGKILL'),
      stop: () => end(child, 'SIGTERM'),
    };
    if (await ready) return ok(program);
    await program.kill();
    return refuse('lab-part-failed', { found: `${start.name}: ${said.trim().slice(-300)}` });
  }

  /** Ends everything that still runs. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((child) => end(child, 'SIGTERM')));
  }

  #spawn({ name, command: [program, ...args], input, env }: Start): ChildProcess {
    this.#signal.throwIfAborted();
    this.#count += 1;
    const log = createWriteStream(join(this.#logs, `${String(this.#count).padStart(2, '0')}-${name}.log`));
    log.on('error', () => undefined); // A full disk must not end the run.
    log.write(`$ ${[program, ...args].join(' ')}\n`);
    const child = spawn(program, args, { env: { ...this.#env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#running.add(child);
    child.stdin.on('error', () => undefined); // It may end before it has read everything.
    child.stdin.end(input);
    for (const stream of [child.stdout, child.stderr]) copy(stream, log);
    child.once('error', (error) => log.write(`${error.message}\n`));
    child.once('close', (code, signal) => {
      this.#running.delete(child);
      log.end(`[${signal ?? `exit ${code}`}]\n`);
    });
    return child;
  }

  #killAll(): void {
    for (const child of this.#running) child.kill('SIGKILL');
  }
}

function copy(stream: NodeJS.ReadableStream, log: WriteStream): void {
  stream.on('data', (bytes: Buffer | string) => log.write(bytes));
}

function ended(child: ChildProcess): Promise<number | undefined> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(undefined));
    child.once('close', (code) => resolve(code ?? undefined));
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const over = ended(child);
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), endDeadline);
  await over;
  clearTimeout(timer);
}
