import { createCore, type Core, type OpenedStore } from '../core/index.ts';
import { failed, type Outcome } from './outcome.ts';

/** The option that chooses the log of a store. */
export interface LogOptions {
  readonly training: boolean;
}

/** Runs a command with a core, and closes its stores afterwards. */
export async function withCore(run: (core: Core) => Promise<Outcome> | Outcome): Promise<Outcome> {
  const core = createCore();
  try {
    return await run(core);
  } finally {
    core.stores.close();
  }
}

/** Opens this user's store for a command on its log, and closes it afterwards. */
export function withLog(
  { training }: LogOptions,
  run: (opened: OpenedStore, core: Core) => Promise<Outcome> | Outcome,
): Promise<Outcome> {
  return withCore((core) => {
    const opened = core.stores.open(training);
    return opened.ok ? run(opened.value, core) : failed(opened.fault);
  });
}
