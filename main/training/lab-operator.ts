import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  issue,
  labCertificates,
  labHardwareType as hwType,
  makeConfigurationKey,
  makeEnb,
  makeOfficeKeyFiles,
  makeOperatorRoot,
  makeVendor,
  officeFiles,
  openCaMaterial,
  standInPort,
  type CaMaterial,
  type KeyPair,
  type LabOptions,
} from '../lab/index.ts';
import { makeFolder, writeFileAtomically } from '../files/index.ts';
import { certificatesToPem, toSeconds, type Certificate, type EnbIdentity } from '../pki/index.ts';
import { refused, ok, type Result } from '../faults/index.ts';
import type { LabGatewayFiles } from './lab-gateway.ts';
import type { LabEnbRequest } from './lab-enb.ts';
import type { LabRaCaRequest } from './lab-ra-ca.ts';

/** The RA/CA in the bundles, behind the gateways, and its name. The gateways lead to wherever the lab's RA/CA listens. */
export const raHost = '10.20.0.10:8080';
/** The RA/CA in bundles of a training from before there were gateways. Its eNBs enrol without a tunnel. */
const olderRaHost = 'ra.pki.example:8080';
const raName = 'C=FI,O=Lab Operator,CN=Lab RA';

const otherOperator = 'Other Operator';

/** The gateways of the operator, and what is behind them: for both the network of the RA/CA. */
export const labGateways = [
  {
    role: 'initial',
    address: 'seg1.backhaul.example',
    outer: '192.0.2.1',
    subnets: ['10.20.0.0/24'],
    pool: '10.99.1.0/24',
  },
  {
    role: 'traffic',
    address: 'seg2.backhaul.example',
    outer: '192.0.2.2',
    subnets: ['10.20.0.0/24', '10.30.0.0/16'],
    pool: '10.99.2.0/24',
  },
] as const;

const day = 24 * 3600_000;

/** What starts the RA/CA of a lab operator on this computer, on a free port. */
export type LabOperatorRaCa = Omit<LabRaCaRequest, 'onAnswered' | 'onError' | 'isForgetful'>;

/** The files of a lab operator and its vendor: what an operator has, and what the factory puts into the eNBs. */
export interface LabOperator {
  readonly folder: string;
  readonly profile: string;
  readonly inventory: string;
  readonly vendorRoot: string;
  readonly enbs: readonly EnbIdentity[];
  /** The eNBs and their credentials, as the RA/CA knows them. */
  readonly registrations: string;
  readonly raCa: LabOperatorRaCa;
  readonly gateways: readonly LabGatewayFiles[];
  /** Everything needed to start the eNB on this computer, on a free port. */
  enbRequest(enb: EnbIdentity): LabEnbRequest;
}

/** The paths of a lab operator's files, whether or not they exist yet. */
export function labOperator(folder: string, serialNumbers: readonly string[]): LabOperator {
  return {
    folder,
    profile: join(folder, 'operator.json'),
    inventory: join(folder, 'inventory.csv'),
    vendorRoot: join(folder, 'vendor-root.pem'),
    enbs: serialNumbers.map((serialNumber) => ({ hwType, serialNumber })),
    registrations: join(folder, 'registrations.json'),
    raCa: {
      state: join(folder, 'ra-ca'),
      registrations: [join(folder, 'registrations.json')],
      vendorRoots: [join(folder, 'vendor-root.pem')],
      untrusted: [join(folder, 'vendor-issuing.pem')],
      name: raName,
      host: '127.0.0.1',
      port: 0,
      validity: 365 * day,
      polls: 0,
    },
    gateways: labGateways.map(({ role, address }) => ({
      ...{ role, address },
      credential: credentialFiles(folder, address),
      other: credentialFiles(folder, `other-${address}`),
      roots: [join(folder, role === 'initial' ? 'vendor-root.pem' : 'operator-root.pem')],
      untrusted: role === 'initial' ? [join(folder, 'vendor-issuing.pem')] : [],
    })),
    enbRequest: ({ serialNumber }) => ({
      identity: join(folder, `${serialNumber}.pem`),
      key: join(folder, `${serialNumber}.key`),
      chain: join(folder, 'vendor-issuing.pem'),
      vendorRoot: join(folder, 'vendor-root.pem'),
      host: '127.0.0.1',
      port: 0,
      state: join(folder, `enb-${serialNumber}`),
      ipsec: { kind: 'stand-in' },
    }),
  };
}

