import { resolve } from 'node:path';
import { systemSurroundings } from '../core/index.ts';
import { fault, ok } from '../faults/index.ts';
import { makeLabOperatorFolder, makeLabVendorFolder } from '../training/index.ts';
import { fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { readPassphrase } from './terminal.ts';

const say = words.cli.authorities;

interface LabVendorOptions {
  readonly out: string;
  readonly name: string;
  readonly enb: readonly string[];
  readonly revoke: readonly string[];
  readonly certify?: string;
  readonly operator: string;
}

/** `siteseal lab vendor` */
export async function labVendor(_args: readonly string[], options: LabVendorOptions): Promise<Outcome> {
  const { name, enb: serialNumbers, revoke: revoked, certify, operator } = options;
  const folder = resolve(options.out);
  const made = await makeLabVendorFolder({
    ...{ folder, name, serialNumbers, revoked, now: systemSurroundings().now() },
    certify: certify === undefined ? undefined : { file: resolve(certify), operator },
  });
  return made.ok ? done({ folder }, [fill(say.made, { name, folder })]) : failed(made.fault);
}

interface LabOperatorOptions {
  readonly out: string;
  readonly name: string;
  readonly seg: readonly string[];
  readonly expired: readonly string[];
  readonly certify?: string;
  readonly passphraseFile?: string;
}

/** `siteseal lab operator` */
export async function labOperator(_args: readonly string[], options: LabOperatorOptions): Promise<Outcome> {
  const { name, expired, seg, certify, passphraseFile } = options;
  const folder = resolve(options.out);
  // The CA needs no passphrase to certify someone's key.
  const isNeeded = certify === undefined;
  const prompt = fill(words.cli.passphraseOf, { key: 'configuration.key, office.key' });
  const passphrase =
    isNeeded || passphraseFile !== undefined ? readPassphrase(passphraseFile, prompt) : ok(undefined);
  if (!passphrase.ok) return failed(passphrase.fault);
  if (isNeeded && !passphrase.value) return failed(fault('passphrase-missing'));
  try {
    const now = systemSurroundings().now();
    const gateways = [...new Set([...seg, ...expired])];
    const made = await makeLabOperatorFolder({
      folder,
      name,
      gateways,
      expired,
      passphrase: passphrase.value,
      certify: certify === undefined ? undefined : resolve(certify),
      now,
    });
    return made.ok ? done({ folder }, [fill(say.made, { name, folder })]) : failed(made.fault);
  } finally {
    passphrase.value?.fill(0);
  }
}
