import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { values, type Configuration } from '../bundle/index.ts';
import { ok, refuse, unlessAborted, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import type { Tunnel } from './ipsec.ts';

/** The way of a request to the RA/CA. */
export interface RaWay {
  /** The tunnel through which the request goes; absent: without a tunnel. */
  readonly tunnel?: Tunnel | undefined;
  /** Whether the request must not leave the eNB outside a tunnel. */
  readonly isTunnelRequired: boolean;
}

/** Where to connect: an address behind the tunnel, or wherever the URL leads without one. */
export type RaPlace = { readonly tunnel: Tunnel; readonly address: string } | 'outside';

/**
 * Decides how a request reaches the RA/CA: through the tunnel if its address is behind it, else without a tunnel if the
 * bundle allows that. Refuses with `ra-outside-tunnel` otherwise.
 */
export async function placeOfRa(
  { url, dns = [] }: Pick<Configuration['enrolment'], 'url' | 'dns'>,
  { tunnel, isTunnelRequired }: RaWay,
  signal: AbortSignal,
): Promise<Result<RaPlace, 'ra-outside-tunnel' | 'cancelled'>> {
  const host = values.hostOf(new URL(url));
  let found: readonly string[] = [];
  let name = host;
  if (tunnel) {
    try {
      const addresses = await unlessAborted(addressesOf(host, dns, tunnel), signal);
      if (!addresses) return refuse('cancelled');
      found = addresses;
    } catch (error) {
      name = `${host} (${errorCode(error)})`;
    }
    const address = found.find((one) => isBehind(tunnel, one));
    if (address !== undefined) return ok({ tunnel, address });
  }
  if (!isTunnelRequired) return ok('outside');
  return refuse('ra-outside-tunnel', { found: [name, ...found.filter((one) => one !== host)].join(', ') });
}

/** The addresses of a host. Servers are asked through the tunnel, and only those behind it: the others would be outside. */
async function addressesOf(host: string, dns: readonly string[], tunnel: Tunnel): Promise<readonly string[]> {
  if (values.isAddress(host)) return [host];
  if (dns.length === 0) return (await lookup(host, { all: true })).map(({ address }) => address);
  const servers = dns.filter((server) => isBehind(tunnel, server));
  return servers.length === 0 ? [] : tunnel.resolve(host, servers);
}

/** Whether the tunnel leads to the address, and the eNB has an inner address from which to go there. */
function isBehind({ innerAddresses, remoteSubnets }: Tunnel, address: string): boolean {
  const hasSource = innerAddresses.some((inner) => isIPv6(inner) === isIPv6(address));
  return hasSource && values.isInSubnets(address, remoteSubnets);
}
