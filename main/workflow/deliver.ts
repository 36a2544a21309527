import { hash, randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { AuditLog } from '../audit/index.ts';
import {
  judgeBundle,
  readConfigurationUnverified,
  verifyReceipt,
  type Acceptance,
  type Configuration,
  type Receipt,
  type Verdict,
} from '../bundle/index.ts';
import {
  enbMismatch,
  openSession,
  type Deadlines,
  type EnbSession,
  type EnbTrust,
  type StreamTransport,
} from '../device/index.ts';
import { fault, ok, refuse, refused, type Fault, type Result, type Rule } from '../faults/index.ts';
import { isSameEnb, type EnbIdentity } from '../pki/index.ts';
import { storeFault, type Store } from '../store/index.ts';

/** How far a delivery has come. Each state is proven by what was done on this very connection. */
export const deliveryStates = [
  'selected',
  'connected',
  'identified',
  'sent',
  'read-back',
  'verdict',
  'receipt',
] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** What is delivered, by what it is judged, and how. */
export interface DeliveryRequest {
  readonly bundle: Uint8Array;
  readonly trust: EnbTrust;
  readonly transport: StreamTransport;
  readonly deadlines?: Deadlines;
  /** Ends the connection; what was done by then is done, and is said. */
  readonly signal?: AbortSignal;
}

export interface DeliverySurroundings {
  readonly now: () => Date;
  readonly onState: (state: DeliveryState) => void;
  /** Opened when there is something to keep, for real data or for training. */
  readonly openStore: (training: boolean) => Result<{ readonly store: Store; readonly log: AuditLog }>;
  /** Writes the receipt where people find it. */
  readonly saveReceipt: (enb: EnbIdentity, receipt: Receipt, bytes: Uint8Array) => Result<string>;
}

/** What came of a delivery. */
export interface DeliveryReport {
  /** The last state that was reached. */
  readonly state: DeliveryState;
  readonly enb?: EnbIdentity;
  /** The eNB's own verdict. */
  readonly verdict?: Verdict;
  /** Where the receipt was saved. */
  readonly receipt?: string;
  /** Why the delivery is not complete, or why the eNB refused. */
  readonly fault?: Fault;
}

/**
 * Delivers a bundle over a stream. The bundle is judged as the eNB will judge it before anything is connected, and
 * again with what the eNB says; nothing is sent to an eNB that has not proven on this connection to be the bundle's.
 * Then it is sent, read back octet by octet, and the eNB's signed receipt is fetched and verified. Doing it again is
 * harmless: an eNB takes the bundle that it has a second time.
 */
export async function deliver(
  request: DeliveryRequest,
  surroundings: DeliverySurroundings,
): Promise<DeliveryReport> {
  let state: DeliveryState = 'selected';
  const reach = (next: DeliveryState) => {
    state = next;
    surroundings.onState(next);
  };
  reach('selected');
  const judged = judge(request, undefined);
  if (!judged.ok) return { state, fault: judged.fault };
  const { configuration } = judged.value;
  const opened = surroundings.openStore(configuration.training);
  if (!opened.ok) return { state, fault: opened.fault };
  const trust = trustWith(request, judged.value);
  const session = await openSession(request.transport, trust, request.deadlines, () => reach('connected'));
  const { signal } = request;
  const hangUp = () => session.ok && session.value.close();
  if (signal?.aborted) hangUp();
  signal?.addEventListener('abort', hangUp);
  const outcome = session.ok
    ? await deliverTo(session.value, { ...request, trust }, configuration, surroundings, reach)
    : { fault: session.fault };
  signal?.removeEventListener('abort', hangUp);
  hangUp();
  // What the eNB had answered by then stays: only a connection that was hung up is told as such.
  const isStopped = signal?.aborted === true && (!session.ok || outcome.fault?.code === 'device-closed');
  const report: DeliveryReport = { state, ...outcome, ...(isStopped && { fault: fault('cancelled') }) };
  try {
    logDelivery(opened.value.log, configuration, request.bundle, report);
  } catch (error) {
    return { fault: storeFault(error).fault, ...report };
  }
  return report;
}

/** The vendor's intermediates and lists that came with the bundle serve to judge the eNB as well. */
function trustWith({ bundle, trust }: DeliveryRequest, { crls }: Acceptance): EnbTrust {
  const carried = readConfigurationUnverified(bundle);
  const certificates = carried.ok ? carried.value.certificates : [];
  return {
    ...trust,
    intermediates: [...trust.intermediates, ...certificates],
    crls: [...trust.crls, ...crls],
  };
}

type Outcome = Omit<DeliveryReport, 'state'>;

async function deliverTo(
  session: EnbSession,
  request: DeliveryRequest,
  configuration: Configuration,
  surroundings: DeliverySurroundings,
  reach: (state: DeliveryState) => void,
): Promise<Outcome> {
  const { bundle } = request;
  const { enb } = session;
  if (!isSameEnb(enb, configuration.enb)) {
    return { enb, fault: enbMismatch(configuration.enb, enb).fault };
  }
  reach('identified');
  const judged = judge(request, session);
  if (!judged.ok) return { enb, fault: judged.fault };
  const verdict = await session.putBundle(bundle);
  if (!verdict.ok) return { enb, fault: verdict.fault };
  reach('sent');
  if (verdict.value.accepted) {
    const stored = await session.getBundle();
    if (!stored.ok) return { enb, fault: stored.fault };
    if (!stored.value || Buffer.compare(stored.value, bundle) !== 0)
      return { enb, fault: fault('read-back-mismatch') };
    reach('read-back');
    reach('verdict');
  }
  const outcome: Outcome = { enb, verdict: verdict.value };
  const { bundleId, sequence } = configuration;
  const expected = { bundleSha256: sha256Of(bundle), bundleId, sequence, verdict: verdict.value };
  const receipt = await fetchReceipt(session, request.trust, expected, surroundings);
  if (receipt.ok && verdict.value.accepted) reach('receipt');
  const refusal = verdict.value.accepted
    ? undefined
    : fault('bundle-refused', { found: failedCodes(verdict.value) });
  const reason = refusal ?? (receipt.ok ? undefined : receipt.fault);
  return { ...outcome, ...(receipt.ok && { receipt: receipt.value.file }), ...(reason && { fault: reason }) };
}

function failedCodes({ checks }: Verdict): string {
  return checks
    .filter(({ ok: holds }) => holds === false)
    .map(({ code }) => code)
    .join(', ');
}

/** Judges the bundle with all that is known; refuses with the fault of the first check that fails. */
function judge(
  { bundle, trust }: DeliveryRequest,
  session: EnbSession | undefined,
): Result<Acceptance & { readonly configuration: Configuration }> {
  const acceptance = judgeBundle(bundle, {
    ...trust,
    ...(session && {
      enb: { ...session.enb, certificate: session.certificate },
      lastSequence: session.identity.lastSequence,
    }),
  });
  const failed = acceptance.checks.find((check) => check.ok === false);
  if (failed?.ok === false) return refused(failed.detail);
  const { configuration } = acceptance;
  if (!configuration) throw new Error('A bundle without a failed check has a configuration');
  if (session && session.identity.training !== configuration.training) {
    return refuse('training-mismatch', { expected: String(session.identity.training) });
  }
  return ok({ ...acceptance, configuration });
}

/** What a receipt must be about, when it is about a delivery. */
interface ReceiptExpectation {
  readonly bundleSha256: string;
  readonly bundleId: string;
  readonly sequence: number;
  readonly verdict: Verdict;
}

/** Fetches a receipt for a fresh challenge, verifies it, and keeps it in the store and where people find it. */
export async function fetchReceipt(
  session: EnbSession,
  trust: EnbTrust,
  expected: ReceiptExpectation | undefined,
  { now, openStore, saveReceipt }: Omit<DeliverySurroundings, 'onState'>,
): Promise<Result<{ readonly receipt: Receipt; readonly file: string }>> {
  const challenge = randomBytes(32).toString('base64');
  const bytes = await session.getReceipt({ challenge });
  if (!bytes.ok) return bytes;
  const about = expected && { bundleSha256: expected.bundleSha256 };
  const receipt = verifyReceipt(bytes.value, { ...trust, enb: session.enb, challenge, ...about });
  if (!receipt.ok) return receipt;
  const { receiptNumber, bundleSha256, training, verdict, sequence } = receipt.value;
  const wrong = expected && contradiction(receipt.value, expected);
  if (wrong) return refuse('receipt-invalid', { rule: wrong });
  const opened = openStore(training);
  if (!opened.ok) return opened;
  try {
    const { store } = opened.value;
    store.transaction(() => {
      store.keepReceipt({
        sha256: sha256Of(bytes.value),
        ...session.enb,
        receiptNumber,
        bundleSha256,
        receivedAt: now().toISOString(),
        bytes: bytes.value,
      });
      if (verdict.accepted && sequence !== undefined) store.raiseSequence(session.enb, sequence);
    });
  } catch (error) {
    return storeFault(error);
  }
  const file = saveReceipt(session.enb, receipt.value, bytes.value);
  return file.ok ? ok({ receipt: receipt.value, file: file.value }) : file;
}

/** The rule that is broken by a receipt which says of the bundle what neither it nor the eNB's answer said. */
function contradiction(receipt: Receipt, expected: ReceiptExpectation): Rule | undefined {
  // A bundle that did not authenticate has neither number nor sequence in its receipt.
  const { bundleId = expected.bundleId, sequence = expected.sequence, verdict } = receipt;
  if (bundleId !== expected.bundleId || sequence !== expected.sequence) return 'receipt-bundle';
  return isDeepStrictEqual(verdict, expected.verdict) ? undefined : 'receipt-verdict';
}

function sha256Of(bytes: Uint8Array): string {
  return hash('sha256', bytes);
}

function logDelivery(
  log: AuditLog,
  { enb, site, bundleId, sequence }: Configuration,
  bundle: Uint8Array,
  { state, verdict, fault: reason }: DeliveryReport,
): void {
  log.append({
    action: 'bundle-delivery',
    subject: { site: site.id, serialNumber: enb.serialNumber, hwType: enb.hwType },
    facts: {
      bundleId,
      sequence,
      bundleSha256: sha256Of(bundle),
      state,
      ...(verdict && { accepted: verdict.accepted }),
      ...(reason && { fault: reason.code }),
    },
  });
}
