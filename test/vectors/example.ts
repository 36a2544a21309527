import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCore, prepareBundles, systemSurroundings, unlockWith } from '../../main/core/index.ts';
import { sealedSchema, type Configuration } from '../../main/bundle/index.ts';
import { openAuthEnvelopedData, parseSignedData } from '../../main/cms/index.ts';
import { ok } from '../../main/faults/index.ts';
import { canonicalise, type JsonObject } from '../../main/json/index.ts';
import { ReferenceEnb } from '../../main/lab/index.ts';
import { keyPem, passphrase, type World } from './world.ts';
import { credential } from './case.ts';
import { vectorsFolder } from './vector.ts';

/** When the bundles of the example were made, and when the eNB answered. */
const made = new Date('2026-11-10T09:30:00Z');
const delivered = new Date('2026-11-15T12:00:00Z');

/** The challenge of the example's receipt: the bytes 0 to 31. */
export const challenge = Buffer.from(Uint8Array.from({ length: 32 }, (_, index) => index)).toString('base64');

export const exampleProfile = {
  name: 'Lab Operator',
  plmn: '00101',
  operatorRootCertificates: ['../keys/operator-root.crt'],
  securityGateways: { 'seg1.backhaul.example': { remoteSubnets: ['0.0.0.0/0', '::/0'] } },
  vendors: {
    'lab-vendor': {
      rootCertificates: ['../keys/vendor-root.crt'],
      intermediates: ['../keys/vendor-issuing.crt'],
      configurationKey: { pkcs8: '../keys/configuration.key', certificates: ['../keys/configuration.crt'] },
    },
  },
};

/** The inventory: one eNB with an EC key, one with an RSA key. */
export function exampleInventory(): string {
  const cells = (site: number, serial: string) => ({
    site_id: `T000${site}`,
    site_name: `Training site ${site}`,
    vendor: 'lab-vendor',
    enb_serial: serial,
    enb_certificate: `../keys/${serial}.crt`,
    plmn: '00101',
    ra_url: 'http://ra.pki.example:8080/pkix/',
    ra_name: '"C=FI,O=Lab Operator,CN=Lab RA"',
    seg_initial: 'seg1.backhaul.example',
    seg_traffic: '198.51.100.22;seg2.backhaul.example',
    outer_ip: site === 1 ? '198.51.100.12/24' : 'dhcp',
    outer_gateway: site === 1 ? '198.51.100.1' : '',
    vlan: '101',
    mtu: '1400',
    dns: '198.51.100.53',
    ntp: 'ntp.backhaul.example',
    credential_reference: site === 1 ? credential.reference : 'enb-00002',
    credential_secret: site === 1 ? credential.secret : `${credential.secret} 2`,
    valid_from: '2026-11-01T00:00:00Z',
    valid_until: '2099-06-30T00:00:00Z',
  });
  const rows = [cells(1, 'LAB0001'), cells(2, 'LAB0002')];
  const header = Object.keys(rows[0] ?? {}).join(',');
  return [header, ...rows.map((row) => Object.values(row).join(',')), ''].join('\n');
}

/** The files of the example that `prepare` and an eNB make, by name. Its inventory, profile and keys are inputs. */
export async function makeExample(world: World): Promise<Readonly<Record<string, Uint8Array | string>>> {
  const folder = mkdtempSync(join(tmpdir(), 'vectors-'));
  try {
    const bundles = await prepareExample(folder);
    const bundle = bundles('LAB0001');
    const content = contentOf(bundle);
    const configuration = JSON.parse(content) as Configuration;
    const { sealed = '', ...outer } = configuration;
    const receipt = await makeReceipt(world, bundle, join(folder, 'enb'));
    return {
      'LAB0001.p7m': bundle,
      'LAB0002.p7m': bundles('LAB0002'),
      'LAB0001.content.txt': content,
      'LAB0001.outer.txt': canonicalise(outer as JsonObject),
      'LAB0001.sealed.der': Buffer.from(sealed, 'base64'),
      'LAB0001.plaintext.txt': open(Buffer.from(sealed, 'base64'), world),
      'LAB0001.receipt.p7m': receipt,
      'LAB0001.receipt.txt': contentOf(receipt),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function prepareExample(folder: string): Promise<(serial: string) => Buffer> {
  let ids = 0;
  const core = createCore({
    ...systemSurroundings(),
    now: () => made,
    newId: () => `3f1e0c5a-8d24-4b6e-9c71-00000000000${++ids}`,
    dataFolder: join(folder, 'data'),
  });
  const example = join(vectorsFolder, 'example');
  const report = await prepareBundles(
    core,
    {
      inventory: join(example, 'inventory.csv'),
      profile: join(example, 'operator.json'),
      out: join(folder, 'out'),
      skipBad: false,
      resume: false,
      dryRun: false,
    },
    {
      ...unlockWith(core, () => Promise.resolve(ok(Buffer.from(passphrase)))),
      onProgress: () => undefined,
      signal: new AbortController().signal,
    },
  );
  core.stores.close();
  if (!report.ok || report.value.made !== 2) throw new Error(`Not made: ${JSON.stringify(report)}`);
  return (serial) => readFileSync(join(folder, 'out', 'bundles', `${serial}.p7m`));
}

async function makeReceipt({ vendor, enbs }: World, bundle: Uint8Array, folder: string): Promise<Uint8Array> {
  const enb = ReferenceEnb.start({
    ...enbs.LAB0001,
    chain: [vendor.issuing.certificate],
    vendorRoot: vendor.root.certificate,
    folder,
    now: () => delivered,
  });
  if (!enb.ok) throw new Error(enb.fault.code);
  if (!enb.value.takeBundle(bundle).accepted) throw new Error('The eNB refuses the example');
  const receipt = await enb.value.makeReceipt({ challenge });
  if (!receipt) throw new Error('The eNB gives no receipt');
  return receipt;
}

function contentOf(message: Uint8Array): string {
  const parsed = parseSignedData(message);
  if (!parsed.ok) throw new Error(parsed.fault.code);
  return Buffer.from(parsed.value.content).toString();
}

function open(sealed: Uint8Array, { enbs }: World): Buffer {
  const opened = openAuthEnvelopedData(sealed, enbs.LAB0001.key, enbs.LAB0001.certificate);
  if (!opened.ok) throw new Error(opened.fault.code);
  sealedSchema.parse(JSON.parse(opened.value.toString()));
  return opened.value;
}

/** The key files: those of eNBs and CAs unencrypted, the configuration key in the form that an operator must keep. */
export function keyFiles({
  vendor,
  configuration,
  operatorRoot,
  enbs,
}: World): Readonly<Record<string, string>> {
  const pairs = {
    'vendor-root': vendor.root,
    'vendor-issuing': vendor.issuing,
    'operator-root': operatorRoot,
    ...enbs,
  };
  const cipher = { cipher: 'aes-256-cbc', passphrase } as const;
  return {
    ...Object.fromEntries(Object.entries(pairs).map(([name, pair]) => [`${name}.key`, keyPem(pair)])),
    'configuration.key': configuration.key.export({ format: 'pem', type: 'pkcs8', ...cipher }).toString(),
  };
}
