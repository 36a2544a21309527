import { resolve } from 'node:path';
import type { TrustFiles } from '../core/index.ts';

/** The options that name trust anchors, as `withTrust` declares them. */
export interface TrustOptions {
  readonly vendorRoot?: readonly string[];
  readonly trust?: readonly string[];
  readonly untrusted: readonly string[];
  readonly crl: readonly string[];
}

/** The files that the options name, as absolute paths. `--vendor-root` and `--trust` are two names of one option. */
export function trustFiles({ vendorRoot, trust, untrusted, crl }: TrustOptions): TrustFiles {
  const absolute = (files: readonly string[]) => files.map((file) => resolve(file));
  return { roots: absolute(vendorRoot ?? trust ?? []), untrusted: absolute(untrusted), crls: absolute(crl) };
}
