import { values, type Configuration } from '../bundle/index.ts';
import { fault } from '../faults/index.ts';
import type { PathNetwork } from './network.ts';
import { failed, notPossible, passed, skipped, type PathCheck } from './path-check.ts';

/** How long an RA/CA may take to show that it is not silent, in milliseconds. */
const silence = 3_000;

/** The most addresses of an RA/CA that are tried. */
const mostAddresses = 4;

/**
 * Where the bundle requires the first tunnel, the RA/CA must take no connection outside it. It is silent as well if its
 * name leads nowhere outside.
 * @param isInTunnel a tunnel may be up here, so that a connection would show nothing about the world outside it
 */
export async function raCheck(
  { initialIpsec, enrolment }: Configuration,
  network: Pick<PathNetwork, 'connect'>,
  resolve: (host: string) => Promise<readonly string[]>,
  isInTunnel: boolean,
  signal: AbortSignal | undefined,
): Promise<PathCheck> {
  if (!initialIpsec.required) return skipped('ra-silent');
  if (isInTunnel) return notPossible('ra-silent');
  const url = new URL(enrolment.url);
  const host = values.hostOf(url);
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const addresses = await resolve(host).catch(() => []);
  const tried = addresses.slice(0, mostAddresses);
  const taken = await Promise.all(
    tried.map((address) => network.connect(address, port, silence, signal).catch(() => false)),
  );
  const place = (address: string) => `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const answering = tried.find((_, index) => taken[index]);
  if (answering === undefined)
    return passed('ra-silent', { figure: tried.length === 0 ? host : tried.map(place).join(', ') });
  const figure = place(answering);
  return failed('ra-silent', fault('ra-reachable-outside', { where: { address: figure } }), { figure });
}
