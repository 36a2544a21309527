import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { labHardwareType } from '../lab/index.ts';
import { toSeconds } from '../pki/index.ts';
import { gatewayNames, raHost, raName, type LabFiles } from './lab-files.ts';
import { addresses } from './network.ts';
import { raCaPort, type Scene } from './scenes.ts';

const day = 24 * 3_600_000;

/** The operator's profile for a scene, over absolute paths. */
export function profileOf(scene: Scene, files: LabFiles): object {
  const root = join(scene.hasOtherRoot ? files.otherOperator : files.operator, 'operator-root.pem');
  const behind = [addresses.coreNetwork, ...(scene.raCa?.at === 'open' ? [`${addresses.open}/32`] : [])];
  const initial = {
    identity: gatewayNames[scene.seg1?.isExpired ? 'expired' : 'seg1'],
    remoteSubnets: behind,
  };
  return {
    name: 'Lab Operator',
    plmn: '00101',
    operatorRootCertificates: [root],
    enrolment: {
      protection: scene.protection ?? 'mac',
      ...(scene.raCa?.resolvesTo && { dns: [addresses.core] }),
    },
    initialIpsec: { required: needsTunnel(scene) },
    securityGateways: {
      [addresses.seg1]: initial,
      [addresses.silent]: initial,
      [addresses.seg2]: { identity: gatewayNames.seg2, remoteSubnets: ['0.0.0.0/0'] },
    },
    vendors: {
      'lab-vendor': {
        rootCertificates: [files.of('vendorRoot')],
        intermediates: [files.of('vendorIssuing')],
        configurationKey: {
          pkcs8: join(files.operator, 'configuration.key'),
          certificates: [join(files.vendor, 'configuration.pem')],
        },
      },
    },
  };
}

/** Whether the eNB must enrol inside the first tunnel. */
export function needsTunnel(scene: Scene): boolean {
  return scene.needsTunnel ?? true;
}

/** The inventory of a scene: one eNB. The secret is made here, and is nowhere but in the files that carry it. */
export function inventoryOf(
  scene: Scene,
  serialNumber: string,
  files: LabFiles,
  now: Date,
  secret: string,
): string {
  const hasCredential = (scene.protection ?? 'mac') === 'mac';
  const { at = 'core', resolvesTo } = scene.raCa ?? {};
  const host = resolvesTo === undefined ? addresses[at] : raHost;
  const row: Readonly<Record<string, string>> = {
    site_id: serialNumber,
    site_name: `Lab run ${scene.name}`,
    vendor: 'lab-vendor',
    enb_serial: serialNumber,
    // An eNB without a credential need not be known: its bundle has nothing that only it may read.
    enb_certificate: hasCredential ? join(files.vendor, `${serialNumber}.pem`) : '',
    enb_hw_type: hasCredential ? '' : labHardwareType,
    plmn: '00101',
    ra_url: `http://${host}:${raCaPort}/pkix/`,
    ra_name: `"${raName}"`,
    seg_initial: (scene.initial ?? ['seg1']).map((name) => addresses[name]).join(';'),
    seg_traffic: addresses.seg2,
    outer_ip: `${addresses.site}/24`,
    outer_gateway: addresses.seg1,
    vlan: '',
    mtu: '1400',
    dns: addresses.core,
    ntp: addresses.core,
    credential_reference: hasCredential ? `enb-${serialNumber}` : '',
    credential_secret: hasCredential ? secret : '',
    // From hours ago, so that an eNB whose clock is behind accepts it.
    valid_from: toSeconds(new Date(now.getTime() - day / 2)),
    valid_until: toSeconds(new Date(now.getTime() + 365 * day)),
  };
  return `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}\n`;
}

/** A new secret. */
export function newSecret(): string {
  return randomBytes(16).toString('hex');
}
