import { oids } from '../../main/asn1/index.ts';
import { identity, otherIdentity } from './bundle.ts';
import {
  issue,
  makeEnb,
  makeVendor,
  type KeyKind,
  type KeyPair,
  type LabOptions,
  type LabVendor,
} from './issue-certificate.ts';

/** All certificates around an RA/CA. */
export interface CmpPki {
  /** The operator's root, its CA below, and the RA's certificate from that CA. */
  readonly operatorRoot: KeyPair;
  readonly operatorCa: KeyPair;
  readonly ra: KeyPair;
  readonly vendor: LabVendor;
  /** eNB 1 and eNB 2, with the vendor's certificates. */
  readonly enb: KeyPair;
  readonly otherEnb: KeyPair;
}

export function makePki(options: LabOptions): CmpPki {
  const { keyKind, ...dates } = options;
  const caUsage = ['digitalSignature', 'keyCertSign', 'cRLSign'] as const;
  const subject = (commonName: string) => `C=FI,O=Lab Operator,CN=${commonName}`;
  const operatorRoot = issue(
    { subject: subject('Lab Root CA'), ca: true, keyUsage: caUsage, ...dates },
    keyKind,
  );
  const operatorCa = issue(
    { subject: subject('Lab CA'), ca: 0, keyUsage: caUsage, ...dates },
    keyKind,
    operatorRoot,
  );
  const ra = issue(
    {
      subject: subject('Lab RA'),
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: [oids.cmcRa],
      ...dates,
    },
    keyKind,
    operatorCa,
  );
  const vendor = makeVendor('Lab Vendor', options);
  const enb = makeEnb(vendor, identity, options);
  return { operatorRoot, operatorCa, ra, vendor, enb, otherEnb: makeEnb(vendor, otherIdentity, options) };
}

/** Certificates that are in force now, for peers that only use the computer's clock. */
export function makePkiOfToday(keyKind: KeyKind = 'P-256'): CmpPki {
  const day = 24 * 3_600_000;
  const at = (days: number) => new Date(Date.now() + days * day);
  return makePki({ keyKind, training: false, notBefore: at(-1), notAfter: at(3_650) });
}
