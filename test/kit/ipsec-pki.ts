/**
 * Certificates for IPsec that are in force now: strongSwan judges them by the system's clock. Vendor and operator each
 * have a root and a CA below it.
 */
import { hash } from 'node:crypto';
import { der, oids } from '../../main/asn1/index.ts';
import { encodeExtension, type KeyPair } from './issue-certificate.ts';
import { generalName, makeCa, makeCertificate, spkiOf, subjectAltName, type Contents } from './pki.ts';

const day = 86_400_000;

/** From yesterday until in ten days. */
export const datesNow = { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + 10 * day) };

/** The name of the gateway in `makeIpsecPki`. */
export const segName = 'seg1.operator.example';

/** A root and an issuing CA below it. */
export interface IpsecCa {
  readonly root: KeyPair;
  readonly issuing: KeyPair;
}

function makeIpsecCa(name: string): IpsecCa {
  const root = makeCa(`O=${name},CN=${name} root`, datesNow);
  return { root, issuing: makeCa(`O=${name},CN=${name} CA`, datesNow, root) };
}

/** A certificate for IKE, with names in it. */
export function makeIpsecPeer(
  subject: string,
  { issuing }: IpsecCa,
  dnsNames: readonly string[] = [],
  contents: Contents = {},
): KeyPair {
  const extensions = dnsNames.length > 0 ? [subjectAltName(dnsNames.map(generalName.dns))] : [];
  return makeCertificate(
    subject,
    { ...datesNow, keyUsage: ['digitalSignature'], extensions, ...contents },
    issuing,
  );
}

/** A vendor with an eNB, an operator with a gateway, and a CA that nobody here trusts. */
export function makeIpsecPki() {
  const vendor = makeIpsecCa('Vendor');
  const operator = makeIpsecCa('Operator');
  return {
    vendor,
    operator,
    other: makeIpsecCa('Other'),
    enb: makeIpsecPeer('O=Vendor,CN=enb-1', vendor, ['enb-1.vendor.example']),
    seg: makeIpsecPeer('O=Operator,CN=seg1', operator, [segName]),
  };
}

/** For a CRL: strongSwan looks for one by the key identifier of its issuer. */
export function authorityKeyIdentifier({ key }: KeyPair): Uint8Array {
  const identifier = hash('sha256', spkiOf(key), 'buffer').subarray(0, 20);
  return encodeExtension(
    oids.authorityKeyIdentifier,
    false,
    der.sequence(der.implicit(0, der.octetString(identifier))),
  );
}
