import { basename } from 'node:path';
import {
  drivePhases,
  type CarriedView,
  type CheckView,
  type FaultView,
  type JobRow,
} from '../../preload/contract/index.ts';
import type { Verdict } from '../bundle/index.ts';
import type { Fault } from '../faults/index.ts';
import { parseCertificate, toSeconds } from '../pki/index.ts';
import { checkSentence, explain, faultSentence, whyPhrase } from '../words/index.ts';
import type { CarriedRecord } from '../store/index.ts';
import type { Work } from '../work/index.ts';
import type { ApiContext } from './context.ts';

/** A fault as the page shows it. */
export function faultView(full: Fault): FaultView {
  const fault = withoutFolders(full);
  const { meaning, expected, found, where, cause, fixer, mendedBy, next, because } = explain(fault, 'window');
  return {
    code: fault.code,
    message: meaning,
    // The words of a rule show the form that a value must have. That form stays.
    ...(expected !== undefined && { expected: fault.rule ? expected : withLocalTimes(expected) }),
    ...(found !== undefined && { found: withLocalTimes(found) }),
    ...(where !== undefined && { where }),
    cause,
    fixer,
    mendedBy,
    next,
    because: because && fault.because ? [withLocalTimes(faultSentence(fault.because))] : [],
  };
}

/** Made for the first fault that names a time: the first formatter takes longer than all else in this folder. */
let localTimes: Intl.DateTimeFormat | undefined;

/** Shows times in the computer's zone. The fault itself has them in RFC 3339. */
function withLocalTimes(text: string): string {
  return text.replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (time) => {
    const date = new Date(time);
    if (Number.isNaN(date.getTime())) return time;
    localTimes ??= new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
    return localTimes.format(date);
  });
}

/** Keeps only the last part of each path: the page must not learn the folders. */
function withoutFolders(fault: Fault): Fault {
  const { where, because } = fault;
  return {
    ...fault,
    ...(where?.file !== undefined && { where: { ...where, file: basename(where.file) } }),
    ...(because && { because: withoutFolders(because) }),
  };
}

/** The checks of a verdict, in words. */
export function checkViews({ checks }: Verdict): CheckView[] {
  return checks.map(({ code, ok, why }) => ({
    code,
    sentence: checkSentence(code),
    ok,
    ...(why !== undefined && { why: whyPhrase(why) }),
  }));
}

/** Long-running work as the page shows it. */
export function workView<Phase extends string>({ id, progress, rate, isPaused }: Work<Phase>) {
  return { id, ...progress, ...(rate !== undefined && { rate }), ...(isPaused && { isPaused }) };
}

/** A bundle on a drive, with the work on that drive. */
export function carriedView(
  { works }: ApiContext,
  { state, volume, drive, updatedAt: since }: CarriedRecord,
): CarriedView {
  const work = works.find('drive', volume);
  const view = work && workView(work);
  const phase = drivePhases.find((known) => known === view?.phase);
  const fault = works.faultOf('drive', volume);
  return {
    state,
    volume,
    drive,
    since,
    ...(view && phase && { work: { ...view, phase } }),
    ...(fault && { fault: faultView(fault) }),
  };
}

/** When the last of an eNB's certificates (DER) ends, if that is before the bundle does. */
export function certificateEndOf(
  certificates: readonly Uint8Array[],
  validUntil: string,
  now: Date,
): JobRow['certificateEnd'] {
  const ends = certificates.flatMap((der) => {
    const certificate = parseCertificate(der);
    return certificate.ok ? [certificate.value.notAfter.getTime()] : [];
  });
  const last = new Date(Math.max(...ends));
  return ends.length > 0 && last < new Date(validUntil)
    ? { at: toSeconds(last), isOver: last < now }
    : undefined;
}

/** Whether the validity is over for an eNB that knows the time, or ends today. */
export function expiryOf(validUntil: string, now: Date): JobRow['expiry'] {
  const end = new Date(validUntil);
  if (end < now) return 'expired';
  return end.toDateString() === now.toDateString() ? 'today' : undefined;
}
