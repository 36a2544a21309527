import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Verdict } from '../../../main/bundle/index.ts';
import { openStore } from '../../../main/store/index.ts';
import { DeliveryJournal, nextState, type DeliveryEvent } from '../../../main/site/delivery-record.ts';
import { delivery, type ProvenDelivery } from '../../../preload/contract/steps.ts';
import { temporaryFolder } from '../../kit/enb.ts';

const accepted: Verdict = { accepted: true, checks: [] };
const refused: Verdict = { accepted: false, checks: [] };
const events = {
  started: { kind: 'started', address: '192.0.2.1:8443' },
  sending: { kind: 'sending' },
  accepted: { kind: 'answered', verdict: accepted },
  refused: { kind: 'answered', verdict: refused },
  'read back': { kind: 'read-back' },
  'receipt of acceptance': { kind: 'receipt', sha256: 'a', verdict: accepted },
  'receipt of refusal': { kind: 'receipt', sha256: 'b', verdict: refused },
  ended: { kind: 'ended' },
} as const satisfies Readonly<Record<string, DeliveryEvent>>;

/** For each event the state that it leaves, in the order of `delivery.proven`. */
const table: Readonly<Record<keyof typeof events, readonly ProvenDelivery[]>> = {
  //                       selected   refused    sending    sent       verdict    receipt
  started: /*             */ ['selected', 'refused', 'sending', 'sent', 'verdict', 'receipt'],
  sending: /*           */ ['sending', 'sending', 'sending', 'sent', 'verdict', 'receipt'],
  accepted: /*          */ ['sent', 'sent', 'sent', 'sent', 'verdict', 'receipt'],
  refused: /*           */ ['refused', 'refused', 'refused', 'refused', 'refused', 'receipt'],
  'read back': /*       */ ['verdict', 'verdict', 'verdict', 'verdict', 'verdict', 'receipt'],
  'receipt of acceptance': ['receipt', 'receipt', 'receipt', 'receipt', 'receipt', 'receipt'],
  'receipt of refusal': /**/ ['refused', 'refused', 'refused', 'refused', 'refused', 'receipt'],
  ended: /*             */ ['selected', 'refused', 'sending', 'sent', 'verdict', 'receipt'],
};

describe('what is proven of a delivery', () => {
  for (const [name, left] of Object.entries(table) as [keyof typeof events, readonly ProvenDelivery[]][]) {
    for (const [index, state] of delivery.proven.entries()) {
      it(`${state} becomes ${left[index]} by "${name}"`, () => {
        assert.equal(nextState(state, events[name]), left[index]);
      });
    }
  }
});

describe('the journal of a delivery', () => {
  const store = openStore(temporaryFolder());
  assert(store.ok);
  after(() => store.value.close());
  const at = new Date('2026-06-01T12:00:00Z');
  const journalOf = (sha256: string) => new DeliveryJournal(store.value, sha256, () => at);

  it('has every event in the store at once, with what it leaves to tell', () => {
    const journal = journalOf('1');
    const read = () => store.value.deliveries.get('1');
    journal.note(events.started);
    assert.deepEqual(read(), {
      bundleSha256: '1',
      state: 'selected',
      address: '192.0.2.1:8443',
      verdict: undefined,
      fault: undefined,
      receiptSha256: undefined,
      updatedAt: at.toISOString(),
    });
    journal.note(events.sending);
    journal.note({ kind: 'ended', fault: { code: 'device-closed' } });
    assert.deepEqual([read()?.state, read()?.fault], ['sending', { code: 'device-closed' }]);
    journal.note(events.started);
    journal.note(events.accepted);
    assert.deepEqual([read()?.state, read()?.fault, read()?.verdict], ['sent', undefined, accepted]);
    journal.note(events['receipt of acceptance']);
    assert.deepEqual([read()?.state, read()?.receiptSha256], ['receipt', 'a']);
  });

  it('keeps the receipt of acceptance as the proof, whatever the eNB says later', () => {
    const journal = journalOf('5');
    journal.note(events['receipt of acceptance']);
    const proof = store.value.deliveries.get('5');
    journal.note(events.refused);
    journal.note(events['receipt of refusal']);
    assert.deepEqual(store.value.deliveries.get('5'), proof);
    journal.note({ ...events['receipt of acceptance'], sha256: 'c' });
    assert.equal(store.value.deliveries.get('5')?.receiptSha256, 'c');
  });

  it('keeps bundles apart', () => {
    journalOf('2').note(events.sending);
    journalOf('3').note(events.started);
    assert.deepEqual(
      ['2', '3', '4'].map((sha256) => store.value.deliveries.get(sha256)?.state),
      ['sending', 'selected', undefined],
    );
  });
});
