import { Bundle, type SignerMemory } from '../bundle/index.ts';
import type { EnbTrust } from '../device/index.ts';
import { fault, ok, prependWhere, refused, type Fault, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { maximumBundleFile } from '../office/index.ts';
import { judgeForDelivery, type JudgedBundle } from '../site/index.ts';

/** A bundle file that its eNB would accept, and the trust that it passed under. */
export interface AcceptableBundle<Trust extends EnbTrust> {
  readonly bundle: Bundle;
  readonly judged: JudgedBundle;
  readonly trust: Trust;
}

/**
 * Reads a bundle file and judges it as its eNB will, under each trust in turn. Refuses with the fault of the first
 * check that fails, and names the file. Refuses with `signer-untrusted` only when nothing else is wrong.
 */
export function readBundleFile<Trust extends EnbTrust>(
  file: string,
  trusts: readonly Trust[],
): Result<AcceptableBundle<Trust>> {
  const bundle = readBundle(file);
  if (!bundle.ok) return bundle;
  const accepted = acceptUnder(bundle.value, trusts);
  return accepted.ok ? accepted : refused(prependWhere(accepted.fault, { file }));
}

/**
 * Reads a bundle file without judging it.
 * @param folders below these, symbolic links are not followed
 */
export function readBundle(file: string, folders: readonly string[] = []): Result<Bundle> {
  const bytes = readFile(file, maximumBundleFile, folders);
  return bytes.ok ? ok(new Bundle(bytes.value)) : bytes;
}

/**
 * Judges a bundle under each trust in turn; see `readBundleFile`.
 * @param memories what is known of signers under each trust, for those who judge many bundles
 */
export function acceptUnder<Trust extends EnbTrust>(
  bundle: Bundle,
  trusts: readonly Trust[],
  memories: ReadonlyMap<Trust, SignerMemory> = new Map(),
): Result<AcceptableBundle<Trust>> {
  let reason: Fault = fault('signer-untrusted');
  for (const trust of trusts) {
    const judged = judgeForDelivery(bundle, trust, undefined, memories.get(trust));
    if (judged.ok) return ok({ bundle, judged: judged.value, trust });
    if (reason.code === 'signer-untrusted') reason = judged.fault;
  }
  return refused(reason);
}
