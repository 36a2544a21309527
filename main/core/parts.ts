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

export type PartName = 'training-enbs';

export type SpawnPart = (name: PartName, options: unknown) => Promise<Result<Part>>;

/** What a part tells once it runs, or why it does not. */
export type PartReply =
  { readonly kind: 'ready'; readonly info: unknown } | { readonly kind: 'refused'; readonly fault: Fault };

const entry = join(import.meta.dirname, 'part-entry.ts');

/** Starts a part as a child process, which a crash of the part leaves the core alive. */
export const spawnPart: SpawnPart = (name, options) =>
  new Promise((resolve) => {
    const child = fork(entry, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const ended = new Promise<void>((end) => child.once('exit', () => end()));
    child.once('message', (reply: PartReply) => {
      if (reply.kind === 'refused') {
        child.kill();
        resolve(refused(reply.fault));
        return;
      }
      resolve(ok({ info: reply.info, stop: () => (child.disconnect(), ended) }));
    });
    child.once('error', () => resolve(refused(fault('internal-error', { found: name }))));
    void ended.then(() => resolve(refused(fault('internal-error', { found: name }))));
    child.send({ name, options });
  });

/** Starts a part as a worker thread: in a packaged app nothing else can be started. */
export const spawnThread: SpawnPart = (name, options) =>
  new Promise((resolve) => {
    const worker = new Worker(entryForThreads(), { workerData: { name, options } });
    worker.once('message', (reply: PartReply) => {
      if (reply.kind === 'refused') resolve(refused(reply.fault));
      else resolve(ok({ info: reply.info, stop: () => worker.terminate().then(() => undefined) }));
    });
    worker.once('error', () => resolve(refused(fault('internal-error', { found: name }))));
  });

/** Built code has the entry beside it, as JavaScript. */
function entryForThreads(): string {
  return entry.replace(/\.ts$/, import.meta.filename.endsWith('.ts') ? '.ts' : '.js');
}
