import { Bundle } from '../bundle/index.ts';
import type { EnbTrust } from '../device/index.ts';
import { fault, ok, prependWhere, refused, type Fault, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { maximumBundleFile } from '../office/index.ts';
import { judgeForDelivery, type JudgedBundle } from '../site/index.ts';

/** A bundle file that would be accepted, and by which trust. */
export interface AcceptableBundle<Trust extends EnbTrust> {
  readonly bundle: Bundle;
  readonly judged: JudgedBundle;
  readonly trust: Trust;
}

/**
 * Reads a bundle file and judges it as its eNB will, by each trust in turn. Refuses with the fault of the first check that
 * fails, naming the file; `signer-untrusted` only when nothing else is wrong.
 * @param folders below these no symbolic link is followed
 */
export function readBundleFile<Trust extends EnbTrust>(
  file: string,
  trusts: readonly Trust[],
  folders: readonly string[] = [],
): Result<AcceptableBundle<Trust>> {
  const bytes = readFile(file, maximumBundleFile, folders);
  if (!bytes.ok) return bytes;
  const bundle = new Bundle(bytes.value);
  let reason: Fault = fault('signer-untrusted');
  for (const trust of trusts) {
    const judged = judgeForDelivery(bundle, trust);
    if (judged.ok) return ok({ bundle, judged: judged.value, trust });
    if (reason.code === 'signer-untrusted') reason = judged.fault;
  }
  return refused(prependWhere(reason, { file }));
}
