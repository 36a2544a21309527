import { resolve } from 'node:path';
import { verifyReceiptFile } from '../core/index.ts';
import { fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { trustFiles, type TrustOptions } from './trust-options.ts';

interface Options extends TrustOptions {
  readonly bundle: string;
  readonly at?: Date;
}

/** `siteseal receipt verify` */
export function receiptVerify([file = '']: readonly string[], options: Options): Outcome {
  const receipt = verifyReceiptFile({
    file: resolve(file),
    bundle: resolve(options.bundle),
    trust: trustFiles(options),
    at: options.at ?? new Date(),
  });
  if (!receipt.ok) return failed(receipt.fault, { valid: false });
  const { enb, receiptNumber, verdict } = receipt.value;
  const { accepted, refused } = words.cli.receipt;
  return done({ valid: true, receipt: receipt.value }, [
    fill(verdict.accepted ? accepted : refused, { number: receiptNumber, serialNumber: enb.serialNumber }),
  ]);
}
