import { sign } from 'node:crypto';
import { der, oids } from '../../main/asn1/index.ts';
import type { AcceptanceCode } from '../../main/bundle/index.ts';
import { encodeExtension, makeOperatorRoot, makeVendor, type KeyPair } from '../kit/issue-certificate.ts';
import { parseCrl, type Crl, type SerialScope } from '../../main/pki/index.ts';
import {
  configurationFor,
  openConfiguration,
  sealedBundle,
  signText,
  type Case,
  type Signing,
} from './case.ts';
import { configurationKey, hwType, oddlyAuthorisedKey, options, subordinateCa, type World } from './world.ts';

const octets = (text: string) => Buffer.from(text, 'latin1');

/** Bundles whose signer the vendor does not vouch for, or not for this. */
export async function* signerCases(world: World): AsyncGenerator<Case> {
  const { issuing, root } = world.vendor;
  const content = JSON.stringify(openConfiguration(world));
  const refused = async (
    name: string,
    shows: string,
    fails: readonly AcceptanceCode[],
    signing: Signing,
  ): Promise<Case> => ({ name, shows, fails, bundle: await signText(world, content, signing) });
  const untrusted = ['signer-untrusted'] as const;
  const unauthorised = ['signer-not-a-configuration-key'] as const;
  const other = makeVendor('Lab Vendor', options);

  yield refused('another-vendor', 'the signer leads to another root of the same name', untrusted, {
    signer: configurationKey(other.issuing),
    intermediates: [other.issuing.certificate],
  });
  yield refused('intermediate-missing', 'the certificate of the issuing CA is not inside', untrusted, {
    intermediates: [],
  });
  const below = subordinateCa(issuing);
  yield refused('path-too-long', 'a CA below one whose pathLenConstraint is 0', untrusted, {
    signer: configurationKey(below),
    intermediates: [issuing.certificate, below.certificate],
  });
  yield refused('issuer-not-a-ca', "the signer's certificate was issued with an eNB's key", untrusted, {
    signer: configurationKey(world.enbs.LAB0001),
    intermediates: [issuing.certificate, world.enbs.LAB0001.certificate],
  });
  const unknown = encodeExtension('1.3.6.1.4.1.32473.7.99', true, der.null);
  yield refused('critical-extension', 'the signer has a critical extension that nobody knows', untrusted, {
    signer: configurationKey(issuing, { extensions: [unknown] }),
  });
  yield refused('signer-expired', 'the signer ended one second ago', ['signer-expired'], {
    signer: configurationKey(issuing, { notAfter: new Date('2026-11-15T11:59:59Z') }),
  });
  yield refused('signer-not-yet-valid', 'the signer begins in one second', ['signer-expired'], {
    signer: configurationKey(issuing, { notBefore: new Date('2026-11-15T12:00:01Z') }),
  });
  yield refused('no-purpose', 'no extended key usage', unauthorised, {
    signer: configurationKey(issuing, { extendedKeyUsage: [] }),
  });
  yield refused('any-purpose', 'anyExtendedKeyUsage in the place of A.2', unauthorised, {
    signer: configurationKey(issuing, { extendedKeyUsage: [oids.anyExtendedKeyUsage] }),
  });
  yield refused('no-authorisation', 'no extension A.1', unauthorised, {
    signer: oddlyAuthorisedKey(issuing),
  });
  yield refused('authorisation-version', 'extension A.1 of version 3', unauthorised, {
    signer: oddlyAuthorisedKey(issuing, rawAuthorisation(3, [exact('LAB0001')])),
  });
  yield refused('authorisation-without-epoch', 'extension A.1 of version 2 without an epoch', unauthorised, {
    signer: oddlyAuthorisedKey(issuing, rawAuthorisation(2, [exact('LAB0001')])),
  });
  const epochOfCa = limitedCa(root, 'LAB0001', 'LAB0099', 1);
  yield refused('authorisation-above-ca', 'epoch 2 below a CA of epoch 1', unauthorised, {
    signer: configurationKey(epochOfCa, { authorisation: scope([rangeScope('LAB0001', 'LAB0099')], 2) }),
    intermediates: [epochOfCa.certificate],
  });
  yield {
    ...(await refused('signer-superseded', 'epoch 0 after a bundle of epoch 1', ['signer-superseded'], {})),
    context: { lastEpoch: 1 },
  };
  yield refused('authorisation-empty', 'extension A.1 that names no serial number', unauthorised, {
    signer: oddlyAuthorisedKey(issuing, rawAuthorisation(1, [])),
  });
  yield refused('authorisation-range-lengths', 'a range whose ends differ in length', unauthorised, {
    signer: oddlyAuthorisedKey(issuing, rawAuthorisation(1, [range('LAB1', 'LAB9999')])),
  });
  yield refused('authorisation-range-order', 'a range whose ends stand in the wrong order', unauthorised, {
    signer: oddlyAuthorisedKey(issuing, rawAuthorisation(1, [range('LAB0099', 'LAB0001')])),
  });
  const limited = limitedCa(root, 'LAB0050', 'LAB0099');
  yield refused('authorisation-beyond-ca', 'the CA may name fewer eNBs than it did', unauthorised, {
    signer: configurationKey(limited),
    intermediates: [limited.certificate],
  });
  yield refused('no-digital-signature', 'key usage without digitalSignature', unauthorised, {
    signer: configurationKey(issuing, { keyUsage: ['keyAgreement'] }),
  });
  yield refused('not-in-scope', 'the signer may configure LAB0002 to LAB0099', ['enb-out-of-scope'], {
    signer: configurationKey(issuing, { authorisation: scope([rangeScope('LAB0002', 'LAB0099')]) }),
  });
  yield refused(
    'longer-than-range',
    'the range is LAB00 to LAB99: other lengths are outside',
    ['enb-out-of-scope'],
    {
      signer: configurationKey(issuing, { authorisation: scope([rangeScope('LAB00', 'LAB99')]) }),
    },
  );
  yield {
    name: 'operator-root-not-training',
    shows: 'an operator root without A.3 in a training bundle',
    fails: ['training-mismatch'],
    bundle: await sealedBundle(world, configurationFor(world, { operatorRootCertificates: [realRoot()] })),
  };
}

