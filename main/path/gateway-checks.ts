import { fault, type Fault, type FaultCode, type Result } from '../faults/index.ts';
import { ikePort, type ProbeAnswer } from '../ike/index.ts';
import { sizesBelow } from './gateways.ts';
import { failed, notPossible, passed, type PathCheck } from './path-check.ts';

/** The UDP port of IKE and ESP behind a NAT, or where ESP is always in UDP (RFC 7296 section 2.23). */
const encapsulationPort = 4500;

/** Faults of a full probe after which a gateway can still answer other questions. */
const mayBeThere: ReadonlySet<FaultCode> = new Set([
  'ike-proposal-refused',
  'ike-busy',
  'ike-too-soon',
  'runtime-lacks-algorithm',
]);

/** Faults that only this place has. They say nothing about the gateway. */
const ofThisPlace: ReadonlySet<FaultCode> = new Set(['ike-too-soon', 'runtime-lacks-algorithm']);

/** Whether a gateway may be there after this answer to a full probe. */
export function mayAnswer(probed: Result<ProbeAnswer>): boolean {
  return probed.ok || mayBeThere.has(probed.fault.code);
}

/** Whether an initial gateway answers, given what a full probe of it came to. */
export function answerCheck(gateway: string, probed: Result<ProbeAnswer>): PathCheck {
  if (!probed.ok) {
    const reason = at(gateway, probed.fault);
    return ofThisPlace.has(reason.code)
      ? notPossible('answer', { gateway, fault: reason })
      : failed('answer', reason, { gateway });
  }
  const { milliseconds, proposal } = probed.value;
  return passed('answer', { gateway, figure: `${milliseconds} ms, ${proposal}` });
}

/**
 * Whether a gateway lists the vendor's root exactly if it should. A traffic gateway that accepts that root would let in
 * each eNB of the vendor without enrolment.
 */
export function trustCheck(
  check: 'vendor-root' | 'traffic-gateway',
  gateway: string,
  probed: Result<ProbeAnswer>,
): PathCheck {
  if (!probed.ok) return notPossible(check, { gateway, fault: at(gateway, probed.fault) });
  const { vendorRoot } = probed.value;
  const reason = (code: FaultCode) => fault(code, { where: { address: gateway } });
  if (vendorRoot === null) return notPossible(check, { gateway, fault: reason('seg-trust-unknown') });
  if (vendorRoot === (check === 'vendor-root')) return passed(check, { gateway });
  return failed(check, reason(vendorRoot ? 'traffic-seg-has-vendor-root' : 'seg-lacks-vendor-root'), {
    gateway,
  });
}

/** Asks the gateway a question that leaves no state there, in an IP packet of this size. */
export type Ask = (port: number, size?: number) => Promise<Result<{ readonly milliseconds: number }>>;

/**
 * Finds the largest packet that a gateway answers, up to the MTU. Not possible if it answers none: there may be gateways
 * that never answer such a question.
 */
export async function sizesCheck(gateway: string, mtu: number, ask: Ask): Promise<PathCheck> {
  const whole = await ask(ikePort, mtu);
  if (whole.ok) return passed('sizes', { gateway, figure: bytes(mtu) });
  const sizes = sizesBelow(mtu);
  let largest: number | undefined;
  for (let [low, high] = [0, sizes.length]; low < high;) {
    const middle = Math.floor((low + high) / 2);
    const answer = await ask(ikePort, sizes[middle]);
    if (answer.ok) [largest, low] = [sizes[middle], middle + 1];
    else high = middle;
  }
  if (largest === undefined) return notPossible('sizes', { gateway, fault: at(gateway, whole.fault) });
  const facts = { expected: bytes(mtu), found: bytes(largest), where: { address: gateway } };
  return failed('sizes', fault('path-too-small', facts), { gateway, figure: bytes(largest) });
}

/** Whether a gateway answers on UDP 4500. It can only be blamed if the same question is answered on UDP 500. */
export async function portCheck(gateway: string, answersOn500: boolean, ask: Ask): Promise<PathCheck> {
  const answer = await ask(encapsulationPort);
  if (answer.ok) return passed('port-4500', { gateway, figure: `${answer.value.milliseconds} ms` });
  return answersOn500
    ? failed('port-4500', fault('port-4500-blocked', { where: { address: gateway } }), { gateway })
    : notPossible('port-4500', { gateway, fault: at(gateway, answer.fault) });
}

function bytes(size: number): string {
  return `${size} bytes`;
}

/** A fault with the gateway as the bundle names it. */
function at(address: string, problem: Fault): Fault {
  return { ...problem, where: { ...problem.where, address } };
}
