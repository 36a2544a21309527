/**
 * The common fixtures of bundle tests: a vendor, an operator and an eNB of the lab, a valid configuration, and
 * functions that sign and seal what `makeBundle` never would.
 */
import assert from 'node:assert/strict';
import { createPrivateKey, randomBytes, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { der, oids } from '../../main/asn1/index.ts';
import { sealAuthEnvelopedData, signData } from '../../main/cms/index.ts';
import {
  acceptanceCodes,
  Bundle,
  judgeBundle,
  makeBundle,
  outerSha256,
  receiptSubject,
  signerSpkiSha256,
  type Acceptance,
  type AcceptanceCode,
  type AcceptanceContext,
  type Configuration,
  type ReceiptSubject,
  type Sealing,
  type Signing,
} from '../../main/bundle/index.ts';
import { signerWithKey, type Signer } from '../../main/keys/index.ts';
import {
  makeConfigurationKey,
  makeEnb,
  makeOperatorRoot,
  makeVendor,
  type KeyKind,
  type KeyPair,
  type LabOptions,
  type LabVendor,
} from './issue-certificate.ts';
import { parseCertificates } from '../../main/cms/index.ts';
import {
  parseCrl,
  type Clock,
  type Crl,
  type EnbIdentity,
  type VendorConfigurationAuthorisation,
} from '../../main/pki/index.ts';
import { rootFault } from './fault.ts';

/** The current time in the tests. */
export const now = new Date('2026-11-15T12:00:00Z');
export const clock: Clock = { now, isExact: true };

/** A device of the documentation's own enterprise number (RFC 5612). */
export const hwType = '1.3.6.1.4.1.32473.7.1';

/** The eNB of the scene, and another one that its operator may configure. */
export const identity: EnbIdentity = { hwType, serialNumber: 'LAB0001' };
export const otherIdentity: EnbIdentity = { hwType, serialNumber: 'LAB0002' };

/** The options of the scene's certificates, unless a test changes them. */
export const labOptions: LabOptions = {
  keyKind: 'P-256',
  training: false,
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2035-12-31T23:59:59Z'),
};

/** An authorisation for these serial numbers. Two with a hyphen between them are the ends of a range. */
export function authorisationFor(
  serials: readonly string[],
  device = hwType,
  epoch = 0,
): VendorConfigurationAuthorisation {
  const octets = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
  return {
    epoch,
    devices: [
      {
        hwType: device,
        serials: serials.map((text) => {
          const [low = '', high] = text.split('-');
          return high === undefined
            ? { kind: 'exact', serial: octets(low) }
            : { kind: 'range', low: octets(low), high: octets(high) };
        }),
      },
    ],
  };
}

/** All parties to one bundle. */
export interface Scene {
  readonly vendor: LabVendor;
  readonly enb: KeyPair;
  readonly configurationKey: KeyPair;
  readonly operatorRoot: KeyPair;
  readonly signing: Signing;
}

export interface SceneOptions extends Partial<LabOptions> {
  /** The kind of the eNB's key, where it differs from all the others. */
  readonly enbKeyKind?: KeyKind;
  readonly authorisation?: VendorConfigurationAuthorisation;
  readonly vendorName?: string;
  /** The vendor, if it is that of another scene. */
  readonly vendor?: LabVendor;
}

export function makeScene({
  enbKeyKind,
  authorisation,
  vendorName = 'Lab Vendor',
  vendor: known,
  ...options
}: SceneOptions = {}): Scene {
  const lab = { ...labOptions, ...options };
  const vendor = known ?? makeVendor(vendorName, lab);
  const configurationKey = makeConfigurationKey(
    vendor,
    'Lab Operator',
    authorisation ?? authorisationFor(['LAB0001', 'LAB0002', 'LAB1000-LAB1999']),
    lab,
  );
  return {
    vendor,
    enb: makeEnb(vendor, identity, { ...lab, keyKind: enbKeyKind ?? lab.keyKind }),
    configurationKey,
    operatorRoot: makeOperatorRoot('Lab Operator', lab),
    signing: signingOf(configurationKey, vendor),
  };
}

/** A signer with the key of a pair, and the other certificates as its chain. */
export function signerOf({ key, certificate }: KeyPair, ...chain: readonly KeyPair[]): Signer {
  const opened = signerWithKey(key, [certificate, ...chain.map((one) => one.certificate)]);
  assert(opened.ok);
  return opened.value;
}

export function signingOf(pair: KeyPair, vendor: LabVendor, crls: readonly Crl[] = []): Signing {
  return { signer: signerOf(pair), intermediates: [vendor.issuing.certificate], crls };
}

/** The folder of the reference operator: two vendors, their eNBs, and an operator, made with openssl. */
export const referenceOperator = join(import.meta.dirname, '../data/reference-operator');

/** A certificate of the reference operator, with its key. */
export function referencePair(certificateFile: string, keyFile: string): KeyPair {
  const certificates = parseCertificates(readFileSync(join(referenceOperator, certificateFile)));
  assert(certificates.ok);
  const [certificate] = certificates.value;
  assert(certificate);
  return { key: createPrivateKey(readFileSync(join(referenceOperator, keyFile))), certificate };
}

export function base64({ certificate }: KeyPair): string {
  return Buffer.from(certificate.der).toString('base64');
}

/** A configuration for the eNB of the scene that is fully valid at `now`. */
export function configurationFor(scene: Scene, changes: Partial<Configuration> = {}): Configuration {
  return {
    format: 'siteseal-configuration/1',
    bundleId: randomUUID(),
    sequence: 7,
    issuedAt: '2026-11-10T09:30:00Z',
    notBefore: '2026-11-01T00:00:00Z',
    notAfter: '2027-11-01T00:00:00Z',
    training: false,
    enb: { ...identity, certificateSha256: scene.enb.certificate.sha256 },
    site: { id: 'S00001', name: 'Mill 1' },
    operator: { name: 'Lab Operator', plmn: '24491' },
    operatorRootCertificates: [base64(scene.operatorRoot)],
    enrolment: {
      protocol: 'cmpv2',
      url: 'http://ra.pki.example:8080/pkix/',
      caName: 'C=FI,O=Lab Operator,CN=Lab Operator Base Station CA',
      subject: 'CN=LAB0001',
      protection: 'mac',
      renewAt: 70,
    },
    backhaul: {
      address: { method: 'static', ipv4: '198.51.100.12/24', gateway: '198.51.100.1' },
      vlan: 101,
      mtu: 1400,
      dns: ['198.51.100.53', '2001:db8::53'],
      ntp: ['ntp.backhaul.example'],
    },
    securityGateways: [
      {
        role: 'initial',
        address: 'seg1.backhaul.example',
        identity: 'seg1.backhaul.example',
        remoteSubnets: ['192.0.2.0/24'],
      },
      {
        role: 'traffic',
        address: '198.51.100.22',
        identity: 'seg2.backhaul.example',
        remoteSubnets: ['0.0.0.0/0', '::/0'],
      },
    ],
    initialIpsec: {
      required: true,
      proposals: ['aes128gcm16-prfsha256-ecp256'],
      espProposals: ['aes128gcm16'],
    },
    ...changes,
  };
}

export const credential = {
  reference: Buffer.from('enb-00001'),
  secret: Buffer.from('correct horse battery'),
};

/** The plaintext that is sealed to the eNB of the scene unless a test changes it. */
export function sealingFor(scene: Scene, changes: Partial<Sealing> = {}): Sealing {
  return { recipient: scene.enb.certificate, credential, ...changes };
}

/** A good bundle for the eNB of the scene, or one with these changes to its configuration. */
export function bundleFor(scene: Scene, changes: Partial<Configuration> = {}): Promise<Uint8Array> {
  return makeBundle(configurationFor(scene, changes), sealingFor(scene), scene.signing);
}

/** Signs any content as a bundle is signed. */
export function signContent(
  content: string | Uint8Array,
  { signer, intermediates, crls }: Signing,
  signingTime = now,
): Promise<Uint8Array> {
  return signData(Buffer.from(content), signer, signingTime, intermediates, crls);
}

/** The plaintext of a sealed part that matches the configuration and signer, as members to change. */
export function sealedMembers(configuration: Configuration, { signer }: Signing) {
  const { bundleId, sequence, enb } = configuration;
  return {
    format: 'siteseal-sealed/1',
    bundleId,
    hwType: enb.hwType,
    serialNumber: enb.serialNumber,
    sequence,
    signerSpkiSha256: signerSpkiSha256(signer.certificate),
    outerSha256: outerSha256(configuration),
    credential: { reference: 'enb-00001', secret: 'correct horse battery' },
  };
}

/** A bundle of the scene with any bytes as the plaintext of its sealed part. */
export function bundleAround(
  scene: Scene,
  configuration: Configuration,
  plaintext: string | Uint8Array,
): Promise<Uint8Array> {
  const sealed = sealAuthEnvelopedData(Buffer.from(plaintext), scene.enb.certificate);
  return signContent(JSON.stringify({ ...configuration, sealed: base64Of(sealed) }), scene.signing);
}

export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** The context of an eNB that knows everything: clock, key, certificate, sequence number. */
export function contextFor(scene: Scene, changes: Partial<AcceptanceContext> = {}): AcceptanceContext {
  return {
    vendorRoots: [scene.vendor.root.certificate],
    clock,
    enb: { ...identity, certificate: scene.enb.certificate },
    enbKey: scene.enb.key,
    lastEpoch: 0,
    lastSequence: 3,
    ...changes,
  };
}

export function judge(bytes: Uint8Array, scene: Scene, changes: Partial<AcceptanceContext> = {}): Acceptance {
  return judgeBundle(new Bundle(bytes), contextFor(scene, changes));
}

/** The checks in one line each: the code, and `true`, `false`, or why the eNB skipped it. */
export function answers({ checks }: Acceptance): Readonly<Record<AcceptanceCode, string>> {
  return Object.fromEntries(
    checks.map((check) => [check.code, check.ok === null ? check.why : String(check.ok)]),
  ) as Record<AcceptanceCode, string>;
}

/** The answers to a good bundle without CRLs, from an eNB that knows everything. */
export const goodAnswers: Readonly<Record<AcceptanceCode, string>> = {
  ...(Object.fromEntries(acceptanceCodes.map((code) => [code, 'true'])) as Record<AcceptanceCode, string>),
  'signer-revoked': 'not-given',
};

/** The answers where one failed check prevented everything from one code on. */
export function prevented(
  from: AcceptanceCode,
  by: AcceptanceCode,
): Readonly<Partial<Record<AcceptanceCode, string>>> {
  const codes = acceptanceCodes.slice(acceptanceCodes.indexOf(from));
  return Object.fromEntries(codes.map((code) => [code, `prevented-by:${by}`]));
}

/** The root cause of a failed check: its rule, or its code if it has no rule. */
export function causeOf({ checks }: Acceptance, code: AcceptanceCode): string | undefined {
  const check = checks.find((one) => one.code === code);
  if (check?.ok !== false) return undefined;
  const cause = rootFault(check.detail);
  return cause.rule ?? cause.code;
}

export interface CrlContents {
  readonly revoked?: readonly KeyPair[];
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date;
  readonly number?: number;
}

/** A CRL (RFC 5280 section 5) of a CA with an EC key on P-256, in force at `now` by default. */
export function issueCrl(issuer: KeyPair, contents: CrlContents = {}): Crl {
  const {
    revoked = [],
    thisUpdate = new Date('2026-11-14T00:00:00Z'),
    nextUpdate = new Date('2026-12-14T00:00:00Z'),
    number = 1,
  } = contents;
  const algorithm = der.sequence(der.oid(oids.ecdsaWithSha256));
  const entries = revoked.map(({ certificate }) =>
    der.sequence(der.element(0x02, Buffer.from(certificate.serialNumber, 'hex')), der.time(thisUpdate)),
  );
  const tbs = der.sequence(
    der.integer(1),
    algorithm,
    issuer.certificate.subject.der,
    der.time(thisUpdate),
    der.time(nextUpdate),
    ...(entries.length > 0 ? [der.sequence(...entries)] : []),
    der.explicit(
      0,
      der.sequence(der.sequence(der.oid(oids.crlNumber), der.octetString(der.integer(number)))),
    ),
  );
  const parsed = parseCrl(der.sequence(tbs, algorithm, der.bitString(sign('sha256', tbs, issuer.key))));
  assert(parsed.ok);
  return parsed.value;
}

/** A bundle as the subject of a receipt. */
export function subjectOf(bundle: Uint8Array): ReceiptSubject {
  const subject = receiptSubject(new Bundle(bundle));
  assert(subject.ok);
  return subject.value;
}

/** A challenge like the tool's. */
export function makeChallenge(): string {
  return randomBytes(32).toString('base64');
}
