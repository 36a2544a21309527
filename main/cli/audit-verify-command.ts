import { resolve } from 'node:path';
import {
  noteVerified,
  verifyLog,
  verifyLogFile,
  type OpenedStore,
  type LogPoint,
  type LogVerification,
} from '../core/index.ts';
import type { Result } from '../faults/index.ts';
import { fill, verificationSentence, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { systemTerminal } from './terminal.ts';
import { withLog, type LogOptions } from './with-log.ts';

const say = words.cli.audit;

interface VerifyOptions extends LogOptions {
  readonly head: readonly string[];
}

/** `siteseal audit verify` */
export async function auditVerify([file]: readonly string[], options: VerifyOptions): Promise<Outcome> {
  const request = { heads: options.head.map((one) => resolve(one)), isTraining: options.training };
  if (file !== undefined)
    return toOutcome(await verifyLogFile(resolve(file), request), say.fileIntact, say.fileBroken);
  return withLog(options, async (opened) =>
    toOutcome(await verifyStore(opened, request), say.intact, say.broken),
  );
}

/** Verifies the log of this laptop, and has it record that. */
async function verifyStore(
  opened: OpenedStore,
  request: { readonly heads: readonly string[]; readonly isTraining: boolean },
): Promise<Result<LogVerification>> {
  const terminal = systemTerminal();
  const onProgress = (done: number, total: number) => terminal.progress(fill(say.verifying, { done, total }));
  const found = await verifyLog(opened, { ...request, onProgress });
  terminal.endProgress();
  if (found.ok) noteVerified(opened, found.value, request.heads.length);
  return found;
}

function toOutcome(found: Result<LogVerification>, intactWords: string, brokenWords: string): Outcome {
  if (!found.ok) return failed(found.fault);
  const { intact, entries, fault, isOfOther } = found.value;
  const [proven, unproven] = [found.value.proven.map(sentenceOf), found.value.unproven.map(sentenceOf)];
  const lines = [...listing(say.proven, proven), ...listing(say.unproven, unproven)];
  const document = { intact, entries, proven, unproven };
  if (fault && isOfOther) return failed(fault, document, [say.ofOther, ...(proven.length > 0 ? lines : [])]);
  return fault
    ? failed(fault, document, [brokenWords, ...lines])
    : done(document, [fill(intactWords, { entries }), ...lines]);
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
