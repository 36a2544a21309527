import { makeReceipt, type Receipt } from '../../main/bundle/index.ts';
import type { KeyPair } from '../../main/lab/index.ts';
import { keyOf } from './case.ts';
import { challenge } from './example.ts';
import { flipped } from './tree.ts';
import type { World } from './world.ts';

/** A receipt before it is written. Each is checked for whether it proves what the receipt of the example proves. */
export interface ReceiptCase {
  readonly name: string;
  readonly shows: string;
  readonly receipt: Uint8Array;
  readonly valid: boolean;
}

/** Receipts like that of the example, whose content is given. */
export async function* receiptCases(
  { enbs, vendor, configuration }: World,
  example: Receipt,
): AsyncGenerator<ReceiptCase> {
  const sign = (receipt: Receipt, pair: KeyPair = enbs.LAB0001) =>
    makeReceipt(receipt, keyOf(pair, vendor.issuing.certificate), new Date('2026-11-15T12:00:00Z'));
  const refused = (name: string, shows: string, receipt: Uint8Array): ReceiptCase => ({
    name,
    shows,
    receipt,
    valid: false,
  });
  const { challenge: _, ...unasked } = example;

  yield refused('receipt-changed', 'one bit of the signature is another', flipped(await sign(example), -1));
  yield refused('receipt-of-another-signer', "signed with LAB0002's key", await sign(example, enbs.LAB0002));
  yield refused(
    'receipt-of-another-enb',
    'LAB0002 speaks of itself',
    await sign({ ...example, enb: { ...example.enb, serialNumber: 'LAB0002' } }, enbs.LAB0002),
  );
  yield refused(
    'receipt-signed-by-the-office',
    'signed with the configuration key',
    await sign(example, configuration),
  );
  yield refused(
    'receipt-of-another-bundle',
    'speaks of another bundle',
    await sign({ ...example, bundleSha256: '0'.repeat(64) }),
  );
  yield refused(
    'receipt-for-another-challenge',
    'answers another challenge',
    await sign({ ...example, challenge: challenge.replace('A', 'B') }),
  );
  yield refused(
    'receipt-of-another-bundle-id',
    'speaks of this bundle by the id of another',
    await sign({ ...example, bundleId: '00000000-0000-4000-8000-000000000000' }),
  );
  yield refused(
    'receipt-of-another-sequence',
    'speaks of another sequence',
    await sign({ ...example, sequence: 9 }),
  );
  yield refused(
    'receipt-without-memory',
    'accepts without having looked at its own sequence number',
    await sign({
      ...example,
      verdict: {
        accepted: true,
        checks: example.verdict.checks.map((check) =>
          check.code === 'sequence-rollback' ? { code: check.code, ok: null, why: 'not-given' } : check,
        ),
      },
    }),
  );
  yield refused(
    'receipt-no-clock-with-clock',
    'judges no dates for want of a clock, and has one',
    await sign({
      ...example,
      verdict: {
        accepted: true,
        checks: example.verdict.checks.map((check) =>
          check.code === 'bundle-expired' ? { code: check.code, ok: null, why: 'no-clock' } : check,
        ),
      },
    }),
  );
  yield refused('receipt-unasked', 'answers no challenge', await sign(unasked));
  yield refused(
    'receipt-not-training',
    'is not marked as training',
    await sign({ ...example, training: false }),
  );
}
