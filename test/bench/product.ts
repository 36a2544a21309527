import { join } from 'node:path';
import {
  createCore,
  prepareBundles,
  systemSurroundings,
  unlockWith,
  type PrepareControls,
} from '../../main/core/index.ts';
import { ok } from '../../main/faults/index.ts';
import { faultSentence } from '../../main/words/index.ts';
import type { Operator } from './operator.ts';

export interface PrepareOptions {
  readonly workers?: number;
  readonly onProgress?: PrepareControls['onProgress'];
}

/**
 * Prepares the operator's whole inventory as `siteseal prepare` does, from the file to bundles that are flushed to
 * disk, with the operator's existing store. `out` is a folder that does not exist yet.
 */
export async function prepareAll(
  {
    folder,
    inventory,
    profile,
    passphrase,
    enbs,
  }: Pick<Operator, 'folder' | 'inventory' | 'profile' | 'passphrase'> & {
    readonly enbs: { readonly length: number };
  },
  out: string,
  { workers, onProgress = () => undefined }: PrepareOptions = {},
): Promise<void> {
  const core = createCore({ ...systemSurroundings(), dataFolder: join(folder, 'data') });
  try {
    const report = await prepareBundles(
      core,
      {
        inventory,
        profile,
        out,
        skipBad: false,
        resume: false,
        dryRun: false,
        ...(workers !== undefined && { workers }),
      },
      {
        ...unlockWith(core, () => Promise.resolve(ok(Buffer.from(passphrase)))),
        onProgress,
        signal: new AbortController().signal,
      },
    );
    const fault = report.ok ? report.value.rows.find((row) => row.fault)?.fault : report.fault;
    if (fault) throw new Error(faultSentence(fault));
    if (!report.ok || report.value.made !== enbs.length) throw new Error('Not every bundle was made');
  } finally {
    core.stores.close();
  }
}
