import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { NetworkView } from '../../../preload/contract/index.ts';
import { ok } from '../../faults/index.ts';
import type { Handlers } from './handlers.ts';
import type { ApiContext } from './context.ts';
import { EnbFinder } from './found-enbs.ts';

/** What this computer's network can do, and the eNBs that are there. */
export function networkHandlers(context: ApiContext): Handlers<'network.get' | 'enbs.found'> {
  const finder = new EnbFinder(context);
  return {
    'network.get': () => ok(readNetwork(context)),
    'enbs.found': () => finder.find(),
  };
}

/** What this computer's wired interfaces can do. In training the lab is on this computer, and nothing is missing. */
function readNetwork(context: ApiContext): NetworkView {
  const interfaces = Object.entries(networkInterfaces())
    .filter(([, addresses]) => addresses?.every(({ internal }) => !internal))
    .map(([name, addresses = []]) => ({
      name,
      link: readLink(name),
      addresses: addresses.map(({ address }) => address),
    }));
  const withoutAddress = listLinkOnly(interfaces.map(({ name }) => name));
  const all = [...interfaces, ...withoutAddress];
  return { problem: context.isTraining() ? null : problemOf(all), interfaces: all };
}

function problemOf(interfaces: NetworkView['interfaces']): NetworkView['problem'] {
  if (interfaces.length === 0) return 'no-interface';
  if (interfaces.every(({ link }) => link === 'down')) return 'no-link';
  return interfaces.some(({ link, addresses }) => link !== 'down' && addresses.length > 0)
    ? null
    : 'no-address';
}

const systemInterfaces = '/sys/class/net';

/** Linux says whether there is a carrier; elsewhere nobody knows. */
function readLink(name: string): 'up' | 'down' | 'unknown' {
  try {
    return readFileSync(`${systemInterfaces}/${name}/carrier`, 'latin1').trim() === '1' ? 'up' : 'down';
  } catch {
    // An interface that is switched off has the file and refuses to read it.
    return existsSync(`${systemInterfaces}/${name}`) ? 'down' : 'unknown';
  }
}

/** Interfaces that have no address are not listed by the operating system's call: a cable that was just put in. */
function listLinkOnly(known: readonly string[]): NetworkView['interfaces'] {
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