/** Bundles with CRLs, or judged with CRLs that the eNB has. */
export async function* crlCases(world: World): AsyncGenerator<Case> {
  const { issuing, root } = world.vendor;
  const content = JSON.stringify(openConfiguration(world));
  const ofRoot = issueCrl(root);
  const refused = async (name: string, shows: string, crl: Crl): Promise<Case> => ({
    name,
    shows,
    fails: ['signer-revoked'],
    bundle: await signText(world, content, { crls: [ofRoot, crl] }),
  });
  yield {
    name: 'crls',
    shows: 'with CRLs of every CA, none of which names the signer',
    fails: [],
    bundle: await signText(world, content, { crls: [ofRoot, issueCrl(issuing)] }),
  };
  yield refused(
    'signer-revoked',
    'a CRL inside names the signer',
    issueCrl(issuing, { revoked: [world.configuration] }),
  );
  const ended = new Date('2026-11-15T11:59:59Z');
  yield refused(
    'signer-revoked-by-an-ended-crl',
    'a CRL inside has passed its nextUpdate, and names the signer',
    issueCrl(issuing, { revoked: [world.configuration], nextUpdate: ended }),
  );
  yield {
    name: 'crl-ended',
    shows: 'a CRL inside has passed its nextUpdate, and does not name the signer',
    fails: [],
    bundle: await signText(world, content, { crls: [ofRoot, issueCrl(issuing, { nextUpdate: ended })] }),
  };
  yield {
    name: 'crl-of-another',
    shows: 'a CRL inside is not signed by the CA that it names, and counts for nothing',
    fails: [],
    bundle: await signText(world, content, {
      crls: [
        ofRoot,
        issueCrl({ ...issuing, key: world.configuration.key }, { revoked: [world.configuration] }),
      ],
    }),
  };
  yield {
    name: 'signer-revoked-for-the-enb',
    shows: 'no CRL inside; a CRL that the eNB has names the signer',
    fails: ['signer-revoked'],
    bundle: await signText(world, content),
    context: { crls: ['context/revoked.crl'] },
  };
}

/** The CRL that an eNB has from earlier. */
export function storedCrl({ vendor, configuration }: World): Crl {
  return issueCrl(vendor.issuing, { revoked: [configuration], number: 2 });
}

function rawAuthorisation(version: number, serials: readonly Uint8Array[]): Uint8Array {
  const device = der.sequence(der.oid(hwType), der.sequence(...serials));
  return der.sequence(der.integer(version), der.sequence(device));
}

const exact = (serial: string) => der.implicit(0, der.octetString(octets(serial)));
const range = (low: string, high: string) =>
  der.implicit(1, der.sequence(der.octetString(octets(low)), der.octetString(octets(high))));

const rangeScope = (low: string, high: string): SerialScope => ({
  kind: 'range',
  low: octets(low),
  high: octets(high),
});
const scope = (serials: readonly SerialScope[], epoch = 0) => ({ epoch, devices: [{ hwType, serials }] });

/** A CA that the root lets authorise only these eNBs. */
export function limitedCa(root: KeyPair, low: string, high: string, epoch = 0): KeyPair {
  return subordinateCa(root, { ca: 0, authorisation: scope([rangeScope(low, high)], epoch) });
}

/** In base64, an operator root that is not marked as training. */
function realRoot(): string {
  const { certificate } = makeOperatorRoot('Lab Operator', { ...options, training: false });
  return Buffer.from(certificate.der).toString('base64');
}

interface CrlContents {
  readonly revoked?: readonly KeyPair[];
  readonly nextUpdate?: Date;
  readonly number?: number;
}

/** A complete CRL of a CA with an EC key on P-256. */
function issueCrl(issuer: KeyPair, { revoked = [], nextUpdate, number = 1 }: CrlContents = {}): Crl {
  const thisUpdate = new Date('2026-11-01T00:00:00Z');
  const algorithm = der.sequence(der.oid(oids.ecdsaWithSha256));
  const entries = revoked.map(({ certificate }) =>
    der.sequence(der.element(0x02, Buffer.from(certificate.serialNumber, 'hex')), der.time(thisUpdate)),
  );
  const tbs = der.sequence(
    der.integer(1),
    algorithm,
    issuer.certificate.subject.der,
    der.time(thisUpdate),
    der.time(nextUpdate ?? options.notAfter),
    ...(entries.length > 0 ? [der.sequence(...entries)] : []),
    der.explicit(0, der.sequence(encodeExtension(oids.crlNumber, false, der.integer(number)))),
  );
  const parsed = parseCrl(der.sequence(tbs, algorithm, der.bitString(sign('sha256', tbs, issuer.key))));
  if (!parsed.ok) throw new Error('The CRL cannot be read');
  return parsed.value;
}
