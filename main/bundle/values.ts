import { BlockList, isIP, isIPv6, SocketAddress } from 'node:net';

/**
 * The allowed values of a configuration. The same predicates check the inventory that a configuration is made from, and
 * the configuration that an eNB receives.
 */

/** An IPv4 address, or an IPv6 address without a scope. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

/** An eNB's addresses inside a tunnel: at most one of each family, and none that stands for any address. */
export function areInnerAddresses(addresses: readonly string[]): boolean {
  const families = new Set(addresses.map((address) => isIP(address)));
  return (
    families.size === addresses.length &&
    addresses.every((address) => isAddress(address) && !['0.0.0.0', '::'].includes(canonicalHost(address)))
  );
}

/**
 * A host name as in RFC 1123, in ASCII. Its last label is not all digits, so that a malformed address does not pass as
 * a name.
 */
export function isHostName(text: string): boolean {
  const labels = text.split('.');
  const isLabel = (label: string) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label);
  return text.length <= 253 && labels.every(isLabel) && !/^\d+$/.test(labels.at(-1) ?? '');
}

/** An address or a host name, without a port or brackets. */
export function isHost(text: string): boolean {
  return isAddress(text) || isHostName(text);
}

/** The canonical spelling of an address or host name: IPv6 as in RFC 5952, names in lower case. */
export function canonicalHost(text: string): string {
  return isIPv6(text) ? new SocketAddress({ address: text, family: 'ipv6' }).address : text.toLowerCase();
}

/** `address/prefix`. */
export function isAddressWithPrefix(text: string): boolean {
  return subnetOf(text) !== undefined;
}

interface Subnet {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

function subnetOf(text: string): Subnet | undefined {
  const [, address = '', digits = ''] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  if (!isAddress(address)) return undefined;
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  const prefix = Number(digits);
  return prefix <= (family === 'ipv6' ? 128 : 32) ? { address, prefix, family } : undefined;
}

/** Whether the address is inside one of the subnets, each `address/prefix`. */
export function isInSubnets(address: string, subnets: readonly string[]): boolean {
  return subnets.some((text) => {
    const subnet = subnetOf(text);
    return subnet !== undefined && isInSubnet(address, subnet);
  });
}

/** Whether every address of a subnet is inside another; both are `address/prefix`. */
export function isSubnetIn(inner: string, outer: string): boolean {
  const [within, around] = [subnetOf(inner), subnetOf(outer)];
  if (!within || !around) return false;
  return within.prefix >= around.prefix && isInSubnet(within.address, around);
}

function isInSubnet(address: string, subnet: Subnet): boolean {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (family !== subnet.family) return false; // Without this, BlockList would match an IPv4 address as IPv6 too.
  if (isMapped(address)) return false;
  if (family === 'ipv4') {
    // Most subnets are IPv4, and a BlockList takes ten times as long.
    const shift = 32 - subnet.prefix;
    return shift === 32 || toInteger(address) >>> shift === toInteger(subnet.address) >>> shift;
  }
  const list = new BlockList();
  list.addSubnet(subnet.address, subnet.prefix, family);
  return list.check(address, family);
}

/** Whether an IPv6 address stands for one of IPv4 (RFC 4291 section 2.5.5.2). What is sent to it leaves as IPv4. */
function isMapped(address: string): boolean {
  return /^::ffff:.*\./.test(canonicalHost(address));
}

/** An IPv4 address as 32 bits. */
function toInteger(address: string): number {
  return address.split('.').reduce((bits, octet) => (bits << 8) | Number(octet), 0);
}

/** Printable ASCII without a fragment, and without an at sign before the path or query. */
const plainUrl = /^https?:\/\/(?![^/?]*@)[\x21\x22\x24-\x7e]+$/i;

/** An absolute http or https URL without credentials or fragment (RFC 6712 section 3). */
export function isEnrolmentUrl(text: string): boolean {
  return plainUrl.test(text) && URL.canParse(text) && isHost(hostOf(new URL(text)));
}

/** The host of a URL. An IPv6 address loses its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** MCC and MNC: five or six digits. */
export function isPlmn(text: string): boolean {
  return /^\d{5,6}$/.test(text);
}

/** A VLAN identifier of IEEE 802.1Q. */
export function isVlan(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 4094;
}

/** A percentage of a certificate's life that leaves time to renew it. */
export function isRenewAt(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 95;
}

/** A link MTU in bytes: from the minimum for every IPv4 host to a jumbo frame. */
export function isMtu(value: number): boolean {
  return Number.isInteger(value) && value >= 576 && value <= 9216;
}

/** A proposal in strongSwan's notation: algorithms joined with hyphens. */
export function isProposal(text: string): boolean {
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text);
}

/** A requested alternative name: `dns:`, `ip:`, `email:` or `uri:`, then the value. */
export function isSubjectAltName(text: string): boolean {
  const [, form, value = ''] = /^(dns|ip|email|uri):([\x21-\x7e]+)$/.exec(text) ?? [];
  switch (form) {
    case 'dns':
      return isHostName(value);
    case 'ip':
      return isAddress(value);
    case 'email':
      return /^[^@]+@[^@]+$/.test(value);
    case 'uri':
      return URL.canParse(value);
    default:
      return false;
  }
}

/** Text to show to the user: not blank, no control characters. */
export function isLabel(text: string): boolean {
  return text.trim() !== '' && text.length <= 256 && !/\p{Cc}/u.test(text);
}

/** A site identifier. It appears in reports and on labels, never in a path. */
export function isSiteId(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text);
}
