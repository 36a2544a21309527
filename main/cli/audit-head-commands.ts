import { resolve } from 'node:path';
import { saveHead, takeCosigned, witnessHead, type TakenCosignature } from '../core/index.ts';
import { fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { withCore, withLog, type LogOptions } from './with-log.ts';

const say = words.cli.auditHead;

interface HeadOptions extends LogOptions {
  readonly out: string;
  readonly witnessed?: string;
  readonly since?: number;
}

/** `siteseal audit head` */
export function auditHead(_args: readonly string[], options: HeadOptions): Promise<Outcome> {
  return withLog(options, async (opened) => {
    let taken: TakenCosignature | undefined;
    if (options.witnessed !== undefined) {
      const cosigned = await takeCosigned(opened, resolve(options.witnessed));
      if (!cosigned.ok) return failed(cosigned.fault);
      taken = cosigned.value;
    }
    const out = resolve(options.out);
    const { since } = options;
    const saved = await saveHead(opened, out, since === undefined ? {} : { since });
    const lines = taken ? [fill(say.taken, { ...taken })] : [];
    const witnessed = taken && { witnessed: taken };
    if (!saved.ok) return failed(saved.fault, { ...witnessed }, lines);
    const { size, from, key, origin } = saved.value;
    return done({ head: out, origin, size, from, key, ...witnessed }, [
      ...lines,
      fill(say.saved, { size, out }),
      from > 0 ? fill(say.continues, { from }) : say.continuesNone,
      fill(say.key, { key }),
    ]);
  });
}

interface WitnessOptions extends LogOptions {
  readonly out?: string;
  readonly key?: string;
}

/** `siteseal audit witness` */
export function auditWitness([file = '']: readonly string[], options: WitnessOptions): Promise<Outcome> {
  return withCore((core) => {
    const out = resolve(options.out ?? `${file}.cosigned`);
    const { training, key: trustedKey } = options;
    const { result, retired } = witnessHead(core, {
      file: resolve(file),
      out,
      training,
      ...(trustedKey !== undefined && { trustedKey }),
    });
    const document = { ...(retired !== undefined && { retired }) };
    const lines = retired === undefined ? [] : [fill(say.retired, { retired })];
    if (!result.ok) return failed(result.fault, document, lines);
    const { origin, size, from, key, isKeyTaken, witness } = result.value;
    const cosigned = {
      cosigned: out,
      origin,
      size,
      ...(from !== undefined && { from }),
      key,
      isKeyTaken,
      witness,
    };
    return done({ ...cosigned, ...document }, [
      ...lines,
      fill(say.cosigned, { origin, size }),
      from === undefined ? say.first : fill(say.extends, { from }),
      ...(isKeyTaken ? [fill(trustedKey === undefined ? say.keyTaken : say.keyCompared, { key })] : []),
      fill(say.witness, { witness }),
      fill(say.sendBack, { out }),
    ]);
  });
}
