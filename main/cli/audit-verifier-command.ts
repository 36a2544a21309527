import { resolve } from 'node:path';
import { saveLogVerifier } from '../core/index.ts';
import { fill, words } from '../words/index.ts';
import { isFromSource } from './form.ts';
import { done, failed, type Outcome } from './outcome.ts';

/** `siteseal audit verifier`. Where the command line runs from source, the page may not be built yet. */
export async function auditVerifier(
  _: readonly string[],
  { out }: { readonly out: string },
): Promise<Outcome> {
  if (isFromSource) {
    const { build } = await import('../../tools/build.ts');
    await build(() => undefined, ['verifier']);
  }
  const saved = saveLogVerifier(resolve(out));
  if (!saved.ok) return failed(saved.fault);
  const { file, sha256 } = saved.value;
  const say = words.cli.logVerifier;
  return done(saved.value, [fill(say.saved, { file }), fill(say.digest, { sha256 })]);
}
