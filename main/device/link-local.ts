import { BlockList, isIPv6 } from 'node:net';

const linkLocal = new BlockList();
linkLocal.addSubnet('fe80::', 10, 'ipv6');
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4');

/** Whether an IP address, with or without a scope, is only valid on one link (RFC 4291 and RFC 3927). */
export function isLinkLocal(host: string): boolean {
  const [address = ''] = host.split('%');
  return linkLocal.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
