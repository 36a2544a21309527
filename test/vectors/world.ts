import { generateKeyPairSync } from 'node:crypto';
import { oids } from '../../main/asn1/index.ts';
import {
  encodeExtension,
  issue,
  issueCertificate,
  makeConfigurationKey,
  makeEnb,
  makeOperatorRoot,
  makeVendor,
  type CertificateContents,
  type KeyKind,
  type KeyPair,
  type LabOptions,
  type LabVendor,
} from '../kit/issue-certificate.ts';
import type { EnbIdentity, VendorConfigurationAuthorisation } from '../../main/pki/index.ts';

/** The time at which vectors are judged, unless they say otherwise. */
export const at = new Date('2026-11-15T12:00:00Z');

/** A product of the enterprise number that is for documentation (RFC 5612). */
export const hwType = '1.3.6.1.4.1.32473.7.1';

/** Published keys protect nothing, so everything that they sign is marked as training. */
export const options: LabOptions = {
  keyKind: 'P-256',
  training: true,
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2099-12-31T23:59:59Z'),
};

/** The passphrase of the configuration key's file. */
export const passphrase = 'published';

export function enbIdentity(serialNumber: string): EnbIdentity {
  return { hwType, serialNumber };
}

function octets(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** The eNBs that the configuration key may configure: LAB0001 to LAB0099, and one by name. */
export const authorisation: VendorConfigurationAuthorisation = {
  epoch: 0,
  devices: [
    {
      hwType,
      serials: [
        { kind: 'range', low: octets('LAB0001'), high: octets('LAB0099') },
        { kind: 'exact', serial: octets('LAB-SPARE') },
      ],
    },
  ],
};

/** All parties in the vectors. */
export interface World {
  readonly vendor: LabVendor;
  readonly configuration: KeyPair;
  readonly operatorRoot: KeyPair;
  /** One for each kind of key that an eNB may have. */
  readonly enbs: Readonly<Record<'LAB0001' | 'LAB0002' | 'LAB0003', KeyPair>>;
}

export function makeWorld(): World {
  const vendor = makeVendor('Lab Vendor', options);
  return {
    vendor,
    configuration: makeConfigurationKey(vendor, 'Lab Operator', authorisation, options),
    operatorRoot: makeOperatorRoot('Lab Operator', options),
    enbs: {
      LAB0001: makeEnb(vendor, enbIdentity('LAB0001'), options),
      LAB0002: makeEnb(vendor, enbIdentity('LAB0002'), { ...options, keyKind: 'RSA-2048' }),
      LAB0003: makeEnb(vendor, enbIdentity('LAB0003'), { ...options, keyKind: 'P-384' }),
    },
  };
}

const { notBefore, notAfter, training } = options;

/** The contents of a configuration key's certificate, except for what it may configure. */
const configurationContents: CertificateContents = {
  subject: 'O=Lab Operator,OU=Configuration service,CN=Lab Operator configuration',
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: [oids.configurationSigning],
  notBefore,
  notAfter,
  training,
};

/** A configuration key whose certificate differs in something. */
export function configurationKey(
  issuer: KeyPair,
  changes: Partial<CertificateContents> = {},
  kind: KeyKind = 'P-256',
): KeyPair {
  return issue({ ...configurationContents, authorisation, ...changes }, kind, issuer);
}

/** A configuration key without extension A.1, or with these bytes as its value. */
export function oddlyAuthorisedKey(issuer: KeyPair, value?: Uint8Array): KeyPair {
  const extension = value && encodeExtension(oids.vendorConfigurationAuthorisation, false, value);
  return issue({ ...configurationContents, extensions: extension ? [extension] : [] }, 'P-256', issuer);
}

/** A configuration key that can sign with RSASSA-PSS and nothing else. */
export function pssConfigurationKey(issuer: KeyPair): KeyPair {
  const { privateKey: key } = generateKeyPairSync('rsa-pss', { modulusLength: 3072 });
  return { key, certificate: issueCertificate({ ...configurationContents, authorisation }, key, issuer) };
}

/** A CA below another. */
export function subordinateCa(issuer: KeyPair, changes: Partial<CertificateContents> = {}): KeyPair {
  return issue(
    {
      subject: 'C=SE,O=Lab Vendor,CN=Lab Vendor Second Issuing CA',
      ca: true,
      keyUsage: ['keyCertSign', 'cRLSign'],
      notBefore,
      notAfter,
      training,
      ...changes,
    },
    'P-256',
    issuer,
  );
}

/** The key in its file form, without a passphrase. */
export function keyPem({ key }: KeyPair): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}
