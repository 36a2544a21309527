import { Bundle, SignerMemory } from '../bundle/index.ts';
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
  const accepted = new Trusts(trusts).accept(bundle.value);
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

/** Several trusts under which bundles are judged, each in turn. Many bundles of one signer cost little. */
export class Trusts<Trust extends EnbTrust> {
  readonly #trusts: readonly (readonly [trust: Trust, signers: SignerMemory])[];

  constructor(trusts: readonly Trust[]) {
    this.#trusts = trusts.map((trust) => [trust, new SignerMemory()]);
  }

  /** Judges a bundle; see `readBundleFile`. */
  accept(bundle: Bundle): Result<AcceptableBundle<Trust>> {
    let reason: Fault = fault('signer-untrusted');
    for (const [trust, signers] of this.#trusts) {
      const judged = judgeForDelivery(bundle, trust, undefined, signers);
      if (judged.ok) return ok({ bundle, judged: judged.value, trust });
      if (reason.code === 'signer-untrusted') reason = judged.fault;
    }
    return refused(reason);
  }
}
