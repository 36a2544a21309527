import { oids } from '../asn1/index.ts';
import type { EnbIdentity, VendorConfigurationAuthorisation } from '../pki/index.ts';
import { issue, type KeyKind, type KeyPair } from './issue-certificate.ts';

/** How the lab makes its certificates. */
export interface LabOptions {
  readonly keyKind: KeyKind;
  /** Marks every certificate as made for training; tests of real data leave it out. */
  readonly training: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** An eNB vendor: a root CA, and below it the CA that issues to eNBs and to operators' configuration keys. */
export interface LabVendor {
  readonly root: KeyPair;
  readonly issuing: KeyPair;
}

/** Makes a vendor of this name, its issuing CA good for no further CA. */
export function makeVendor(name: string, options: LabOptions): LabVendor {
  const ca = { keyUsage: ['keyCertSign', 'cRLSign'] as const, ...dates(options) };
  const root = issue({ subject: `C=SE,O=${name},CN=${name} Root CA`, ca: true, ...ca }, options.keyKind);
  const subject = `C=SE,O=${name},CN=${name} Issuing CA`;
  return { root, issuing: issue({ subject, ca: 0, ...ca }, options.keyKind, root) };
}

function dates({ notBefore, notAfter, training }: LabOptions) {
  return { notBefore, notAfter, training };
}

/** What a factory puts into an eNB: a key, and the vendor's certificate of it. */
export function makeEnb(vendor: LabVendor, enb: EnbIdentity, options: LabOptions): KeyPair {
  const usage = options.keyKind.startsWith('RSA') ? 'keyEncipherment' : 'keyAgreement';
  const { serialNumber } = enb;
  const subject = `O=Lab,OU=eNB,serialNumber=${serialNumber},CN=enb-${serialNumber.toLowerCase()}`;
  return issue(
    { subject, keyUsage: ['digitalSignature', usage], enb, ...dates(options) },
    options.keyKind,
    vendor.issuing,
  );
}

/** An operator's configuration key, certified by the vendor for the named eNBs. */
export function makeConfigurationKey(
  vendor: LabVendor,
  operator: string,
  authorisation: VendorConfigurationAuthorisation,
  options: LabOptions,
): KeyPair {
  // RSA keys that sign configurations are longer than those of eNBs.
  const keyKind = options.keyKind === 'RSA-2048' ? 'RSA-3072' : options.keyKind;
  return issue(
    {
      subject: `O=${operator},OU=Configuration service,CN=${operator} configuration`,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: [oids.configurationSigning],
      authorisation,
      ...dates(options),
    },
    keyKind,
    vendor.issuing,
  );
}

/** An operator's root CA. */
export function makeOperatorRoot(operator: string, options: LabOptions): KeyPair {
  return issue(
    {
      subject: `C=FI,O=${operator},CN=${operator} Root CA`,
      ca: true,
      keyUsage: ['keyCertSign', 'cRLSign'],
      ...dates(options),
    },
    options.keyKind,
  );
}
