import { oids } from '../asn1/index.ts';
import type { EnbIdentity, KeyUsage, VendorConfigurationAuthorisation } from '../pki/index.ts';

/** The kinds of key that the lab makes. */
export type KeyKind = 'P-256' | 'P-384' | 'RSA-2048' | 'RSA-3072';

/** The contents of a lab certificate. An absent member means that the extension is absent. */
export interface CertificateContents {
  readonly keyKind: KeyKind;
  /** A distinguished name as text. */
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Only for CA certificates. A number is the pathLenConstraint. */
  readonly ca?: true | number;
  readonly keyUsage?: readonly KeyUsage[];
  readonly extendedKeyUsage?: readonly string[];
  readonly enb?: EnbIdentity;
  /** The only alternative name, for those that are not eNBs. */
  readonly dnsName?: string;
  readonly authorisation?: VendorConfigurationAuthorisation;
  readonly training: boolean;
}

/** How the lab makes its certificates. */
export interface LabOptions {
  readonly keyKind: KeyKind;
  /** Marks every certificate as made for training. Tests of real data turn it off. */
  readonly training: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const caUsage = ['keyCertSign', 'cRLSign'] as const;

/** The usage of a key that messages are encrypted to. */
function receivingUsage({ keyKind }: LabOptions): KeyUsage {
  return keyKind.startsWith('RSA') ? 'keyEncipherment' : 'keyAgreement';
}

/** The contents of the lab's certificates, by their holder. */
export const labCertificates = {
  vendorRoot: (vendor: string, options: LabOptions): CertificateContents => ({
    ...options,
    subject: `C=SE,O=${vendor},CN=${vendor} Root CA`,
    ca: true,
    keyUsage: caUsage,
  }),

  /** Allows no CA below it. */
  vendorIssuing: (vendor: string, options: LabOptions): CertificateContents => ({
    ...options,
    subject: `C=SE,O=${vendor},CN=${vendor} Issuing CA`,
    ca: 0,
    keyUsage: caUsage,
  }),

  enb: (enb: EnbIdentity, options: LabOptions): CertificateContents => ({
    ...options,
    subject: `O=Lab,OU=eNB,serialNumber=${enb.serialNumber},CN=enb-${enb.serialNumber.toLowerCase()}`,
    keyUsage: ['digitalSignature', receivingUsage(options)],
    enb,
  }),

  configurationKey: (
    operator: string,
    authorisation: VendorConfigurationAuthorisation,
    options: LabOptions,
  ): CertificateContents => ({
    ...options,
    // RSA keys that sign configurations are longer than those of eNBs.
    keyKind: options.keyKind === 'RSA-2048' ? 'RSA-3072' : options.keyKind,
    subject: `O=${operator},OU=Configuration service,CN=${operator} configuration`,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [oids.configurationSigning],
    authorisation,
  }),

  operatorRoot: (operator: string, options: LabOptions): CertificateContents => ({
    ...options,
    subject: `C=FI,O=${operator},CN=${operator} Root CA`,
    ca: true,
    keyUsage: caUsage,
  }),

  /** Allows no CA below it. */
  operatorIssuing: (operator: string, options: LabOptions): CertificateContents => ({
    ...options,
    subject: `C=FI,O=${operator},CN=${operator} Issuing CA`,
    ca: 0,
    keyUsage: caUsage,
  }),

  /** Without an extended key usage, as RFC 4945 section 5.1.3.12 asks of certificates for IKE. */
  gateway: (operator: string, dnsName: string, options: LabOptions): CertificateContents => ({
    ...options,
    subject: `C=FI,O=${operator},CN=${dnsName}`,
    keyUsage: ['digitalSignature'],
    dnsName,
  }),

  /** Signs introductions and job packs for the operator's office. */
  officeKey: (operator: string, options: LabOptions): CertificateContents => ({
    ...options,
    keyKind: options.keyKind === 'RSA-2048' ? 'RSA-3072' : options.keyKind,
    subject: `C=FI,O=${operator},CN=${operator} office`,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [oids.officeSigning],
  }),

  /** Receives the credentials that the office makes. */
  registration: (operator: string, options: LabOptions): CertificateContents => ({
    ...options,
    subject: `C=FI,O=${operator},CN=${operator} registration`,
    keyUsage: [receivingUsage(options)],
  }),

  /** Answers for the CA that issued it (RFC 9810 section 5.3.18, RFC 6402 section 2.10). */
  registrationAuthority: (subject: string, options: LabOptions): CertificateContents => ({
    ...options,
    subject,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [oids.cmcRa],
  }),
};
