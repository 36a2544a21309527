import type { EnbIdentity, VendorConfigurationAuthorisation } from '../pki/index.ts';
import { issue, type KeyPair } from './issue-certificate.ts';
import { labCertificates, type LabOptions } from './lab-certificates.ts';

/** An eNB vendor: a root CA and, below it, the CA that issues to eNBs and to operators' configuration keys. */
export interface LabVendor {
  readonly root: KeyPair;
  readonly issuing: KeyPair;
}

/** Makes a vendor with this name. */
export async function makeVendor(name: string, options: LabOptions): Promise<LabVendor> {
  const root = await issue(labCertificates.vendorRoot(name, options));
  return { root, issuing: await issue(labCertificates.vendorIssuing(name, options), root) };
}

/** Makes what a factory puts into an eNB: a key, and the vendor's certificate for it. */
export function makeEnb({ issuing }: LabVendor, enb: EnbIdentity, options: LabOptions): Promise<KeyPair> {
  return issue(labCertificates.enb(enb, options), issuing);
}

/** Makes an operator's configuration key, certified by the vendor for the named eNBs. */
export function makeConfigurationKey(
  { issuing }: LabVendor,
  operator: string,
  authorisation: VendorConfigurationAuthorisation,
  options: LabOptions,
): Promise<KeyPair> {
  return issue(labCertificates.configurationKey(operator, authorisation, options), issuing);
}

/** Makes an operator's root CA. */
export function makeOperatorRoot(operator: string, options: LabOptions): Promise<KeyPair> {
  return issue(labCertificates.operatorRoot(operator, options));
}
