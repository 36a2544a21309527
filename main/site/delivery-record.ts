import { delivery, type ProvenDelivery } from '../../preload/contract/steps.ts';
import type { Verdict } from '../bundle/index.ts';
import { assertNever, type Fault } from '../faults/index.ts';
import type { DeliveryRecord, Store } from '../store/index.ts';

/** An event of a delivery that changes what is proven. */
export type DeliveryEvent =
  | { readonly kind: 'started'; readonly address: string }
  /** The first byte of the bundle is about to leave. */
  | { readonly kind: 'sending' }
  | { readonly kind: 'answered'; readonly verdict: Verdict }
  | { readonly kind: 'read-back' }
  /** A receipt about exactly this bundle was verified and is kept. */
  | { readonly kind: 'receipt'; readonly sha256: string; readonly verdict: Verdict }
  | { readonly kind: 'ended'; readonly fault?: Fault };

/** The state after an event. Proof never goes back: an eNB keeps the bundle that it has accepted. */
export function nextState(state: ProvenDelivery, event: DeliveryEvent): ProvenDelivery {
  switch (event.kind) {
    case 'started':
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

/** An eNB that signed for a bundle and now refuses it (it has expired, say) still holds it. */
function refused(state: ProvenDelivery): ProvenDelivery {
  return state === 'receipt' ? state : 'refused';
}

/**
 * The stored record of one bundle's delivery. Every event is in the store before `note` returns.
 *
 * Only `sending` and `ended` are flushed to disk. A power cut may undo later events, but the record that remains
 * claims less and is still true.
 */
export class DeliveryJournal {
  readonly #store: Store;
  readonly #bundleSha256: string;
  readonly #now: () => Date;

  /** @param bundleSha256 lower-case hex */
  constructor(store: Store, bundleSha256: string, now: () => Date) {
    this.#store = store;
    this.#bundleSha256 = bundleSha256;
    this.#now = now;
  }

  /** Adds an event to the record. Throws what the store throws. */
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
    address: undefined,
    verdict: undefined,
    fault: undefined,
    receiptSha256: undefined,
    updatedAt: '',
  };
}

/** A receipt that the eNB signed for the bundle stays the proof, whatever the eNB reports later. */
function isRefusalAfterReceipt(state: ProvenDelivery, event: DeliveryEvent): boolean {
  return state === 'receipt' && 'verdict' in event && !event.verdict.accepted;
}

/** What an event changes in the record besides the state. */
function factsOf(event: DeliveryEvent): Partial<DeliveryRecord> {
  switch (event.kind) {
    case 'started':
      return { address: event.address, fault: undefined };
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
