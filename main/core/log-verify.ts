import { logPorts, type OpenedStore } from '../audit/index.ts';
import { ok, refused, type Fault, type Result } from '../faults/index.ts';
import { storeFault, type CheckpointRecord, type LogHead, type Store } from '../store/index.ts';
import {
  LogCheck,
  parseCheckpoint,
  problemFault,
  toHex,
  type LogFinding,
  type LogPoint,
  type LogProblem,
} from '../tlog/index.ts';
import { headsInReceipts, readKnownHeads } from './log-known-heads.ts';
import type { LogControls } from './log-pass.ts';
import { pauseFor } from '../work/index.ts';

/** What a verification of the log found. */
export interface LogVerification {
  readonly intact: boolean;
  readonly entries: number;
  readonly proven: readonly LogPoint[];
  readonly unproven: readonly LogPoint[];
  /** The first problem. Present exactly if the log is not intact. */
  readonly fault?: Fault;
  /** Present if the problem is that the user chose a file of another log. That says nothing about this one. */
  readonly isOfOther?: true;
}

/** What to verify a log with, and how. */
export interface VerifyLogRequest extends LogControls {
  /** Files with heads of the log that are known from elsewhere, or with verifier keys of witnesses. */
  readonly heads: readonly string[];
  readonly isTraining: boolean;
}

/** How many entries are checked between two looks at the clock. */
const slice = 100;

/**
 * Verifies the log of a store against its own state, its kept checkpoints, the heads in its receipts, and heads that are
 * known from elsewhere. Others may append meanwhile: everything up to the head at the start is verified.
 *
 * @returns a refusal only if the work could not be done: a file or the store is unreadable, or it was stopped
 */
export async function verifyLog(
  { store, log }: OpenedStore,
  { heads, isTraining, signal, onProgress, pause = pauseFor(signal) }: VerifyLogRequest,
): Promise<Result<LogVerification>> {
  const given = readKnownHeads(heads, isTraining);
  if (!given.ok && given.fault.code === 'log-training-mismatch') return ok(unsound(given.fault));
  if (!given.ok) return given;
  try {
    const snapshot = snapshotOf(store);
    const origin = snapshot.head?.origin;
    const received = await headsInReceipts(store, origin ?? '', pause);
    if (!received.ok) return received;
    const check = new LogCheck(logPorts, {
      ...(origin !== undefined && { origin }),
      training: isTraining,
      heads: [...given.value.known, ...received.value.heads],
      witnessKeys: given.value.witnessKeys,
    });
    const kept = new Map(snapshot.kept.map((record) => [record.size, record]));
    let left = slice;
    for (const { sequence, entry } of log.read(0, snapshot.total)) {
      const problem = takeRow(check, sequence, entry) ?? takeKept(check, kept.get(check.size));
      if (problem) break;
      if (--left > 0) continue;
      left = slice;
      onProgress?.(check.size, snapshot.total);
      const stopped = await pause();
      if (stopped) return refused(stopped);
    }
    takeState(check, snapshot);
    for (const { id, name, salt } of store.people.all())
      if (name !== undefined) check.person(id, name, toHex(salt));
    const { unproven, ...finding } = check.end();
    const { foreign } = received.value;
    const more: readonly LogPoint[] =
      foreign > 0 ? [{ code: 'receipts-foreign', facts: { count: foreign } }] : [];
    return ok(verificationOf({ ...finding, unproven: [...unproven, ...more] }));
  } catch (error) {
    return storeFault(error);
  }
}

/** The parts of the store that must agree, as they are at one moment. */
interface Snapshot {
  readonly head: LogHead | undefined;
  /** How many entries the head seals, as it says. */
  readonly total: number;
  readonly kept: readonly CheckpointRecord[];
  /** The number of a row before the first entry or after the last. */
  readonly stray: number | undefined;
}

