import { calls, type CallName, type Topic } from '../../preload/contract/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { unforeseen } from '../core/index.ts';
import { appHandlers } from './app.ts';
import type { ApiContext } from './context.ts';
import type { Handlers } from './handlers.ts';
import { driveHandlers } from './drives.ts';
import { fileHandlers } from './files.ts';
import { jobListHandlers } from './job-list.ts';
import { jobHandlers } from './jobs.ts';
import { logHandlers } from './log.ts';
import { networkHandlers } from './network.ts';
import { operatorHandlers } from './operators.ts';
import { runHandlers } from './runs.ts';
import { trainingHandlers } from './training.ts';
import { vendorHandlers } from './vendors.ts';

/** The API that the page calls: checked inputs in, views out. */
export interface Api {
  /** Answers one call. Refuses with `usage-invalid` an unknown call, or an input that does not match its schema. */
  call(name: string, input: unknown): Promise<Result<unknown>>;
  /** Reports the topics that changed, until the returned function is called. */
  onChanged(listener: (topics: readonly Topic[]) => void): () => void;
}

/** The API of one core. */
export function createApi(context: ApiContext): Api {
  const handlers: Handlers = {
    ...appHandlers(context),
    ...driveHandlers(context),
    ...fileHandlers(context),
    ...jobListHandlers(context),
    ...jobHandlers(context),
    ...logHandlers(context),
    ...networkHandlers(context),
    ...operatorHandlers(context),
    ...runHandlers(context),
    ...trainingHandlers(context),
    ...vendorHandlers(context),
    'work.stop': ({ id }) => {
      context.works.stop(id);
      return ok({});
    },
    'work.setPaused': ({ id, paused }) => {
      context.works.setPaused('run', id, paused);
      return ok({});
    },
  };
  return {
    call: async (name, input) => {
      if (!Object.hasOwn(calls, name)) return refuse('usage-invalid', { found: name.slice(0, 64) });
      const known = name as CallName;
      const parsed = calls[known].input.safeParse(input);
      if (!parsed.success) return refuse('usage-invalid', { where: { field: name } });
      try {
        // The table's types guarantee the pairing of name and input, which the compiler cannot follow here.
        const handler = handlers[known] as (input: unknown) => Promise<Result<unknown>>;
        return await handler(parsed.data);
      } catch (error) {
        return unforeseen(error);
      }
    },
    onChanged: (listener) => context.onChanged(listener),
  };
}
