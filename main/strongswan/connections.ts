import type { KeyObject } from 'node:crypto';
import { isIP, isIPv6 } from 'node:net';
import { values } from '../bundle/index.ts';
import { nameFromText, type Certificate } from '../pki/index.ts';
import type { ViciMessage } from './vici-message.ts';

/** Seconds after which a silent peer is asked whether it is still there. */
const peerCheck = 10;

/** What one side shows to the other. */
export interface Credentials {
  readonly key: KeyObject;
  readonly certificate: Certificate;
  /** The certificates above it, sent along with it. */
  readonly chain: readonly Certificate[];
  /** A name that the certificate contains. Absent: its subject. */
  readonly identity?: string | undefined;
}

/** A connection from an eNB to a security gateway. */
export interface EnbConnection extends Credentials {
  /** The name of the connection and of its child. */
  readonly name: string;
  /** Where the gateway is. */
  readonly address: string;
  /** What the gateway must prove to be. Absent: anything, to learn what it is; nothing may be sent through such a tunnel. */
  readonly gatewayIdentity: string | undefined;
  /** The only anchors for the gateway's certificate. */
  readonly roots: readonly Certificate[];
  readonly remoteSubnets: readonly string[];
  readonly proposals: readonly string[];
  readonly espProposals: readonly string[];
  /** Absent: the gateway assigns one of each family that the subnets have. */
  readonly innerAddresses?: readonly string[] | undefined;
  readonly isChildless: boolean;
}

/** What a security gateway offers to eNBs. */
export interface SegConnection extends Credentials {
  /** Where it listens; empty: everywhere. */
  readonly addresses: readonly string[];
  /** The only anchors for the certificates of eNBs. */
  readonly roots: readonly Certificate[];
  /** What is behind it. */
  readonly subnets: readonly string[];
  readonly proposals: readonly string[];
  readonly espProposals: readonly string[];
  readonly isChildless: boolean;
}

/** The message of `load-conn` for an eNB. */
export function enbConnection(connection: EnbConnection): ViciMessage {
  const { name, address, gatewayIdentity, remoteSubnets, innerAddresses } = connection;
  const { proposals, espProposals, isChildless } = connection;
  return {
    [name]: {
      ...common,
      remote_addrs: [address],
      proposals,
      keyingtries: '1',
      childless: isChildless ? 'force' : 'never',
      ...(!isChildless && { vips: innerAddresses ?? anyOfEachFamily(remoteSubnets) }),
      local: local(connection),
      remote: {
        auth: 'pubkey',
        id: gatewayIdentity === undefined ? '%any' : identityText(gatewayIdentity),
        cacerts: connection.roots.map(({ der }) => der),
      },
      ...(!isChildless && {
        children: { [name]: { remote_ts: remoteSubnets, esp_proposals: espProposals } },
      }),
    },
  };
}

/** The name of the gateway's connection, and of its pools with `-4` and `-6` behind it. */
export const segConnectionName = 'enbs';

/** The message of `load-conn` for a gateway that has these pools. */
export function segConnection(connection: SegConnection, pools: readonly string[]): ViciMessage {
  const { addresses, subnets, proposals, espProposals, isChildless } = connection;
  return {
    [segConnectionName]: {
      ...common,
      local_addrs: addresses.length > 0 ? addresses : undefined,
      proposals,
      pools,
      childless: isChildless ? 'force' : 'allow',
      send_cert: 'always',
      local: local(connection),
      remote: { auth: 'pubkey', cacerts: connection.roots.map(({ der }) => der) },
      ...(!isChildless && {
        children: { [segConnectionName]: { local_ts: subnets, esp_proposals: espProposals } },
      }),
    },
  };
}

/**
 * `encap`: the ESP of kernel-libipsec travels in UDP only. `unique`: an older and a newer tunnel of the same eNB live
 * side by side. `mobike`: the addresses inside a tunnel are no other way to this eNB.
 */
const common: ViciMessage = {
  version: '2',
  encap: 'yes',
  mobike: 'no',
  unique: 'never',
  dpd_delay: `${peerCheck}s`,
};

function local({ certificate, identity }: Credentials): ViciMessage {
  return {
    auth: 'pubkey',
    certs: [certificate.der],
    id: identity === undefined ? distinguishedName(certificate.subject.der) : identityText(identity),
  };
}

function anyOfEachFamily(subnets: readonly string[]): readonly string[] {
  const isSix = (subnet: string) => isIPv6(subnet.split('/')[0] ?? '');
  return [...(subnets.every(isSix) ? [] : ['0.0.0.0']), ...(subnets.some(isSix) ? ['::'] : [])];
}

/**
 * An identity in strongSwan's notation, always with its kind in front: a bare text could be a pattern, such as `%any`,
 * that every certificate fulfils. A name with a value that strongSwan takes for a pattern becomes a key id, which no
 * certificate has.
 */
export function identityText(identity: string): string {
  if (isIP(identity) !== 0) return `${isIPv6(identity) ? 'ipv6' : 'ipv4'}:${identity}`;
  if (values.isHostName(identity)) return `fqdn:${identity}`;
  const name = nameFromText(identity);
  if (identity.includes('=') && name.ok && !hasWildcard(name.value.der))
    return distinguishedName(name.value.der);
  return `keyid:#${Buffer.from(identity).toString('hex')}`;
}

/** Whether a value of the name is a single asterisk, in any type of text with one byte a character. */
function hasWildcard(der: Uint8Array): boolean {
  return /[\x0c\x13\x14\x16]\x01\*/.test(Buffer.from(der).toString('latin1'));
}

function distinguishedName(der: Uint8Array): string {
  return `asn1dn:#${Buffer.from(der).toString('hex')}`;
}