function credentialFiles(folder: string, name: string): LabGatewayFiles['credential'] {
  return {
    certificates: join(folder, 'gateways', `${name}.pem`),
    key: join(folder, 'gateways', `${name}.key`),
  };
}

/** Makes the keys, certificates, profile and inventory of a lab operator. All are marked as training. */
export async function makeLabOperator(
  operator: LabOperator,
  now: Date,
  passphrase: string,
): Promise<Result<void>> {
  const { folder, profile, inventory, enbs, raCa } = operator;
  makeFolder(folder, 0o700);
  makeFolder(raCa.state, 0o700);
  const pki = await openCaMaterial({ folder: raCa.state, ca: undefined, name: raName, now });
  if (!pki.ok) return refused(pki.fault);
  const options = optionsAt(now);
  const vendor = await makeVendor('Lab Vendor', options);
  const serials = enbs.map(({ serialNumber }) => ({
    kind: 'exact' as const,
    serial: Buffer.from(serialNumber),
  }));
  const authorisation = { epoch: 0, devices: [{ hwType, serials }] };
  const configuration = await makeConfigurationKey(vendor, 'Lab Operator', authorisation, options);
  const writeCertificate = (name: string, certificate: Certificate) =>
    writeFileAtomically(join(folder, name), Buffer.from(certificatesToPem([certificate])));
  const writeKey = (name: string, { key }: KeyPair, encryption: object) => {
    const pem = key.export({ format: 'pem', type: 'pkcs8', ...encryption });
    writeFileAtomically(join(folder, name), Buffer.from(pem), 0o600);
  };
  writeCertificate('vendor-root.pem', vendor.root.certificate);
  writeCertificate('vendor-issuing.pem', vendor.issuing.certificate);
  writeCertificate('operator-root.pem', pki.value.root);
  writeCertificate('configuration.pem', configuration.certificate);
  writeKey('configuration.key', configuration, { cipher: 'aes-256-cbc', passphrase });
  for (const enb of enbs) {
    const made = await makeEnb(vendor, enb, options);
    writeCertificate(`${enb.serialNumber}.pem`, made.certificate);
    writeKey(`${enb.serialNumber}.key`, made, {});
  }
  const encryption = Buffer.from(passphrase);
  const office = await makeOfficeKeyFiles(folder, 'Lab Operator', pki.value.ca, encryption, options);
  encryption.fill(0);
  if (!office.ok) return office;
  await makeGateways(operator, pki.value, options);
  writeFileAtomically(inventory, Buffer.from(inventoryText(enbs, now)), 0o600);
  // The profile is written last: if it exists, everything that it names exists too.
  writeFileAtomically(profile, Buffer.from(JSON.stringify(profileDocument, undefined, 2)));
  return ok(undefined);
}

/** Makes the gateways of a training that is older than they are. */
export async function addGateways(operator: LabOperator, now: Date): Promise<Result<void>> {
  if (operator.gateways.every(({ other }) => existsSync(other.certificates))) return ok(undefined);
  const pki = await openCaMaterial({ folder: operator.raCa.state, ca: undefined, name: raName, now });
  if (!pki.ok) return refused(pki.fault);
  await makeGateways(operator, pki.value, optionsAt(now));
  return ok(undefined);
}

