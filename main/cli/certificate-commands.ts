import { resolve } from 'node:path';
import { verifyCertificate } from '../core/index.ts';
import { words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { trustFiles, type TrustOptions } from './trust-options.ts';

interface Options extends TrustOptions {
  readonly requireCrl: boolean;
  readonly at?: Date;
  readonly purpose: 'configuration' | 'enb' | 'any';
}

/** `siteseal certificate verify` */
export function certificateVerify([file = '']: readonly string[], options: Options): Outcome {
  const verdict = verifyCertificate({
    file: resolve(file),
    trust: trustFiles(options),
    at: options.at ?? new Date(),
    requireCrl: options.requireCrl,
    purpose: options.purpose,
  });
  if (!verdict.ok) return failed(verdict.fault, { valid: false });
  if (!verdict.value.valid) return failed(verdict.value.fault, { valid: false });
  const { path, revocationChecked } = verdict.value;
  return done(verdict.value, [
    words.cli.certificate.valid,
    ...(revocationChecked ? [] : [words.cli.certificate.revocationUnchecked]),
    ...path.map(({ subject }) => `  ${subject}`),
  ]);
}
