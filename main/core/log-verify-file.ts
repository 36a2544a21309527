import { createReadStream, existsSync } from 'node:fs';
import { basename } from 'node:path';
import { logPorts, treeHashes } from '../audit/index.ts';
import { fault, ok, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { errorCode, readStart } from '../files/index.ts';
import {
  checkEntry,
  checkExport,
  checkHead,
  exportFormatOf,
  exportProofStart,
  exportRows,
  linesOf,
  Queue,
  UnreadableExport,
  type ExportFormat,
  type LogFinding,
  type LogPoint,
} from '../tlog/index.ts';
import { readKnownFile, readKnownHeads, type KnownHeads } from './log-known-heads.ts';
import type { LogControls } from './log-pass.ts';
import { unsound, verificationOf, type LogVerification } from './log-verify.ts';
import { pauseFor } from '../work/index.ts';

/** What to verify a file of a log with, and how. */
export interface VerifyLogFileRequest extends Omit<LogControls, 'onProgress'> {
  /** Files with heads of the log that are known from elsewhere, or with verifier keys of witnesses. */
  readonly heads: readonly string[];
  readonly isTraining: boolean;
}

/** The bytes that show what a file is. The first record of a CSV is its header. */
const startBytes = 4_096;

/**
 * Verifies a file of a log without the log: an export with its proof beside it, a head file, a checkpoint, a .tlog-proof,
 * or the head in a receipt.
 *
 * @returns a refusal only if the work could not be done: a file is unreadable or nothing of a log, or it was stopped
 */
export async function verifyLogFile(
  path: string,
  request: VerifyLogFileRequest,
): Promise<Result<LogVerification>> {
  const given = readKnownHeads(request.heads, request.isTraining);
  if (!given.ok) return given.fault.code === 'log-training-mismatch' ? ok(unsound(given.fault)) : given;
  const start = readStart(path, startBytes);
  if (!start.ok) return start;
  const text = start.value.toString('utf8');
  const proofOf = text.startsWith(exportProofStart) ? path.replace(/\.proof$/, '') : undefined;
  if (proofOf !== undefined && proofOf !== path) return verifyLogFile(proofOf, request);
  const isExport = !/^\{\s*"format":\s*"siteseal-log-head\/1"/.test(text) && !text.startsWith('%PDF-');
  const format = isExport ? (exportFormatOf(text) ?? (text === '' ? 'jsonl' : undefined)) : undefined;
  if (format) return verifyExport(path, format, given.value, request);
  const known = readKnownFile(path, request.isTraining);
  if (!known.ok) return known.fault.code === 'log-training-mismatch' ? ok(unsound(known.fault)) : known;
  if ('witnessKey' in known.value) return refuse('log-file-unknown', { where: { file: path } });
  const { read, proof } = known.value;
  const { heads, witnessKeys } = given.value;
  const finding = checkHead(read, { heads, witnessKeys }, logPorts);
  if (!finding) return refuse('log-key-missing', { where: { file: path }, found: read.head.origin });
  const found = proof ? withEntry(finding, checkEntry(proof, treeHashes, request.isTraining)) : finding;
  return ok(verificationOf(found, basename(path)));
}

/** Adds what a proof of one entry proves. */
function withEntry(
  finding: LogFinding,
  { proven, unproven, problem }: Omit<LogFinding, 'entries'>,
): LogFinding {
  const first = finding.problem ?? problem;
  return {
    ...finding,
    proven: [...proven, ...finding.proven],
    unproven: [...finding.unproven, ...unproven],
    ...(first && { problem: first }),
  };
}

/** Verifies an export by the proof beside it. */
async function verifyExport(
  path: string,
  format: ExportFormat,
  { known, witnessKeys }: KnownHeads,
  { isTraining, signal, pause = pauseFor(signal) }: VerifyLogFileRequest,
): Promise<Result<LogVerification>> {
  const proof = `${path}.proof`;
  if (!existsSync(proof)) return refuse('log-proof-missing', { where: { file: path } });
  const rows = exportRows(createReadStream(path), format);
  const lines = new Queue(linesOf(createReadStream(proof)));
  let stopped: Fault | undefined;
  try {
    const finding = await checkExport(
      { rows, lines },
      logPorts,
      { training: isTraining, heads: known, witnessKeys },
      {
        pause: async () => {
          stopped = await pause();
          return stopped !== undefined;
        },
      },
    );
    if (stopped) return refused(stopped);
    const more: readonly LogPoint[] = format === 'jsonl' ? [] : [{ code: 'copies-unchecked', facts: {} }];
    const inFile = basename(finding.problem?.line === undefined ? path : proof);
    return ok(verificationOf({ ...finding, unproven: [...finding.unproven, ...more] }, inFile));
  } catch (error) {
    if (error instanceof UnreadableExport)
      return ok(
        unsound(fault('log-malformed', { rule: 'log-row-form', found: error.reason, where: { file: path } })),
      );
    const code = errorCode(error);
    if (code === 'unknown') throw error;
    return refuse('file-unreadable', { where: { file: path }, found: code });
  } finally {
    await rows.close();
    await lines.close();
  }
}
