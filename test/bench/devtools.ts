import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { end } from '../kit/desktop.ts';

/** How long to wait for a window that shows nothing, in milliseconds. */
const patience = 60_000;

/** The parts of the DevTools protocol's messages that are used here. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: {
    readonly sessionId?: string;
    readonly targetInfo?: { readonly type: string };
    readonly context?: { readonly id: number };
  };
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

/**
 * Evaluates an expression in each page of a Chromium-based program, from the page's first moment on, and ends the
 * program with the first answer. The page takes the time itself, so that the time contains no message latency.
 * @param child started with `--remote-debugging-pipe`, and pipes for descriptors 3 and 4
 * @param expression JavaScript for a promise of a time, in milliseconds since the epoch
 * @returns that time
 */
export async function firstTimeIn(child: ChildProcess, expression: string): Promise<number> {
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  try {
    return await Promise.race([answerOf(child, expression), hasEnded(child)]);
  } finally {
    clearTimeout(timer);
    await end(child);
  }
}

async function hasEnded(child: ChildProcess): Promise<never> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  throw new Error(`${child.spawnfile} ended (${signal ?? String(code)}) before its window was usable`);
}

function answerOf(child: ChildProcess, expression: string): Promise<number> {
  const [, , , commands, messages] = child.stdio as unknown as readonly [
    null,
    null,
    null,
    Writable,
    Readable,
  ];
  commands.on('error', () => undefined); // it has ended, which is reported elsewhere
  let lastId = 0;
  const send = (method: string, params: object, sessionId?: string): number => {
    const id = ++lastId;
    commands.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`);
    return id;
  };
  const questions = new Set<number>();
  send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true });
  return new Promise((resolve) => {
    onMessage(messages, ({ id, method, sessionId, params, result }) => {
      if (method === 'Target.attachedToTarget' && params?.targetInfo?.type === 'page') {
        send('Runtime.enable', {}, params.sessionId);
      } else if (method === 'Runtime.executionContextCreated') {
        const question = { expression, contextId: params?.context?.id, awaitPromise: true };
        questions.add(send('Runtime.evaluate', question, sessionId));
      } else if (id !== undefined && questions.has(id) && typeof result?.result?.value === 'number') {
        resolve(result.result.value);
      }
    });
  });
}

/** Each message of the pipe ends in NUL. */
function onMessage(stream: Readable, listener: (message: Message) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const parts = `${rest}${text}`.split('\0');
    rest = parts.pop() ?? '';
    for (const part of parts) listener(JSON.parse(part) as Message);
  });
}
