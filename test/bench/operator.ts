import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePem } from '../../main/asn1/index.ts';
import {
  generateKey,
  issueCertificate,
  makeConfigurationKey,
  makeOperatorRoot,
  makeVendor,
  type KeyKind,
  type KeyPair,
  type LabOptions,
} from '../kit/issue-certificate.ts';
import type { Certificate, EnbIdentity } from '../../main/pki/index.ts';
import { profileDocument } from '../../main/training/lab-operator.ts';

/** The kind of an operator's keys, and its number of eNBs. */
export interface OperatorKind {
  readonly enbKey: Extract<KeyKind, 'P-256' | 'RSA-2048'>;
  /** The operator configuration key, and those of the CAs. */
  readonly configurationKey: Extract<KeyKind, 'P-256' | 'RSA-3072'>;
  readonly enbs: number;
}

/** An operator of the lab with everything that `prepare` and `prepare.sh` need, in files. */
export interface Operator {
  readonly folder: string;
  readonly inventory: string;
  readonly profile: string;
  /** Of the configuration key in its file. */
  readonly passphrase: string;
  /** The vendor's CA that issued the certificates of the eNBs. */
  readonly issuer: KeyPair;
  readonly configuration: KeyPair;
  readonly enbs: readonly Certificate[];
}

/** The hardware type of every eNB, under the documentation's own enterprise number (RFC 5612). */
export const hwType = '1.3.6.1.4.1.32473.7.1';

const passphrase = 'benchmark';
const day = 24 * 3600_000;

/**
 * The eNBs share a few keys, which take long to make. Each has a separate certificate, because certificates are
 * processed.
 */
const sharedKeys = 4;

/** Makes an operator in an empty folder. */
export function makeOperator(
  folder: string,
  { enbKey, configurationKey, enbs: count }: OperatorKind,
): Operator {
  const now = Date.now();
  const lab: LabOptions = {
    keyKind: configurationKey,
    training: true,
    notBefore: new Date(now - day),
    notAfter: new Date(now + 3650 * day),
  };
  const serials = Array.from({ length: count }, (_, index) => `LAB${String(index).padStart(5, '0')}`);
  const scope = { kind: 'range', low: Buffer.from('LAB00000'), high: Buffer.from('LAB99999') } as const;
  const vendor = makeVendor('Lab Vendor', lab);
  const configuration = makeConfigurationKey(
    vendor,
    'Lab Operator',
    { epoch: 0, devices: [{ hwType, serials: [scope] }] },
    lab,
  );

  const write = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const writeCertificate = (name: string, { der }: Certificate) => write(name, encodePem('CERTIFICATE', der));
  writeCertificate('vendor-root.pem', vendor.root.certificate);
  writeCertificate('vendor-issuing.pem', vendor.issuing.certificate);
  writeCertificate('operator-root.pem', makeOperatorRoot('Lab Operator', lab).certificate);
  writeCertificate('configuration.pem', configuration.certificate);
  const protection = { cipher: 'aes-256-cbc', passphrase } as const;
  write(
    'configuration.key',
    String(configuration.key.export({ format: 'pem', type: 'pkcs8', ...protection })),
  );
  write('configuration-open.key', String(configuration.key.export({ format: 'pem', type: 'pkcs8' })));

  mkdirSync(join(folder, 'enb'));
  const keys = Array.from({ length: sharedKeys }, () => generateKey(enbKey));
  const enbs = serials.map((serialNumber, index) => {
    const key = keys[index % sharedKeys] ?? generateKey(enbKey);
    const certificate = issueCertificate(
      enbContents({ hwType, serialNumber }, enbKey, lab),
      key,
      vendor.issuing,
    );
    writeCertificate(`enb/${serialNumber}.pem`, certificate);
    return certificate;
  });
  return {
    folder,
    inventory: write('inventory.csv', inventory(serials, now)),
    profile: write(
      'operator.json',
      JSON.stringify({ ...profileDocument, officeKey: undefined, initialIpsec: {} }, undefined, 2),
    ),
    passphrase,
    issuer: vendor.issuing,
    configuration,
    enbs,
  };
}

function enbContents(enb: EnbIdentity, keyKind: KeyKind, { notBefore, notAfter, training }: LabOptions) {
  const { serialNumber } = enb;
  const establishment = keyKind.startsWith('RSA') ? 'keyEncipherment' : 'keyAgreement';
  return {
    subject: `O=Lab,OU=eNB,serialNumber=${serialNumber},CN=enb-${serialNumber.toLowerCase()}`,
    keyUsage: ['digitalSignature', establishment] as const,
    enb,
    notBefore,
    notAfter,
    training,
  };
}

/** No cell is quoted: `prepare.sh` reads the same file and splits it at the commas. */
function inventory(serials: readonly string[], now: number): string {
  const header =
    'site_id,site_name,vendor,enb_serial,enb_certificate,plmn,ra_url,ra_name,seg_initial,seg_traffic,outer_ip,' +
    'outer_gateway,vlan,mtu,dns,ntp,credential_reference,credential_secret,valid_from,valid_until';
  const time = (at: number) => new Date(at).toISOString().replace(/\.\d+/, '');
  const rows = serials.map((serial, index) =>
    [
      `S${String(index).padStart(5, '0')}`,
      `Training site ${index}`,
      'lab-vendor',
      serial,
      `enb/${serial}.pem`,
      '00101',
      'http://ra.pki.example:8080/pkix/',
      'CN=Lab RA',
      'seg1.backhaul.example',
      'seg2.backhaul.example;198.51.100.22',
      `10.${2 + (index >> 16)}.${(index >> 8) & 0xff}.${index & 0xff}/8`,
      '10.1.0.1',
      '101',
      '1400',
      '198.51.100.53;2001:db8::53',
      'ntp.backhaul.example',
      `enb-${serial}`,
      randomBytes(16).toString('hex'),
      time(now),
      time(now + 90 * day),
    ].join(','),
  );
  return [header, ...rows, ''].join('\n');
}
