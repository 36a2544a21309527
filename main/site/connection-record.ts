import { reasonOf, type LogEvent, type OpenedStore } from '../audit/index.ts';
import { withSession, type EnbSession, type SessionFaultCode } from '../device/index.ts';
import { ok, type Result } from '../faults/index.ts';
import { isSameEnb, type EnbIdentity } from '../pki/index.ts';

/** What a connection has shown: the eNB that proved its identity, or why none did. */
export type FoundIdentity = Result<Pick<EnbSession, 'enb' | 'certificate'>>;

/** The eNB that a connection is for. */
export interface ConnectionSubject {
  readonly site: string;
  readonly enb: EnbIdentity;
}

/** Faults of a device that claims to be an eNB and is not, or that lies about what it is. */
const counterfeit: ReadonlySet<string> = new Set<SessionFaultCode>(['enb-untrusted', 'training-mismatch']);

/** Logs what a connection to a site's eNB has shown: the right eNB, another one, or none that is genuine. */
export function noteConnection(
  { log }: OpenedStore,
  { site, enb }: ConnectionSubject,
  found: FoundIdentity,
): void {
  const { serialNumber, hwType } = enb;
  const note = (facts: LogEvent<'enb-identified'>['facts']) =>
    log.append({ action: 'enb-identified', subject: { site, serialNumber, hwType }, facts });
  if (!found.ok) {
    const { fault } = found;
    if (counterfeit.has(fault.code)) note({ verdict: 'counterfeit', ...reasonOf(fault.because ?? fault) });
    return;
  }
  const other = found.value.enb;
  const certificateSha256 = found.value.certificate.sha256;
  if (isSameEnb(other, enb)) note({ verdict: 'right', certificateSha256 });
  else {
    note({ verdict: 'other', found: other.serialNumber, foundHwType: other.hwType, certificateSha256 });
  }
}

/** Like `withSession`, and calls `onFound` once with what the connection has shown, before the work. */
export async function withFoundSession<Value>(
  connection: {
    readonly transport: Parameters<typeof withSession>[0];
    readonly trust: Parameters<typeof withSession>[1];
    readonly deadlines?: Parameters<typeof withSession>[2];
    readonly signal?: AbortSignal;
  },
  onFound: (found: FoundIdentity) => void,
  work: (session: EnbSession) => Result<Value> | Promise<Result<Value>>,
): Promise<Result<Value>> {
  const { transport, trust, deadlines, signal } = connection;
  const shown: FoundIdentity[] = [];
  const started = (session: EnbSession) => {
    shown.push(ok(session));
    onFound(ok(session));
    return work(session);
  };
  const result = await withSession(transport, trust, deadlines, started, signal);
  if (shown.length === 0 && !result.ok) onFound(result);
  return result;
}
