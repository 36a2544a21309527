import { resolve } from 'node:path';
import { initOfficeKey, takeOfficeCertificate, type Core } from '../core/index.ts';
import { fault, ok, refused, type Result } from '../faults/index.ts';
import { fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { readPassphrase } from './terminal.ts';
import { withCore } from './with-log.ts';

interface Options {
  readonly profile: string;
  readonly out: string;
  readonly certificate?: string;
  readonly name?: string;
  readonly passphraseFile?: string;
}

const say = words.cli.office;

/** `siteseal office init` */
export function officeInit(_args: readonly string[], options: Options): Promise<Outcome> {
  return withCore((core) =>
    options.certificate === undefined
      ? makeKey(core, options)
      : takeCertificate(core, options.certificate, options),
  );
}

async function makeKey(core: Core, { profile, out, name, passphraseFile }: Options): Promise<Outcome> {
  const made = await initOfficeKey(
    core,
    { profile: resolve(profile), folder: resolve(out), subject: name },
    (file) => Promise.resolve(newPassphrase(passphraseFile, file)),
  );
  return made.ok
    ? done(made.value, [
        fill(say.made, { key: made.value.key }),
        fill(say.requested, { request: made.value.request }),
      ])
    : failed(made.fault);
}

function takeCertificate(core: Core, certificate: string, { profile, out }: Options): Outcome {
  const taken = takeOfficeCertificate(core, {
    profile: resolve(profile),
    folder: resolve(out),
    certificate: resolve(certificate),
  });
  if (!taken.ok) return failed(taken.fault);
  const { certificate: file, fingerprint, profileMember } = taken.value;
  return done(taken.value, [
    fill(say.certified, { file, fingerprint }),
    say.add,
    `  "officeKey": ${JSON.stringify(profileMember.officeKey)},`,
  ]);
}

/** A new passphrase. It is typed twice, because a mistake in it would lose the key. */
function newPassphrase(file: string | undefined, key: string): Result<Uint8Array | undefined> {
  const first = readPassphrase(file, fill(words.cli.passphraseOf, { key }));
  if (!first.ok || !first.value) return first;
  const second = readPassphrase(file, fill(words.cli.passphraseAgain, { key }));
  const isSame = second.ok && second.value && Buffer.compare(first.value, second.value) === 0;
  if (second.ok) second.value?.fill(0);
  if (isSame) return ok(first.value);
  first.value.fill(0);
  return second.ok ? refused(fault('usage-invalid', { rule: 'passphrase-twice' })) : second;
}
