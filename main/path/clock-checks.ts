import { fault } from '../faults/index.ts';
import { isInForce, nameToText, toSeconds, type Certificate, type Clock } from '../pki/index.ts';
import { failed, notPossible, passed, type PathCheck } from './path-check.ts';

/** How far the clocks of eNB and laptop may be apart, in milliseconds. */
const tolerance = 5 * 60_000;

/** Compares the eNB's clock with the laptop's. Not possible if the eNB is not connected or has no clock. */
export function clockBeside(enb: Date | undefined, laptop: Date): PathCheck {
  if (!enb) return notPossible('clock');
  const apart = enb.getTime() - laptop.getTime();
  const figure = `${apart < 0 ? '' : '+'}${Math.round(apart / 1000)} s`;
  if (Math.abs(apart) <= tolerance) return passed('clock', { figure });
  const [expected, found] = [laptop, enb].map(toSeconds);
  return failed('clock', fault('clock-wrong', { ...(expected && { expected }), ...(found && { found }) }), {
    figure,
  });
}

/**
 * Compares the eNB's clock with the validity of the certificates that it uses, and with the time at which its bundle was
 * made. Not possible without a clock.
 */
export function clockWithin(
  clock: Clock,
  certificates: readonly Certificate[],
  { issuedAt }: { readonly issuedAt: string },
): PathCheck {
  if (!clock.isExact) return notPossible('clock');
  const figure = toSeconds(clock.now);
  const outside = certificates.find((certificate) => !isInForce(certificate, clock));
  if (outside) {
    const expected = [outside.notBefore, outside.notAfter].map(toSeconds).join(' – ');
    const where = { certificate: nameToText(outside.subject) };
    return failed('clock', fault('clock-wrong', { expected, found: figure, where }), { figure });
  }
  return clock.now.getTime() + tolerance < Date.parse(issuedAt)
    ? failed('clock', fault('clock-wrong', { expected: `${issuedAt} –`, found: figure }), { figure })
    : passed('clock', { figure });
}
