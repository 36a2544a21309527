import { configurationFormat, type Configuration } from '../bundle/index.ts';
import { toSeconds, type Certificate, type EnbIdentity } from '../pki/index.ts';
import type { RowPlan } from './check-row.ts';
import { securityGateways } from './gateways.ts';
import { splitList } from './inventory-columns.ts';
import type { InventoryRow } from './inventory.ts';
import { enrolmentNames, type Profile } from './profile.ts';

/** What distinguishes this bundle from other bundles for the same eNB. */
export interface Issue {
  readonly bundleId: string;
  readonly sequence: number;
  readonly issuedAt: Date;
}

/** The eNB of a checked row. */
export interface ConfiguredEnb {
  readonly enb: EnbIdentity;
  readonly protection: RowPlan['protection'];
  /** The eNB's certificate, if known. */
  readonly certificate?: Pick<Certificate, 'sha256'> | undefined;
}

/** Combines a checked row and the profile into the configuration of one eNB, without the sealed part. */
export function toConfiguration(
  { cells }: InventoryRow,
  { enb, protection, certificate }: ConfiguredEnb,
  profile: Profile,
  { bundleId, sequence, issuedAt }: Issue,
): Configuration {
  const { document, encodedRoots, training } = profile;
  const { subject, subjectAltNames } = enrolmentNames(profile, enb.serialNumber);
  const { dns, renewAt } = document.enrolment;
  const { identity, ...initialIpsec } = document.initialIpsec;
  return {
    format: configurationFormat,
    bundleId,
    sequence,
    issuedAt: toSeconds(issuedAt),
    notBefore: cells.valid_from,
    notAfter: cells.valid_until,
    training,
    enb: { ...enb, ...(certificate && { certificateSha256: certificate.sha256 }) },
    site: { id: cells.site_id, name: cells.site_name },
    operator: { name: document.name, plmn: document.plmn },
    operatorRootCertificates: [...encodedRoots],
    enrolment: {
      protocol: 'cmpv2',
      url: cells.ra_url,
      caName: cells.ra_name,
      subject,
      ...(subjectAltNames.length > 0 && { subjectAltNames: [...subjectAltNames] }),
      protection,
      ...(dns && { dns }),
      renewAt,
    },
    backhaul: {
      address: toAddress(cells.outer_ip, cells.outer_gateway),
      ...(cells.vlan !== '' && { vlan: Number(cells.vlan) }),
      mtu: Number(cells.mtu),
      dns: [...splitList(cells.dns)],
      ntp: [...splitList(cells.ntp)],
      ...(cells.ike_identity !== '' && { ikeIdentity: cells.ike_identity }),
    },
    securityGateways: [...securityGateways(profile, cells)],
    // `dn` is left out, because eNBs with older software refuse the member.
    initialIpsec: { ...initialIpsec, ...(identity === 'fqdn' && { identity }) },
  };
}

function toAddress(outerIp: string, gateway: string): Configuration['backhaul']['address'] {
  if (outerIp === 'dhcp') return { method: 'dhcp' };
  return outerIp.includes(':')
    ? { method: 'static', ipv6: outerIp, gateway }
    : { method: 'static', ipv4: outerIp, gateway };
}
