import { lookup, Resolver } from 'node:dns/promises';
import { connect, isIPv6 } from 'node:net';
import { unlessAborted } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { systemDatagrams, type DatagramNetwork } from '../ike/index.ts';

/** What the checks of the path need of the network where they run. */
export interface PathNetwork {
  /**
   * The addresses of a host name, in the order in which to use them; empty if it has none. Rejects with the system's error
   * if no server answers.
   * @param servers addresses of DNS servers to ask if the system's do not know the name
   */
  resolve(name: string, servers: readonly string[], signal?: AbortSignal): Promise<readonly string[]>;
  readonly datagrams: DatagramNetwork;
  /** Whether something at this address and port takes a TCP connection within this many milliseconds. It is closed at once. */
  connect(address: string, port: number, milliseconds: number, signal?: AbortSignal): Promise<boolean>;
}

/** How long the system may take to resolve a name, in milliseconds. */
const lookupTimeout = 5_000;
/** How long each try of a DNS server of the bundle may take, in milliseconds. */
const serverTimeout = 1_000;

/** The most DNS servers of a bundle that are asked. */
const mostServers = 3;

/** The network of this computer. */
export const systemPathNetwork: PathNetwork = {
  async resolve(name, servers, signal) {
    const known = await lookUp(name, signal).catch((error: unknown) => error);
    if (Array.isArray(known) && known.length > 0) return known as string[];
    const asked = servers.length > 0 ? await ask(name, servers, signal) : [];
    if (asked.length > 0) return asked;
    if (Array.isArray(known) || errorCode(known) === 'ENOTFOUND') return [];
    throw known;
  },
  datagrams: systemDatagrams,
  connect: (address, port, milliseconds, signal) =>
    new Promise((resolve) => {
      const socket = connect({ host: address, port });
      const end = (isTaken: boolean) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        socket.destroy();
        resolve(isTaken);
      };
      const stop = () => end(false);
      const timer = setTimeout(stop, milliseconds);
      signal?.addEventListener('abort', stop);
      socket.once('connect', () => end(true)).on('error', stop);
      if (signal?.aborted) stop();
    }),
};

/** The system's resolver, which cannot be stopped: an answer that comes too late is ignored. */
async function lookUp(name: string, signal: AbortSignal | undefined): Promise<readonly string[]> {
  const late = AbortSignal.timeout(lookupTimeout);
  const stop = signal ? AbortSignal.any([signal, late]) : late;
  const found = await unlessAborted(lookup(name, { all: true }), stop);
  if (!found) throw Object.assign(new Error('No answer'), { code: 'EAI_AGAIN' });
  return found.map(({ address }) => address);
}

/** The addresses that these servers know; none if they do not answer. */
async function ask(
  name: string,
  servers: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: serverTimeout, tries: 1 });
  resolver.setServers(
    servers.slice(0, mostServers).map((server) => (isIPv6(server) ? `[${server}]` : server)),
  );
  const stop = () => resolver.cancel();
  signal?.addEventListener('abort', stop);
  try {
    const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
