import { Resolver } from 'node:dns/promises';
import { connect, isIPv6, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { errorCode } from '../files/index.ts';
import type { Tunnel } from './ipsec.ts';

/**
 * A tunnel that strongSwan has brought up. When it goes down, first of all its connections and questions end, without
 * another packet: what they still had to send could leave around the tunnel.
 */
export class StrongswanTunnel implements Tunnel {
  readonly gateway: string;
  readonly innerAddresses: readonly string[];
  readonly remoteSubnets: readonly string[];
  readonly #end: () => Promise<void>;
  readonly #listeners = new Set<() => void>();
  readonly #sockets = new Set<Socket>();
  readonly #resolvers = new Set<Resolver>();
  #ending: Promise<void> | undefined;

  /** @param end ends the tunnel of strongSwan, and the routes into it. Never rejects */
  constructor(
    gateway: string,
    innerAddresses: readonly string[],
    remoteSubnets: readonly string[],
    end: () => Promise<void>,
  ) {
    this.gateway = gateway;
    this.innerAddresses = innerAddresses;
    this.remoteSubnets = remoteSubnets;
    this.#end = end;
  }

  connect(address: string, port: number): Duplex {
    const localAddress = this.#innerAddress(isIPv6(address));
    // Without an inner address, the system would send it around the tunnel.
    if (localAddress === undefined) return new Socket().destroy(noWay('EADDRNOTAVAIL'));
    if (!this.isUp()) return new Socket().destroy(noWay('ENETDOWN'));
    const socket = connect({ host: address, port, localAddress });
    this.#sockets.add(socket);
    return socket.once('close', () => this.#sockets.delete(socket));
  }

  async resolve(name: string, servers: readonly string[]): Promise<readonly string[]> {
    const ipv4 = this.#innerAddress(false);
    const ipv6 = this.#innerAddress(true);
    const asked = servers.filter((server) => (isIPv6(server) ? ipv6 : ipv4) !== undefined);
    if (asked.length === 0) throw noWay('EADDRNOTAVAIL');
    if (!this.isUp()) throw noWay('ENETDOWN');
    const resolver = new Resolver({ timeout: 2000, tries: 2 });
    resolver.setLocalAddress(ipv4 ?? '0.0.0.0', ipv6 ?? '::');
    resolver.setServers(asked);
    this.#resolvers.add(resolver);
    const answers = await Promise.allSettled([
      ...(ipv4 === undefined ? [] : [resolver.resolve4(name)]),
      ...(ipv6 === undefined ? [] : [resolver.resolve6(name)]),
    ]).finally(() => this.#resolvers.delete(resolver));
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const error: unknown = answers
      .flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
      .find((reason) => !['ENODATA', 'ENOTFOUND'].includes(errorCode(reason)));
    if (found.length === 0 && error !== undefined) throw error as Error;
    return found;
  }

  isUp(): boolean {
    return this.#ending === undefined;
  }

  onDown(listener: () => void): () => void {
    if (this.isUp()) this.#listeners.add(listener);
    else queueMicrotask(listener);
    return () => this.#listeners.delete(listener);
  }

  down(): Promise<void> {
    if (this.#ending) return this.#ending;
    // One that is closed in the usual way would still send what waits in it.
    for (const socket of this.#sockets) {
      if (socket.connecting) socket.destroy(noWay('ENETDOWN'));
      else socket.resetAndDestroy();
    }
    for (const resolver of this.#resolvers) resolver.cancel();
    this.#ending = this.#end();
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
    return this.#ending;
  }

  #innerAddress(six: boolean): string | undefined {
    return this.innerAddresses.find((address) => isIPv6(address) === six);
  }
}

const reasons = {
  EADDRNOTAVAIL: 'The tunnel has no address of this family',
  ENETDOWN: 'The tunnel is down',
} as const;

function noWay(code: keyof typeof reasons): Error {
  return Object.assign(new Error(reasons[code]), { code });
}
