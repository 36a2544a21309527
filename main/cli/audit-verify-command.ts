import { resolve } from 'node:path';
import {
  createCore,
  noteVerified,
  verifyLog,
  type Core,
  type LogPoint,
  type LogVerification,
} from '../core/index.ts';
import type { Result } from '../faults/index.ts';
import { fill, verificationSentence, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { systemTerminal } from './terminal.ts';

const say = words.cli.audit;

interface VerifyOptions {
  readonly head: readonly string[];
  readonly training: boolean;
}

/** `siteseal audit verify` */
export async function auditVerify([_file]: readonly string[], options: VerifyOptions): Promise<Outcome> {
  const core = createCore();
  try {
    const found = await verifyStore(core, options);
    if (!found.ok) return failed(found.fault);
    const { intact, entries, proven, unproven, fault } = found.value;
    const document = { intact, entries, proven: proven.map(sentenceOf), unproven: unproven.map(sentenceOf) };
    const lines = [...listing(say.proven, document.proven), ...listing(say.unproven, document.unproven)];
    return fault
      ? failed(fault, document, [say.broken, ...lines])
      : done(document, [fill(say.intact, { entries }), ...lines]);
  } finally {
    core.stores.close();
  }
}

/** Verifies the log of this laptop, which logs it. */
async function verifyStore(core: Core, { head, training }: VerifyOptions): Promise<Result<LogVerification>> {
  const opened = core.stores.open(training);
  if (!opened.ok) return opened;
  const terminal = systemTerminal();
  const heads = head.map((file) => resolve(file));
  const onProgress = (of: number, total: number) => terminal.progress(fill(say.verifying, { of, total }));
  const found = await verifyLog(opened.value, { heads, isTraining: training, onProgress });
  terminal.endProgress();
  if (found.ok) noteVerified(opened.value, found.value, heads.length);
  return found;
}

interface Sentence extends LogPoint {
  readonly sentence: string;
}

function sentenceOf({ code, facts }: LogPoint): Sentence {
  return { code, facts, sentence: verificationSentence(code, facts) };
}

function listing(heading: string, points: readonly Sentence[]): readonly string[] {
  return points.length === 0 ? [] : [heading, ...points.map(({ sentence }) => fill(say.item, { sentence }))];
}
