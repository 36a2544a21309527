import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  labHardwareType as hwType,
  makeConfigurationKey,
  makeEnb,
  makeVendor,
  openCaMaterial,
  type KeyPair,
  type LabOptions,
} from '../lab/index.ts';
import { makeFolder, writeFileAtomically } from '../files/index.ts';
import { certificatesToPem, toSeconds, type Certificate, type EnbIdentity } from '../pki/index.ts';
import { refused, ok, type Result } from '../faults/index.ts';
import type { LabEnbRequest } from './lab-enb.ts';
import type { LabRaCaRequest } from './lab-ra-ca.ts';

/** The RA/CA in the bundles, and its name. The eNBs are led to wherever the lab's RA/CA listens. */
const raHost = 'ra.pki.example:8080';
const raName = 'C=FI,O=Lab Operator,CN=Lab RA';

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
      registrations: join(folder, 'registrations.json'),
      vendorRoots: [join(folder, 'vendor-root.pem')],
      untrusted: [join(folder, 'vendor-issuing.pem')],
      name: raName,
      host: '127.0.0.1',
      port: 0,
      validity: 365 * day,
      polls: 0,
    },
    enbRequest: ({ serialNumber }) => ({
      identity: join(folder, `${serialNumber}.pem`),
      key: join(folder, `${serialNumber}.key`),
      chain: join(folder, 'vendor-issuing.pem'),
      vendorRoot: join(folder, 'vendor-root.pem'),
      host: '127.0.0.1',
      port: 0,
      state: join(folder, `enb-${serialNumber}`),
    }),
  };
}

/** Makes the keys, certificates, profile and inventory of a lab operator. All are marked as training. */
export async function makeLabOperator(
  { folder, profile, inventory, enbs, raCa }: LabOperator,
  now: Date,
  passphrase: string,
): Promise<Result<void>> {
  makeFolder(folder, 0o700);
  makeFolder(raCa.state, 0o700);
  const pki = await openCaMaterial({ folder: raCa.state, ca: undefined, name: raName, now });
  if (!pki.ok) return refused(pki.fault);
  const options: LabOptions = {
    keyKind: 'P-256',
    training: true,
    notBefore: new Date(now.getTime() - day),
    notAfter: new Date(now.getTime() + 3650 * day),
  };
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
  writeFileAtomically(inventory, Buffer.from(inventoryText(enbs, now)), 0o600);
  // The profile is written last: if it exists, everything that it names exists too.
  writeFileAtomically(profile, Buffer.from(JSON.stringify(profileDocument, undefined, 2)));
  return ok(undefined);
}

/** Leads an eNB of the lab to the RA/CA that listens on this port. The port is asked for at each message. */
export function connectToRaCa(port: () => number): LabEnbRequest['connectTo'] {
  return {
    get [raHost]() {
      return `127.0.0.1:${port()}`;
    },
  };
}

/** The profile of the lab's operator, over the names of its files. */
export const profileDocument = {
  name: 'Lab Operator',
  plmn: '00101',
  operatorRootCertificates: ['operator-root.pem'],
  // The lab has no security gateway yet, so its eNBs enrol without the tunnel.
  initialIpsec: { required: false },
  securityGateways: { 'seg1.backhaul.example': { remoteSubnets: ['0.0.0.0/0', '::/0'] } },
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
    seg_initial: 'seg1.backhaul.example',
    seg_traffic: 'seg2.backhaul.example',
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
