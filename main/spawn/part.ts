import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ok, placeOfBug, refuse, refused, type Fault, type Result } from '../faults/index.ts';

/**
 * What a part starts with, what it reports once it runs, and what it answers later. All cross as structured clones. A typed array takes its
 * whole underlying buffer along, so copy the bytes that `asn1` writes before you post them.
 */
export interface PartTypes {
  readonly options: unknown;
  readonly info: unknown;
  readonly question: unknown;
  readonly answer: unknown;
}

/** A running part. */
export interface Part<Types extends PartTypes> {
  readonly info: Types['info'];
  /** Resolves with the part's answer. Refuses with `internal-error` if the part ends first. */
  ask(question: Types['question']): Promise<Result<Types['answer'], 'internal-error'>>;
  stop(): Promise<void>;
}

/**
 * Starts a part. Resolves once it runs, or with the reason why it does not start.
 *
 * @param onDeath is called if the part ends later without having been stopped
 */
export type Spawn<Types extends PartTypes> = (
  options: Types['options'],
  onDeath: () => void,
) => Promise<Result<Part<Types>>>;

/** What an entry file posts: first whether the part runs, then an answer to each question. */
export type PartReply =
  | { readonly kind: 'ready'; readonly info: unknown }
  | { readonly kind: 'refused'; readonly fault: Fault }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown };

/** What a running part is asked. */
export interface PartQuestion {
  readonly id: number;
  readonly question: unknown;
}

const ending = import.meta.filename.endsWith('.ts') ? '.ts' : '.cjs';

/**
 * How to start a part: a long-lived piece of the core that runs in a worker thread. Works from source and when built.
 *
 * @param name of its entry file, without the extension
 * @param folder of the entry file: the caller's `import.meta.dirname`, because a build puts everything into one folder
 */
export function spawner<Types extends PartTypes>(name: string, folder: string): Spawn<Types> {
  return (options, onDeath) =>
    new Promise((resolve) => {
      const worker = new Worker(join(folder, name + ending), { workerData: options });
      let state: 'starting' | 'running' | 'stopping' = 'starting';
      const stop = async () => {
        state = 'stopping';
        await worker.terminate();
      };
      const pending = new Map<number, (result: Result<unknown, 'internal-error'>) => void>();
      let lastId = 0;
      const ask = (question: unknown) =>
        new Promise<Result<unknown, 'internal-error'>>((answered) => {
          if (state !== 'running') return answered(refuse('internal-error', { found: name }));
          pending.set(++lastId, answered);
          worker.postMessage({ id: lastId, question } satisfies PartQuestion);
        });
      worker.on('message', (reply: PartReply) => {
        switch (reply.kind) {
          case 'ready':
            state = 'running';
            resolve(ok({ info: reply.info, ask, stop }));
            return;
          case 'refused':
            resolve(refused(reply.fault));
            void stop();
            return;
          case 'answer':
            pending.get(reply.id)?.(ok(reply.answer));
            pending.delete(reply.id);
        }
      });
      worker.once('error', (error) => {
        process.stderr.write([name, ...placeOfBug(error), ''].join('\n'));
      });
      worker.once('exit', () => {
        const wasRunning = state === 'running';
        state = 'stopping';
        for (const answered of pending.values()) answered(refuse('internal-error', { found: name }));
        pending.clear();
        if (wasRunning) onDeath();
        resolve(refuse('internal-error', { found: name }));
      });
    });
}
