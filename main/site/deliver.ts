import { reasonOf, type OpenedStore } from '../audit/index.ts';
import type { Bundle, Configuration, Verdict } from '../bundle/index.ts';
import {
  enbMismatch,
  openSession,
  type Deadlines,
  type EnbSession,
  type EnbTrust,
  type StreamTransport,
} from '../device/index.ts';
import {
  fault,
  ok,
  refuse,
  refused,
  stopFault,
  type Fault,
  type Result,
  unlessAborted,
} from '../faults/index.ts';
import { isSameEnb, type EnbIdentity } from '../pki/index.ts';
import type { DeliveryPhase } from '../../preload/contract/steps.ts';
import { storeFault } from '../store/index.ts';
import { noteConnection, type FoundIdentity } from './connection-record.ts';
import { judgeForDelivery, trustWith, type JudgedBundle } from './delivery-judgement.ts';
import { DeliveryJournal } from './delivery-record.ts';
import { giveBack, type TakeLease } from '../work/index.ts';
import { fetchReceipt, type ReceiptSurroundings, type VerifiedReceipt } from './receipts.ts';

/** The bundle, the trust that it is judged by, and the connection. */
export interface DeliveryRequest {
  readonly bundle: Bundle;
  readonly trust: EnbTrust;
  readonly transport: StreamTransport;
  readonly deadlines?: Deadlines;
  /** Ends the connection. The report still covers what was done by then. */
  readonly signal?: AbortSignal;
}

/** The outside world, as a delivery needs it, and the callback for its progress. */
export interface DeliverySurroundings extends ReceiptSurroundings {
  readonly onState: (state: DeliveryPhase) => void;
  readonly takeLease: TakeLease;
}

/** The result of a delivery. */
export interface DeliveryReport {
  /** The last state that the delivery reached. */
  readonly state: DeliveryPhase;
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
 * again with what the eNB reports. Nothing is sent before the eNB proves on this connection that it is the bundle's.
 *
 * Then the bundle is sent and read back byte by byte, and the eNB's signed receipt is fetched and verified. What is
 * proven is in the store before the next action, so it survives the death of this process. Repeating a delivery is
 * harmless: an eNB accepts the bundle that it already holds.
 */
export async function deliver(
  request: DeliveryRequest,
  surroundings: DeliverySurroundings,
): Promise<DeliveryReport> {
  surroundings.onState('selected');
  const judged = judgeForDelivery(request.bundle, request.trust);
  if (!judged.ok) return { state: 'selected', fault: judged.fault };
  const opened = surroundings.openStore(judged.value.configuration.training);
  if (!opened.ok) return { state: 'selected', fault: opened.fault };
  return new Delivery(request, surroundings, opened.value, judged.value).run();
}

type Outcome = Omit<DeliveryReport, 'state'>;

/** The result of a connection. Its receipt goes to the store together with the end of the delivery. */
type Ending = Outcome & { readonly verified?: VerifiedReceipt };

class Delivery {
  readonly #request: DeliveryRequest;
  readonly #surroundings: DeliverySurroundings;
  readonly #opened: OpenedStore;
  readonly #configuration: Configuration;
  readonly #bundleSha256: string;
  readonly #work: string;
  readonly #journal: DeliveryJournal;
  #state: DeliveryPhase = 'selected';
  /** The head of the log in which the delivery begins. The eNB signs it with its receipt. */
  #auditHead: string | undefined;

  constructor(
    request: DeliveryRequest,
    surroundings: DeliverySurroundings,
    opened: OpenedStore,
    judged: JudgedBundle,
  ) {
    this.#request = { ...request, trust: trustWith(request.trust, request.bundle, judged) };
    this.#surroundings = surroundings;
    this.#opened = opened;
    this.#configuration = judged.configuration;
    this.#bundleSha256 = request.bundle.sha256;
    this.#work = `deliver ${this.#bundleSha256}`;
    this.#journal = new DeliveryJournal(opened.store, this.#bundleSha256, surroundings.now);
  }

  async run(): Promise<DeliveryReport> {
    const started = this.#begin();
    if (!started.ok) return { state: this.#state, fault: started.fault };
    let outcome: Outcome = {};
    try {
      const { verified, ...connected } = await this.#connect();
      outcome = connected;
      outcome = this.#end(connected, verified);
    } catch (error) {
      outcome = unkept(outcome, error);
    } finally {
      // Recording the end also releases the lease. In that case this writes nothing.
      giveBack(this.#opened.store, this.#work);
    }
    return { state: this.#state, ...outcome };
  }

  #begin(): Result<void> {
    const { store } = this.#opened;
    try {
      return store.unforcedTransaction(() => {
        const lease = this.#surroundings.takeLease(store, this.#work);
        if (lease.ok) this.#journal.note({ kind: 'started', address: this.#request.transport.name });
        return lease;
      });
    } catch (error) {
      return storeFault(error);
    }
  }

  #reach(state: DeliveryPhase): void {
    this.#state = state;
    this.#surroundings.onState(state);
  }

  async #connect(): Promise<Ending> {
    const { transport, trust, deadlines, signal } = this.#request;
    const onConnected = () => {
      if (!signal?.aborted) this.#reach('connected');
    };
    const opening = openSession(transport, trust, deadlines, onConnected, signal);
    const session = await unlessAborted(opening, signal);
    if (!session) return { fault: stopFault(signal) };
    if (!session.ok) {
      this.#noteConnection(session);
      return { fault: session.fault };
    }
    try {
      this.#noteConnection(session);
      const outcome = await this.#deliverTo(session.value);
      // What the eNB answered before the abort stays. Only a connection that was closed by it is reported as stopped.
      const isHungUp = signal?.aborted === true && outcome.fault?.code === 'device-closed';
      return isHungUp ? { ...outcome, fault: stopFault(signal) } : outcome;
    } finally {
      session.value.close();
      await session.value.released();
    }
  }

