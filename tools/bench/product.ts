import { join } from 'node:path';
import { Core, systemSurroundings } from '../../main/core/index.ts';
import { faultSentence, ok } from '../../main/faults/index.ts';
import type { Operator } from './operator.ts';

/**
 * Prepares the operator's whole inventory as `siteseal prepare` does, from the file to bundles that are safe on the
 * disk, into a folder that is not yet there, with a store of its own. Returns the folder of the bundles.
 */
export async function prepareAll(
  { inventory, profile, passphrase, enbs }: Operator,
  folder: string,
): Promise<string> {
  const core = new Core({ ...systemSurroundings(), dataFolder: join(folder, 'data') });
  try {
    const report = await core.prepare(
      { inventory, profile, out: folder, skipBad: false, resume: false, dryRun: false },
      {
        passphraseFor: () => Promise.resolve(ok(Buffer.from(passphrase))),
        onProgress: () => undefined,
        signal: new AbortController().signal,
      },
    );
    const fault = report.ok ? report.value.rows.find((row) => row.fault)?.fault : report.fault;
    if (fault) throw new Error(faultSentence(fault));
    if (!report.ok || report.value.made !== enbs.length) throw new Error('Not every bundle was made');
    return join(folder, 'bundles');
  } finally {
    core.close();
  }
}
