import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** A network interface of this computer. */
export interface NetworkInterface {
  readonly name: string;
  readonly link: 'up' | 'down' | 'unknown';
  readonly addresses: string[];
}

/** Why no eNB can be reached over Ethernet. */
export type NetworkProblem = 'no-interface' | 'no-link' | 'no-address';

/** The wired interfaces of this computer, including those without an address. */
export function readInterfaces(): NetworkInterface[] {
  const interfaces = Object.entries(networkInterfaces())
    .filter(([, addresses]) => addresses?.every(({ internal }) => !internal))
    .map(([name, addresses = []]) => ({
      name,
      link: readLink(name),
      addresses: addresses.map(({ address }) => address),
    }));
  const withoutAddress = listLinkOnly(interfaces.map(({ name }) => name));
  return [...interfaces, ...withoutAddress];
}

/** What prevents a connection over Ethernet on these interfaces, or null if nothing does. */
export function networkProblem(interfaces: readonly NetworkInterface[]): NetworkProblem | null {
  if (interfaces.length === 0) return 'no-interface';
  if (interfaces.every(({ link }) => link === 'down')) return 'no-link';
  return interfaces.some(({ link, addresses }) => link !== 'down' && addresses.length > 0)
    ? null
    : 'no-address';
}

const systemInterfaces = '/sys/class/net';

/** Linux reports the carrier. On other systems it is unknown. */
function readLink(name: string): NetworkInterface['link'] {
  try {
    return readFileSync(`${systemInterfaces}/${name}/carrier`, 'latin1').trim() === '1' ? 'up' : 'down';
  } catch {
    // An interface that is switched off has the file, but reading it fails.
    return existsSync(`${systemInterfaces}/${name}`) ? 'down' : 'unknown';
  }
}

/**
 * The interfaces without an address, which the operating system's call leaves out. A cable that was just plugged in is
 * one.
 */
function listLinkOnly(known: readonly string[]): NetworkInterface[] {
  let names: readonly string[];
  try {
    names = readdirSync(systemInterfaces);
  } catch {
    return [];
  }
  return names
    .filter((name) => !known.includes(name) && existsSync(`${systemInterfaces}/${name}/device`))
    .map((name) => ({ name, link: readLink(name), addresses: [] }));
}
