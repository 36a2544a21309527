import type { AcceptanceCode, Configuration } from '../../main/bundle/index.ts';
import { makeBundle } from '../../main/bundle/index.ts';
import { signData } from '../../main/cms/index.ts';
import { signerWithKey } from '../../main/keys/index.ts';
import type { KeyPair } from '../../main/lab/index.ts';
import type { Certificate, Crl } from '../../main/pki/index.ts';
import { enbIdentity, type World } from './world.ts';
import type { VectorContext } from './vector.ts';

/** A vector before it is written. Its expected result is stated here, by hand. */
export interface Case {
  /** The name of its file. */
  readonly name: string;
  /** What it shows, as a phrase. */
  readonly shows: string;
  readonly bundle: Uint8Array;
  /** The codes that must be false; empty when the bundle must be accepted. */
  readonly fails: readonly AcceptanceCode[];
  readonly at?: Date;
  /** The differences from an eNB that knows everything. */
  readonly context?: { readonly [Name in keyof VectorContext]?: VectorContext[Name] | undefined };
}

export const sequence = 7;
export const credential = { reference: 'enb-00001', secret: 'a secret that everybody knows' };

/** A valid configuration for an eNB of the world. */
export function configurationFor(
  { enbs, operatorRoot }: World,
  changes: Partial<Configuration> = {},
  serialNumber: keyof World['enbs'] = 'LAB0001',
): Configuration {
  const sha256 = enbs[serialNumber].certificate.sha256;
  return {
    format: 'siteseal-configuration/1',
    bundleId: '7d3c6b0e-6f0a-4c35-9a5e-1f2b3c4d5e6f',
    sequence,
    issuedAt: '2026-11-10T09:30:00Z',
    notBefore: '2026-11-01T00:00:00Z',
    notAfter: '2099-06-30T00:00:00Z',
    training: true,
    enb: { ...enbIdentity(serialNumber), certificateSha256: sha256 },
    site: { id: 'T0001', name: 'Training site 1' },
    operator: { name: 'Lab Operator', plmn: '00101' },
    operatorRootCertificates: [Buffer.from(operatorRoot.certificate.der).toString('base64')],
    enrolment: {
      protocol: 'cmpv2',
      url: 'http://ra.pki.example:8080/pkix/',
      caName: 'C=FI,O=Lab Operator,CN=Lab RA',
      subject: `CN=${serialNumber}`,
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

/** The same, for an eNB that proves its identity with its vendor certificate and gets no credential. */
export function openConfiguration(world: World, changes: Partial<Configuration> = {}): Configuration {
  const configuration = configurationFor(world);
  return {
    ...configuration,
    enrolment: { ...configuration.enrolment, protection: 'vendor-certificate' },
    ...changes,
  };
}

export function keyOf({ key, certificate }: KeyPair, ...chain: readonly Certificate[]) {
  const opened = signerWithKey(key, [certificate, ...chain]);
  if (!opened.ok) throw new Error(opened.fault.code);
  return opened.value;
}

/** What signs a bundle, other than the configuration key of the world. */
export interface Signing {
  readonly signer?: KeyPair;
  readonly intermediates?: readonly Certificate[];
  readonly crls?: readonly Crl[];
}

/** Signs any text as a bundle is signed. */
export function signText(
  world: World,
  content: string | Uint8Array,
  signing: Signing = {},
): Promise<Uint8Array> {
  const { signer = world.configuration, crls = [] } = signing;
  const intermediates = signing.intermediates ?? [world.vendor.issuing.certificate];
  return signData(Buffer.from(content), keyOf(signer), new Date('2026-11-10T09:30:00Z'), intermediates, crls);
}

/** A bundle with the credential sealed to its eNB. */
export function sealedBundle(
  world: World,
  configuration: Configuration,
  signing: Signing = {},
): Promise<Uint8Array> {
  const { signer = world.configuration, crls = [] } = signing;
  const intermediates = signing.intermediates ?? [world.vendor.issuing.certificate];
  const { certificate: recipient } = world.enbs[configuration.enb.serialNumber as keyof World['enbs']];
  const { reference, secret } = credential;
  return makeBundle(
    configuration,
    { recipient, credential: { reference: Buffer.from(reference), secret: Buffer.from(secret) } },
    { signer: keyOf(signer), intermediates, crls },
  );
}
