import { createCore, type OpenedStore } from '../core/index.ts';
import { failed, type Outcome } from './outcome.ts';

/** The option that chooses the log of a store. */
export interface LogOptions {
  readonly training: boolean;
}

/** Opens this user's store for a command on its log, and closes it afterwards. */
export async function withLog(
  { training }: LogOptions,
  run: (opened: OpenedStore) => Promise<Outcome> | Outcome,
): Promise<Outcome> {
  const core = createCore();
  try {
    const opened = core.stores.open(training);
    return opened.ok ? await run(opened.value) : failed(opened.fault);
  } finally {
    core.stores.close();
  }
}
