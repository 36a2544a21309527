import { fault, type Fault, type FaultCode, type Rule } from '../faults/index.ts';

/** Why there is no tunnel. */
export type IkeFaultCode = Extract<FaultCode, `ike-${string}`>;

/** What a line says. `found` is made of the line's groups. */
interface Reason {
  readonly line: RegExp;
  readonly code: IkeFaultCode;
  readonly rule?: Rule;
  readonly found?: (groups: readonly string[]) => string;
}

const first = ([found = '']: readonly string[]) => found;

/** What strongSwan 5.9 logs, the most telling first. It names a certificate and a reason, but has no codes for them. */
const reasons: readonly Reason[] = [
  {
    line: /^certificate was revoked on (.+?)(?:, reason: .*)?$/,
    code: 'ike-peer-untrusted',
    rule: 'ike-not-revoked',
    found: first,
  },
  {
    line: /^(?:IDir|IDr) '(.*?)' does not match to '/,
    code: 'ike-peer-untrusted',
    rule: 'ike-identity',
    found: first,
  },
  {
    line: /^constraint check failed: identity '(.*?)' required/,
    code: 'ike-peer-untrusted',
    rule: 'ike-identity',
    found: () => '',
  },
  {
    line: /^constraint check failed: (.*)$/,
    code: 'ike-peer-untrusted',
    rule: 'ike-path',
    found: first,
  },
  {
    line: /^received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built$/,
    code: 'ike-proposal-refused',
    rule: 'esp-proposal',
  },
  { line: /^received NO_PROPOSAL_CHOSEN notify error$/, code: 'ike-proposal-refused', rule: 'ike-proposal' },
  { line: /^received TS_UNACCEPTABLE notify/, code: 'ike-selectors-refused' },
  { line: /^received (?:INTERNAL_ADDRESS_FAILURE|FAILED_CP_REQUIRED) notify/, code: 'ike-address-refused' },
  { line: /^received AUTHENTICATION_FAILED notify/, code: 'ike-peer-refused' },
  { line: /^received INVALID_SYNTAX notify/, code: 'ike-malformed', found: () => 'INVALID_SYNTAX' },
  { line: /^received (?:TEMPORARY_FAILURE|NO_ADDITIONAL_SAS) notify/, code: 'ike-busy' },
  { line: /^IKE_SA_INIT response with message ID 0 processing failed$/, code: 'ike-malformed' },
  {
    line: /^peer didn't accept (?:DH group|key exchange method) \S+, it requested (\S+)$/,
    code: 'ike-proposal-refused',
    rule: 'ike-proposal',
    found: first,
  },
];

/** The fault that the lines of an attempt tell; undefined if they tell none. */
export function faultOfLog(lines: readonly string[], now: Date): Fault<IkeFaultCode> | undefined {
  return pathFault(lines, now) ?? faultOfLine(lines) ?? silence(lines);
}

function faultOfLine(lines: readonly string[]): Fault<IkeFaultCode> | undefined {
  for (const { line: pattern, code, rule, found } of reasons) {
    for (const line of lines) {
      const match = pattern.exec(line);
      if (match)
        return fault(code, { ...(rule && { rule }), ...(found && { found: found(match.slice(1)) }) });
    }
  }
  return undefined;
}

/** Why the gateway's certificate leads to no operator root. */
function pathFault(lines: readonly string[], now: Date): Fault<IkeFaultCode> | undefined {
  for (const [index, line] of lines.entries()) {
    const dates = /certificate invalid \(valid from (.+) to (.+)\)$/.exec(line);
    if (dates) {
      const [, from = '', to = ''] = dates;
      // In the time zone of this computer, as both programs have the same.
      return Date.parse(from) > now.getTime()
        ? fault('ike-peer-untrusted', { rule: 'ike-begun', found: timeText(from) })
        : fault('ike-peer-untrusted', { rule: 'ike-not-expired', found: timeText(to) });
    }
    if (/^no issuer certificate found for "/.test(line)) {
      const issuer = /^issuer is "(.*)"$/.exec(lines[index + 1] ?? '')?.[1];
      const sentIssuers = lines.some((other) => other.startsWith('received issuer cert "'));
      const rule = sentIssuers ? 'ike-path' : 'ike-issuer';
      return fault('ike-peer-untrusted', { rule, ...(issuer !== undefined && { found: issuer }) });
    }
  }
  return lines.some((line) => /^no trusted \S+ public key found for /.test(line)) && !faultOfLine(lines)
    ? fault('ike-peer-untrusted', { rule: 'ike-path' })
    : undefined;
}

function timeText(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString().replace('.000Z', 'Z');
}

/** Silence after the gateway had answered is that of port 4500, to which both sides change. */
function silence(lines: readonly string[]): Fault<IkeFaultCode> | undefined {
  if (!lines.some((line) => line.startsWith('giving up after '))) return undefined;
  const hasAnswered = lines.some((line) => line.startsWith('parsed IKE_SA_INIT response '));
  return fault('ike-no-answer', hasAnswered ? { rule: 'ike-answer-4500' } : {});
}