/** Makes the gateways' keys and certificates, and for a fault of training those of another operator's gateways. */
async function makeGateways(
  { folder, gateways }: LabOperator,
  { ca, chain }: CaMaterial,
  options: LabOptions,
): Promise<void> {
  makeFolder(join(folder, 'gateways'), 0o700);
  const otherRoot = await makeOperatorRoot(otherOperator, options);
  for (const { address, credential, other } of gateways) {
    await writeGateway(credential, address, 'Lab Operator', [ca, ...chain], options);
    await writeGateway(other, address, otherOperator, [otherRoot], options);
  }
}

async function writeGateway(
  files: LabGatewayFiles['credential'],
  address: string,
  company: string,
  [issuer, ...above]: readonly [KeyPair, ...Certificate[]],
  options: LabOptions,
): Promise<void> {
  const { key, certificate } = await issue(labCertificates.gateway(company, address, options), issuer);
  writeFileAtomically(files.key, Buffer.from(key.export({ format: 'pem', type: 'pkcs8' })), 0o600);
  const chain = [certificate, issuer.certificate, ...above];
  writeFileAtomically(files.certificates, Buffer.from(certificatesToPem(chain)));
}

function optionsAt(now: Date): LabOptions {
  return {
    keyKind: 'P-256',
    training: true,
    notBefore: new Date(now.getTime() - day),
    notAfter: new Date(now.getTime() + 3650 * day),
  };
}

/** The ports of this computer where the lab's RA/CA and gateways listen. Asked at each connection. */
export interface LabPorts {
  raCa(): number;
  /** What answers in the RA/CA's place outside the tunnels, where it is silent. */
  outside(): number;
  gateway(address: string): number;
}

/** Leads an eNB of the lab to the gateways, and outside them to silence. */
export function connectToLab(ports: LabPorts): NonNullable<LabEnbRequest['connectTo']> {
  const here = (port: number) => `127.0.0.1:${port}`;
  const [initial, traffic] = labGateways;
  return {
    get [raHost]() {
      return here(ports.outside());
    },
    get [olderRaHost]() {
      return here(ports.raCa());
    },
    get [`${initial.address}:${standInPort}`]() {
      return here(ports.gateway(initial.address));
    },
    get [`${traffic.address}:${standInPort}`]() {
      return here(ports.gateway(traffic.address));
    },
  };
}

/** The profile of the lab's operator, over the names of its files. */
export const profileDocument = {
  name: 'Lab Operator',
  plmn: '00101',
  operatorRootCertificates: ['operator-root.pem'],
  securityGateways: Object.fromEntries(
    labGateways.map(({ address, subnets }) => [address, { remoteSubnets: subnets }]),
  ),
  officeKey: { pkcs8: officeFiles.key, certificates: [officeFiles.certificates] },
  vendors: {
    'lab-vendor': {
      rootCertificates: ['vendor-root.pem'],
      intermediates: ['vendor-issuing.pem'],
      configurationKey: { pkcs8: 'configuration.key', certificates: ['configuration.pem'] },
    },
  },
};

function inventoryText(enbs: readonly EnbIdentity[], now: Date): string {
  const rows = enbs.map(({ serialNumber }, index) => ({
    site_id: `T${String(index + 1).padStart(4, '0')}`,
    site_name: `Training site ${index + 1}`,
    vendor: 'lab-vendor',
    enb_serial: serialNumber,
    enb_certificate: `${serialNumber}.pem`,
    plmn: '00101',
    ra_url: `http://${raHost}/pkix/`,
    ra_name: `"${raName}"`,
    seg_initial: labGateways[0].address,
    seg_traffic: labGateways[1].address,
    outer_ip: 'dhcp',
    outer_gateway: '',
    vlan: '101',
    mtu: '1400',
    dns: '198.51.100.53',
    ntp: 'ntp.backhaul.example',
    credential_reference: `enb-${serialNumber}`,
    credential_secret: randomBytes(16).toString('hex'),
    valid_from: toSeconds(now),
    valid_until: toSeconds(new Date(now.getTime() + 365 * day)),
  }));
  const header = Object.keys(rows[0] ?? {}).join(',');
  return [header, ...rows.map((row) => Object.values(row).join(',')), ''].join('\n');
}
