import { lookup } from 'node:dns/promises';
import { values, type Configuration } from '../bundle/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
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
): Promise<Result<RaPlace, 'ra-outside-tunnel'>> {
  const host = values.hostOf(new URL(url));
  const addresses = tunnel ? await addressesOf(host, dns, tunnel) : ok([]);
  const address =
    addresses.ok && addresses.value.find((one) => values.isInSubnets(one, tunnel?.remoteSubnets ?? []));
  if (tunnel && address) return ok({ tunnel, address });
  if (!isTunnelRequired) return ok('outside');
  const found = addresses.ok
    ? [host, ...addresses.value.filter((one) => one !== host)].join(', ')
    : addresses.found;
  return refuse('ra-outside-tunnel', { found });
}

/** The addresses of a host. Servers behind the tunnel are asked through it. */
async function addressesOf(
  host: string,
  dns: readonly string[],
  tunnel: Tunnel,
): Promise<
  { readonly ok: true; readonly value: readonly string[] } | { readonly ok: false; readonly found: string }
> {
  if (values.isAddress(host)) return ok([host]);
  try {
    if (dns.length > 0) return ok(await tunnel.resolve(host, dns));
    return ok((await lookup(host, { all: true })).map(({ address }) => address));
  } catch (error) {
    return { ok: false, found: `${host} (${errorCode(error)})` };
  }
}
