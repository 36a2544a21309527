import { resolve } from 'node:path';
import { createIntroduction, listIntroductions, openOffice, takeIntroduction } from '../core/index.ts';
import { fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { passphraseOf } from './terminal.ts';
import { withCore, withLog, type LogOptions } from './with-log.ts';

const say = words.cli.introduction;

interface CreateOptions {
  readonly profile: string;
  readonly out: string;
  readonly passphraseFile?: string;
}

/** `siteseal introduction create` */
export function introductionCreate(_args: readonly string[], options: CreateOptions): Promise<Outcome> {
  const out = resolve(options.out);
  return withCore(async (core) => {
    const opened = await openOffice(core, resolve(options.profile), passphraseOf(options.passphraseFile));
    if (!opened.ok) return failed(opened.fault);
    const made = await createIntroduction(core, { ...opened.value, out });
    if (!made.ok) return failed(made.fault);
    const { operator, version, fingerprint, vendors } = made.value;
    return done({ introduction: out, ...made.value }, [
      fill(say.made, { operator, version, out }),
      fill(say.vendors, { vendors: vendors.join(', ') }),
      fill(say.tell, { fingerprint }),
    ]);
  });
}

interface TakeOptions {
  readonly fingerprint?: string;
  readonly acceptVendors: boolean;
}

/** `siteseal introduction take` */
export function introductionTake([file = '']: readonly string[], options: TakeOptions): Promise<Outcome> {
  return withCore((core) => {
    const { fingerprint, acceptVendors: acceptsVendors } = options;
    const { fault, introduction } = takeIntroduction(core, {
      ...{ file: resolve(file), acceptsVendors },
      ...(fingerprint !== undefined && { fingerprint }),
    });
    const changes = introduction
      ? [
          ...introduction.added.map((vendor) => fill(fault ? say.wouldAdd : say.added, { vendor })),
          ...introduction.removed.map((vendor) => fill(fault ? say.wouldRemove : say.removed, { vendor })),
        ]
      : [];
    if (fault) return failed(fault, { ...introduction }, changes);
    if (!introduction) throw new Error('An introduction is refused or taken');
    const { operator, version, isKnown } = introduction;
    return done(introduction, [fill(isKnown ? say.known : say.taken, { operator, version }), ...changes]);
  });
}

/** `siteseal introduction list` */
export function introductionList(_args: readonly string[], options: LogOptions): Promise<Outcome> {
  return withLog(options, (opened) => {
    const operators = listIntroductions(opened);
    const lines = operators.flatMap(({ operator, version, fingerprint, vendors }) => [
      fill(say.operator, { operator, version, fingerprint }),
      fill(say.vendors, { vendors: vendors.join(', ') }),
    ]);
    return done({ operators }, operators.length > 0 ? lines : [say.none]);
  });
}
