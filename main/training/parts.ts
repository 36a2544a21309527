import { fork } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { join } from 'node:path';
import { fault, refused, ok, type Fault, type Result } from '../faults/index.ts';

/** A long-lived piece that runs beside the core. */
export interface Part {
  /** What it said when it was ready. */
  readonly info: unknown;
  stop(): Promise<void>;
}

/** The parts that there are. */
export type PartName = 'training-enbs';

/** Starts a part with its options; resolves when the part says that it runs, or why it does not. */
export type SpawnPart = (name: PartName, options: unknown) => Promise<Result<Part>>;

/** What a part tells once it runs, or why it does not. */
export type PartReply =
  { readonly kind: 'ready'; readonly info: unknown } | { readonly kind: 'refused'; readonly fault: Fault };

/** Built code is CommonJS and has the entry beside it; it runs where nothing but threads can be started. */
const isBuilt = !import.meta.filename.endsWith('.ts');
const entry = join(import.meta.dirname, isBuilt ? 'part-entry.cjs' : 'part-entry.ts');

/** Starts a part: as a child process, whose crash leaves the core alive, or where that cannot be as a thread. */
export const spawnPart: SpawnPart = (name, options) =>
  isBuilt ? spawnThread(name, options) : spawnProcess(name, options);

const spawnProcess: SpawnPart = (name, options) =>
  new Promise((resolve) => {
    const child = fork(entry, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const ended = new Promise<void>((end) => child.once('exit', () => end()));
    const stop = () => {
      if (child.connected) child.disconnect();
      return ended;
    };
    child.once('message', (reply: PartReply) => resolve(answer(reply, stop)));
    child.once('error', () => resolve(failed(name)));
    void ended.then(() => resolve(failed(name)));
    child.send({ name, options });
  });

const spawnThread: SpawnPart = (name, options) =>
  new Promise((resolve) => {
    const worker = new Worker(entry, { workerData: { name, options } });
    const stop = async () => {
      await worker.terminate();
    };
    worker.once('message', (reply: PartReply) => resolve(answer(reply, stop)));
    for (const end of ['error', 'exit']) worker.once(end, () => resolve(failed(name)));
  });

function answer(reply: PartReply, stop: () => Promise<void>): Result<Part> {
  if (reply.kind === 'ready') return ok({ info: reply.info, stop });
  void stop();
  return refused(reply.fault);
}

function failed(name: PartName): Result<Part> {
  return refused(fault('internal-error', { found: name }));
}
