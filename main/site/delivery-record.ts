import { delivery, type ProvenDelivery } from '../../preload/contract/steps.ts';
import type { Verdict } from '../bundle/index.ts';
import { assertNever, type Fault } from '../faults/index.ts';
import type { DeliveryRecord, Store } from '../store/index.ts';

/** What happens on a delivery, as far as it changes what is proven. */
export type DeliveryEvent =
  | { readonly kind: 'begun'; readonly way: string }
  /** The first octet of the bundle is about to leave. */
  | { readonly kind: 'sending' }
  | { readonly kind: 'answered'; readonly verdict: Verdict }
  | { readonly kind: 'read-back' }
  /** A receipt about this very bundle was verified and is kept. */
  | { readonly kind: 'receipt'; readonly sha256: string; readonly verdict: Verdict }
  | { readonly kind: 'ended'; readonly fault?: Fault };

/** The state that an event leaves. What was proven once stays so: an eNB keeps the bundle that it has accepted. */
export function nextState(state: ProvenDelivery, event: DeliveryEvent): ProvenDelivery {
  switch (event.kind) {
    case 'begun':
    case 'ended':
      return state;
    case 'sending':
      return further(state, 'sending');
    case 'answered':
      return event.verdict.accepted ? further(state, 'sent') : refused(state);
    case 'read-back':
      return further(state, 'verdict');
    case 'receipt':
      return event.verdict.accepted ? 'receipt' : refused(state);
    default:
      return assertNever(event);
  }
}

function further(state: ProvenDelivery, reached: ProvenDelivery): ProvenDelivery {
  const { proven } = delivery;
  return proven.indexOf(reached) > proven.indexOf(state) ? reached : state;
}

/** An eNB that has signed for a bundle and now refuses it (it has expired, say) has taken it all the same. */
function refused(state: ProvenDelivery): ProvenDelivery {
  return state === 'receipt' ? state : 'refused';
}

/**
 * The delivery of one bundle, as the store has it: every event is in the store before `note` returns. Only `sending` and
 * `ended` are forced to the disk; a power cut may undo others that come after one of these, and what remains claims less
 * and is true.
 */
export class DeliveryJournal {
  readonly #store: Store;
  readonly #bundleSha256: string;
  readonly #now: () => Date;

  /** `bundleSha256` in lower-case hex. */
  constructor(store: Store, bundleSha256: string, now: () => Date) {
    this.#store = store;
    this.#bundleSha256 = bundleSha256;
    this.#now = now;
  }

  /** Takes an event into the record. Throws what the store throws. */
  note(event: DeliveryEvent): void {
    const put = () => {
      const record = this.#store.deliveries.get(this.#bundleSha256) ?? blank(this.#bundleSha256);
      const before = record.state;
      this.#store.deliveries.put({
        ...record,
        state: nextState(before, event),
        ...(isRefusalAfterReceipt(before, event) ? {} : factsOf(event)),
        updatedAt: this.#now().toISOString(),
      });
    };
    if (event.kind === 'sending' || event.kind === 'ended') this.#store.transaction(put);
    else this.#store.unforcedTransaction(put);
  }
}

function blank(bundleSha256: string): DeliveryRecord {
  return {
    bundleSha256,
    state: 'selected',
    connection: undefined,
    verdict: undefined,
    fault: undefined,
    receiptSha256: undefined,
    updatedAt: '',
  };
}

/** The receipt by which the eNB has signed for the bundle stays the proof, whatever the eNB says later. */
function isRefusalAfterReceipt(state: ProvenDelivery, event: DeliveryEvent): boolean {
  return state === 'receipt' && 'verdict' in event && !event.verdict.accepted;
}

/** What an event leaves in the record beside the state. */
function factsOf(event: DeliveryEvent): Partial<DeliveryRecord> {
  switch (event.kind) {
    case 'begun':
      return { connection: event.way, fault: undefined };
    case 'answered':
      return { verdict: event.verdict };
    case 'receipt':
      return { verdict: event.verdict, receiptSha256: event.sha256 };
    case 'ended':
      return { fault: event.fault };
    case 'sending':
    case 'read-back':
      return {};
    default:
      return assertNever(event);
  }
}
