import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fault, ok, placeOfBug, refused, type Fault, type Result } from '../faults/index.ts';

/**
 * What a part starts with, and what it reports once it runs. Both cross as structured clones. A typed array takes its
 * whole underlying buffer along, so copy the bytes that `asn1` writes before you post them.
 */
export interface PartTypes {
  readonly options: unknown;
  readonly info: unknown;
}

/** A running part. */
export interface Part<Info> {
  readonly info: Info;
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
) => Promise<Result<Part<Types['info']>>>;

/** What an entry file posts, once. */
export type PartReply =
  { readonly kind: 'ready'; readonly info: unknown } | { readonly kind: 'refused'; readonly fault: Fault };

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
        process.stderr.write([name, ...placeOfBug(error), ''].join('\n'));
      });
      worker.once('exit', () => {
        if (state === 'running') onDeath();
        resolve(refused(fault('internal-error', { found: name })));
      });
    });
}
