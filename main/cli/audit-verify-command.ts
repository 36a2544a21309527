import { resolve } from 'node:path';
import {
  createCore,
  noteVerified,
  verifyLog,
  verifyLogFile,
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
export async function auditVerify([file]: readonly string[], options: VerifyOptions): Promise<Outcome> {
  const core = createCore();
  try {
    const request = { heads: options.head.map((one) => resolve(one)), isTraining: options.training };
    const found =
      file === undefined ? await verifyStore(core, request) : await verifyLogFile(resolve(file), request);
    if (!found.ok) return failed(found.fault);
    const { intact, entries, fault, isOfOther } = found.value;
    const [proven, unproven] = [found.value.proven.map(sentenceOf), found.value.unproven.map(sentenceOf)];
    const lines = [...listing(say.proven, proven), ...listing(say.unproven, unproven)];
    const document = { intact, entries, proven, unproven };
    if (fault && isOfOther)
      return failed(fault, document, [say.ofOther, ...(proven.length > 0 ? lines : [])]);
    if (fault) return failed(fault, document, [file === undefined ? say.broken : say.fileBroken, ...lines]);
    return done(document, [fill(file === undefined ? say.intact : say.fileIntact, { entries }), ...lines]);
  } finally {
    core.stores.close();
  }
}

/** Verifies the log of this laptop, and has it record that. */
async function verifyStore(
  core: Core,
  request: { readonly heads: readonly string[]; readonly isTraining: boolean },
): Promise<Result<LogVerification>> {
  const opened = core.stores.open(request.isTraining);
  if (!opened.ok) return opened;
  const terminal = systemTerminal();
  const onProgress = (done: number, total: number) => terminal.progress(fill(say.verifying, { done, total }));
  const found = await verifyLog(opened.value, { ...request, onProgress });
  terminal.endProgress();
  if (found.ok) noteVerified(opened.value, found.value, request.heads.length);
  return found;
}

type Sentence = { readonly code: string; readonly sentence: string } & Readonly<
  Record<string, string | number>
>;

function sentenceOf({ code, facts }: LogPoint): Sentence {
  return { code, ...facts, sentence: verificationSentence(code, facts) };
}

function listing(heading: string, points: readonly Sentence[]): readonly string[] {
  return points.length === 0 ? [] : [heading, ...points.map(({ sentence }) => fill(say.item, { sentence }))];
}
