import { createReadStream, existsSync } from 'node:fs';
import { basename } from 'node:path';
import { csvCopies, csvName, logPorts, treeHashes } from '../audit/index.ts';
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
  type ExportRow,
  type LogFinding,
  type LogPoint,
  type LogProblem,
} from '../tlog/index.ts';
import { readKnownFile, readKnownHeads, type KnownHeads } from './log-known-heads.ts';
import type { LogControls } from './log-pass.ts';
import { unsound, verificationOf, type LogVerification } from './log-verify.ts';
import { pauseFor } from './slices.ts';

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
  const names = new NameCells();
  try {
    const finding = await checkExport(
      { rows, lines },
      logPorts,
      { training: isTraining, heads: known, witnessKeys },
      {
        onRow: (entry, row) => names.compare(entry, row),
        onPerson: (id, name) => names.confirm(id, name),
        onEnd: () => names.left(),
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

/** The names in the cells of a CSV, which the proof must confirm. */
class NameCells {
  readonly #unconfirmed = new Map<string, string>();

  /** Compares the cells that repeat what the entry says, so that someone who reads only them is not misled. */
  compare(entry: string, { cells }: ExportRow): LogProblem | undefined {
    if (!cells) return undefined;
    const { personId, cells: copies } = csvCopies(entry);
    const name = cells.get('person') ?? '';
    const known = this.#unconfirmed.get(personId) ?? name;
    this.#unconfirmed.set(personId, known);
    for (const [field, expected] of [...copies, ['person', known] as const]) {
      const found = cells.get(field) ?? expected;
      if (found !== expected) return { code: 'log-altered', rule: 'log-copy', field, expected, found };
    }
    return undefined;
  }

  /** Takes a name that the entries confirm. */
  confirm(id: string, name: string): LogProblem | undefined {
    const found = this.#unconfirmed.get(id) ?? csvName(name);
    this.#unconfirmed.delete(id);
    const expected = csvName(name);
    return found === expected ? undefined : { code: 'log-name-altered', expected, found };
  }

  /** A name that nothing confirms. */
  left(): LogProblem | undefined {
    const found = [...this.#unconfirmed.values()].find((name) => name !== '');
    return found === undefined ? undefined : { code: 'log-name-altered', found };
  }
}
