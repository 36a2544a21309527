import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fault, ok, refused, type Fault, type Result } from '../faults/index.ts';

/**
 * What a part starts with, and what it reports once it runs. Both cross as structured clones. A typed array takes the whole
 * buffer behind it along, so copy the bytes that `asn1` writes before you post them.
 */
export interface PartTypes {
  readonly options: unknown;
  readonly info: unknown;
}

/** A part that runs. */
export interface Part<Info> {
  readonly info: Info;
  stop(): Promise<void>;
}

/**
 * Starts a part. Resolves when it runs, or with the reason why it does not.
 * @param onDeath is called when it ends later without having been stopped
 */
export type Spawn<Types extends PartTypes> = (
  options: Types['options'],
  onDeath: () => void,
) => Promise<Result<Part<Types['info']>>>;

/** What an entry file posts once. */
export type PartReply =
  { readonly kind: 'ready'; readonly info: unknown } | { readonly kind: 'refused'; readonly fault: Fault };

const ending = import.meta.filename.endsWith('.ts') ? '.ts' : '.cjs';

/**
 * How a part is started: a long-lived piece of the core that runs in a worker thread, from source and built alike.
 * @param name of its entry file, without the ending
 * @param folder of the entry file: the caller's `import.meta.dirname`, as what is built is all in one folder
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
      worker.once('message', (reply: PartReply) => {
        if (reply.kind === 'ready') {
          state = 'running';
          resolve(ok({ info: reply.info, stop }));
        } else {
          resolve(refused(reply.fault));
          void stop();
        }
      });
      worker.once('error', (error) => {
        process.stderr.write(`${name}: ${error instanceof Error ? (error.stack ?? error.name) : 'ended'}\n`);
      });
      worker.once('exit', () => {
        if (state === 'running') onDeath();
        resolve(refused(fault('internal-error', { found: name })));
      });
    });
}
