import { createCore } from '../core/index.ts';
import { done, failed, type Outcome } from './outcome.ts';

interface VerifyOptions {
  readonly head: readonly string[];
  readonly training: boolean;
}

/** `siteseal audit verify` */
export function auditVerify([_file]: readonly string[], { training }: VerifyOptions): Outcome {
  const core = createCore();
  try {
    const opened = core.stores.open(training);
    if (!opened.ok) return failed(opened.fault);
    return done({}, []);
  } finally {
    core.stores.close();
  }
}