  #noteConnection(found: FoundIdentity): void {
    const { enb, site } = this.#configuration;
    noteConnection(this.#opened, { site: site.id, enb }, found);
  }

  async #deliverTo(session: EnbSession): Promise<Ending> {
    const { enb } = session;
    if (!isSameEnb(enb, this.#configuration.enb)) {
      return { enb, fault: enbMismatch(this.#configuration.enb, enb).fault };
    }
    this.#reach('identified');
    const judged = judgeForDelivery(this.#request.bundle, this.#request.trust, session);
    if (!judged.ok) return { enb, fault: judged.fault };
    const verdict = await this.#send(session);
    if (!verdict.ok) return { enb, fault: verdict.fault };
    if (verdict.value.accepted) {
      const isThere = await this.#readBack(session);
      if (!isThere.ok) return { enb, verdict: verdict.value, fault: isThere.fault };
    }
    return { enb, verdict: verdict.value, ...(await this.#prove(session, verdict.value)) };
  }

  async #send(session: EnbSession): Promise<Result<Verdict>> {
    const { signal } = this.#request;
    if (signal?.aborted) return refused(stopFault(signal));
    this.#auditHead = this.#opened.store.transaction(() => {
      this.#journal.note({ kind: 'sending' });
      this.#opened.log.append({ action: 'bundle-sending', ...this.#subject() });
      return this.#opened.log.giveHead();
    });
    this.#reach('sending');
    const verdict = await session.putBundle(this.#request.bundle.bytes);
    if (!verdict.ok) return verdict;
    this.#journal.note({ kind: 'answered', verdict: verdict.value });
    this.#reach('sent');
    return verdict;
  }

  async #readBack(session: EnbSession): Promise<Result<void>> {
    const stored = await session.getBundle();
    if (!stored.ok) return stored;
    const isEqual = stored.value && Buffer.compare(stored.value, this.#request.bundle.bytes) === 0;
    if (!isEqual) return refuse('read-back-mismatch');
    this.#journal.note({ kind: 'read-back' });
    this.#reach('read-back');
    this.#reach('verdict');
    return ok(undefined);
  }

  /** Fetches the receipt: the eNB's signature on its verdict. */
  async #prove(session: EnbSession, verdict: Verdict): Promise<Ending> {
    const subject = { ...this.#configuration, bundleSha256: this.#bundleSha256 };
    const question = {
      trust: this.#request.trust,
      auditHead: this.#auditHead,
      subject,
      verdict,
      site: this.#configuration.site.id,
    };
    const verified = await fetchReceipt(session, question, this.#surroundings);
    const file = verified.ok ? verified.value.file : verified;
    const refusal = verdict.accepted ? undefined : fault('bundle-refused', { found: failedCodes(verdict) });
    const reason = refusal ?? (file.ok ? undefined : file.fault);
    return {
      ...(verified.ok && { verified: verified.value }),
      ...(file.ok && { receipt: file.value }),
      ...(reason && { fault: reason }),
    };
  }

  /** Records the end. A receipt that the store cannot keep proves nothing, so the delivery then ends without it. */
  #end(outcome: Outcome, verified: VerifiedReceipt | undefined): Outcome {
    try {
      this.#noteEnd(outcome, verified);
      return outcome;
    } catch (error) {
      if (!verified) throw error;
      const without = unkept(outcome, error);
      this.#noteEnd(without, undefined);
      return without;
    }
  }

  #noteEnd({ verdict, fault: reason }: Outcome, verified: VerifiedReceipt | undefined): void {
    const { store } = this.#opened;
    const isProven = verdict?.accepted === true && verified?.file.ok === true;
    store.transaction(() => {
      store.leases.release(this.#work);
      verified?.note();
      this.#journal.note({ kind: 'ended', ...(reason && { fault: reason }) });
      const { subject, facts } = this.#subject();
      this.#opened.log.append({
        action: 'bundle-delivery',
        subject,
        facts: {
          ...facts,
          state: isProven ? 'receipt' : this.#state,
          ...(verdict && { accepted: verdict.accepted }),
          ...(reason && reasonOf(reason)),
        },
      });
    });
    if (isProven) this.#reach('receipt');
  }

  /** The bundle in the log. */
  #subject() {
    const { enb, site, bundleId, sequence } = this.#configuration;
    return {
      subject: { site: site.id, serialNumber: enb.serialNumber, hwType: enb.hwType },
      facts: { bundleId, sequence, bundleSha256: this.#bundleSha256 },
    };
  }
}

/** The result of a delivery whose end the store could not keep. */
function unkept(outcome: Outcome, error: unknown): Outcome {
  return { fault: storeFault(error).fault, ...outcome };
}

function failedCodes({ checks }: Verdict): string {
  return checks
    .filter(({ ok: holds }) => holds === false)
    .map(({ code }) => code)
    .join(', ');
}