function snapshotOf(store: Store): Snapshot {
  return store.transaction(() => {
    const { log } = store;
    const head = log.head();
    const total = head ? (parseCheckpoint(head.checkpoint)?.size ?? head.size) : 0;
    return { head, total, kept: log.checkpoints(), stray: log.stray(total) };
  });
}

/** Takes the next row. A row whose number is not the next one shows that rows were deleted. */
function takeRow(check: LogCheck, sequence: number, entry: string): LogProblem | undefined {
  const at = check.size;
  return sequence === at
    ? check.entry(entry)
    : check.fail({ code: 'log-altered', entry: at, before: sequence, found: String(sequence) });
}

/** Takes a checkpoint that the log keeps, over the entries so far. */
function takeKept(check: LogCheck, record: CheckpointRecord | undefined): LogProblem | undefined {
  if (!record) return undefined;
  // Exports and head files choose by the kind.
  const isKept = record.kind === (check.isHandingOver ? 'handover' : 'given');
  const size = parseCheckpoint(record.checkpoint)?.size ?? record.size;
  return isKept && size === record.size
    ? check.checkpoint(record.checkpoint)
    : check.fail({ code: 'log-malformed', rule: 'log-kept-row', entry: check.size });
}

/** Takes the state of the log after its last entry. */
function takeState(check: LogCheck, { head, kept, stray }: Snapshot): void {
  if (head) check.checkpoint(head.checkpoint);
  const entry = check.size;
  const beyond = kept.find(({ size }) => size > entry);
  const outside = kept.find(({ size }) => size <= 0);
  if (beyond) check.fail({ code: 'log-cut', entry, expected: String(beyond.size), found: String(entry) });
  if (outside) check.fail({ code: 'log-malformed', rule: 'log-kept-row' });
  if (stray !== undefined) check.fail({ code: stray < 0 ? 'log-altered' : 'log-unsealed', entry: stray });
  for (const [name, found, expected] of head ? stateOf(check, head) : []) {
    if (found === expected) continue;
    const facts = { expected: `${name} ${expected}`, found: String(found) };
    check.fail({ code: 'log-malformed', rule: 'log-head-row', ...facts });
  }
}

/** What the state says, beside what follows from the entries. */
function stateOf(
  check: LogCheck,
  head: LogHead,
): readonly (readonly [string, string | number, string | number])[] {
  const { key = '', epoch = 0, since = '' } = check.key ?? {};
  return [
    ['size', head.size, check.size],
    ['subtrees', head.subtrees, check.subtrees.join(' ')],
    ['key', head.key, key],
    ['epoch', head.epoch, epoch],
    ['key_since', head.keySince, since],
    ['last_time', head.lastTime, check.lastTime],
  ];
}

/** Logs that the user verified the log. A log that is too damaged to go on stays as it is. */
export function noteVerified(
  { log }: OpenedStore,
  { entries, fault: found }: LogVerification,
  heads: number,
): void {
  const facts = { entries, heads, ...(found && { fault: found.code }) };
  try {
    log.append({ action: 'log-verified', subject: {}, facts });
  } catch (error) {
    if (!found) throw error;
  }
}

/** The outcome of a verification that could not even compare. */
export function unsound(problem: Fault): LogVerification {
  const isOfOther = problem.code === 'log-training-mismatch';
  return {
    intact: false,
    entries: 0,
    proven: [],
    unproven: [],
    fault: problem,
    ...(isOfOther && { isOfOther }),
  };
}

/** A finding, with its problem as a fault. */
export function verificationOf(
  { entries, proven, unproven, problem }: LogFinding,
  file?: string,
): LogVerification {
  return {
    intact: problem === undefined,
    entries,
    proven,
    unproven,
    ...(problem && { fault: problemFault(problem, file) }),
    ...(problem && isOfOther(problem) && { isOfOther: true }),
  };
}

/** Whether a whole file is of another log: a known head, or the file to verify. */
function isOfOther({ code, source, entry }: LogProblem): boolean {
  return code === 'log-foreign'
    ? source !== undefined
    : code === 'log-training-mismatch' && entry === undefined;
}
