import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { maximumBundleSize, type Verdict } from '../bundle/index.ts';
import {
  fileNames,
  maximumReceiptSize,
  maximumRequestSize,
  ownFolderNames,
  pathOf,
  readEntry,
  readRequest,
  replaceEntry,
  type EntryPath,
} from '../drive/index.ts';
import type { ReceiptRequest } from '../device/index.ts';
import { ok, refuse, type Fault, type Result } from '../faults/index.ts';
import { systemErrorCode } from '../files/index.ts';
import type { ReferenceEnb } from './reference-enb.ts';

/** What the eNB did with a drive. */
export type DriveEvent =
  | { readonly kind: 'answered'; readonly folder: string; readonly verdict: Verdict }
  | { readonly kind: 'failed'; readonly folder: string; readonly fault: Fault };

/** The files on a drive for this eNB. */
interface Question {
  readonly bundle: Uint8Array;
  readonly request: ReceiptRequest;
}

/**
 * The eNB's side of the removable drive. Checks every `interval` milliseconds whether a drive is mounted on `folder`,
 * takes the bundle for this eNB, and writes its receipt next to it. Processes each bundle with its request once, until
 * the drive is removed. Runs until the signal is aborted, and completes what is in progress.
 */
export async function watchDrive(
  enb: ReferenceEnb,
  folder: string,
  onEvent: (event: DriveEvent) => void,
  signal: AbortSignal,
  interval = 500,
): Promise<void> {
  const dealtWith = new Map<string, string | undefined>();
  while (!signal.aborted) {
    await lookAtDrive(enb, folder, onEvent, dealtWith);
    await pause(interval, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * One look of the eNB at a drive that is mounted on `folder`.
 * @param dealtWith what earlier looks have dealt with, by folder on the drive
 */
export async function lookAtDrive(
  enb: ReferenceEnb,
  folder: string,
  onEvent: (event: DriveEvent) => void,
  dealtWith = new Map<string, string | undefined>(),
): Promise<void> {
  for (const name of ownFolderNames(enb.identity)) {
    const place: EntryPath = [folder, name];
    const question = await readQuestion(place);
    const key = keyOf(question);
    if (key !== undefined && key !== dealtWith.get(name)) {
      const event = question.ok ? await answer(enb, place, question.value) : failure(place, question.fault);
      if (event) onEvent(event);
    }
    dealtWith.set(name, key);
  }
}

/** The bundle and request for the eNB in a folder; undefined until both are there. */
async function readQuestion(place: EntryPath): Promise<Result<Question | undefined>> {
  const bundle = await readEntry([...place, fileNames.bundle], maximumBundleSize);
  if (!bundle.ok || !bundle.value) return bundle.ok ? ok(undefined) : bundle;
  const bytes = await readEntry([...place, fileNames.request], maximumRequestSize);
  if (!bytes.ok || !bytes.value) return bytes.ok ? ok(undefined) : bytes;
  const request = readRequest(bytes.value);
  return request.ok ? ok({ bundle: bundle.value, request: request.value }) : request;
}

/** A key for each question or fault; undefined without a question. */
function keyOf(question: Result<Question | undefined>): string | undefined {
  if (!question.ok) return JSON.stringify(question.fault);
  return question.value && JSON.stringify([hash('sha256', question.value.bundle), question.value.request]);
}

/** Judges the bundle and writes the receipt; undefined if that was already done. */
async function answer(
  enb: ReferenceEnb,
  place: EntryPath,
  question: Question | undefined,
): Promise<DriveEvent | undefined> {
  if (!question) return undefined;
  const { bundle, request } = question;
  const receiptPlace: EntryPath = [...place, fileNames.receipt];
  const earlier = await readEntry(receiptPlace, maximumReceiptSize);
  if (!earlier.ok) return failure(place, earlier.fault);
  if (earlier.value && enb.isAnswer(earlier.value, bundle, request)) return undefined;
  const kept = await keep(async () => ({
    verdict: enb.takeBundle(bundle),
    receipt: await enb.makeReceipt(request),
  }));
  if (!kept.ok) return failure(place, kept.fault);
  const { verdict, receipt } = kept.value;
  const written = receipt ? await replaceEntry(receiptPlace, receipt) : ok(undefined);
  return written.ok ? { kind: 'answered', folder: pathOf(place), verdict } : failure(place, written.fault);
}

/** Refuses what the eNB cannot store, so that it never answers without having stored. */
async function keep<Value>(action: () => Promise<Value>): Promise<Result<Value, 'store-unusable'>> {
  try {
    return ok(await action());
  } catch (error) {
    return refuse('store-unusable', { found: systemErrorCode(error) });
  }
}

function failure(place: EntryPath, fault: Fault): DriveEvent {
  return { kind: 'failed', folder: pathOf(place), fault };
}
