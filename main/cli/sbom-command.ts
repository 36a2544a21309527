import { resolve } from 'node:path';
import { readSbom, saveSbom } from '../core/index.ts';
import { fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';

/** `siteseal sbom`. Prints the list of everything inside Siteseal, or writes it to a file. */
export function sbom(_: readonly string[], { out }: { readonly out?: string }): Outcome {
  if (out === undefined) {
    const text = readSbom();
    if (!text.ok) return failed(text.fault);
    return done(JSON.parse(text.value), text.value.trimEnd().split('\n'));
  }
  const saved = saveSbom(resolve(out));
  if (!saved.ok) return failed(saved.fault);
  const { file, sha256 } = saved.value;
  const say = words.cli.sbom;
  return done(saved.value, [fill(say.saved, { file }), fill(say.digest, { sha256 })]);
}
