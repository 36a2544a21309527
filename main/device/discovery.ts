import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import {
  multicastGroups,
  multicastPort,
  readAnnouncements,
  writeQuestion,
  type EnbAnnouncement,
} from './dns-message.ts';

/** An eNB that announces itself. Its address is real, but its identity is not proven. */
export interface FoundEnb extends EnbAnnouncement {
  /** As `parseEthernetAddress` reads it. */
  readonly address: string;
  /** An IP address. A link-local IPv6 address has its scope. */
  readonly host: string;
}

/** Looks for eNBs while someone watches. */
export interface Discovery {
  /** Looks until the returned function is called. Calls `onChange` when the list changes. */
  watch(onChange: () => void): () => void;
  /**
   * The eNBs seen recently, best address first; empty while nobody watches. An eNB that answers by IPv6 and IPv4 is listed
   * once, at its IPv6 address: that is link-local, so this computer needs no address of the eNB's network.
   */
  list(): readonly FoundEnb[];
}

/** An address of this computer on a link. */
export interface Link {
  readonly family: 'IPv4' | 'IPv6';
  readonly address: string;
  /** For an IPv6 address: the interface, as the operating system names it in addresses. */
  readonly scope: string;
}

/** A link of this computer, as the operating system lists it. */
export interface SystemLink extends Link {
  /** The name of the interface. */
  readonly name: string;
  /** The number of the interface; 0 if the system does not report it. */
  readonly index: number;
  /** Whether the link is internal to this computer. */
  readonly isInternal: boolean;
}

/** What discovery needs from outside. */
export interface DiscoverySurroundings {
  /** The current links on which to look for eNBs. */
  readonly links: () => readonly Link[];
  /** Repeats some work until the returned function is called. Does not keep the process alive. */
  readonly repeat: (work: () => void) => () => void;
}

/** An eNB is gone once it has missed this many questions in a row. */
const maximumMissed = 4;
/** The most eNBs to keep. A link with more is a test lab or an attack. */
const maximumFound = 64;

/** Whether two answers claim to be from one eNB. One without a serial number claims nothing. */
function isSameEnb(one: EnbAnnouncement, other: EnbAnnouncement): boolean {
  const isNamed = one.serialNumber !== undefined && one.serialNumber === other.serialNumber;
  return isNamed && one.hwType === other.hwType && one.port === other.port;
}

/**
 * Asks for eNBs by DNS-SD on the links of this computer. Sends one question per link, and answers come directly to the
 * asker.
 */
export class EthernetDiscovery implements Discovery {
  readonly #surroundings: DiscoverySurroundings;
  readonly #id = randomInt(1, 2 ** 16);
  readonly #watchers = new Set<() => void>();
  readonly #sockets = new Map<string, Socket>();
  readonly #found = new Map<string, { readonly enb: FoundEnb; asked: number }>();
  #stop: (() => void) | undefined;

  constructor(surroundings: DiscoverySurroundings) {
    this.#surroundings = surroundings;
  }

  watch(onChange: () => void): () => void {
    const watcher = () => onChange();
    this.#watchers.add(watcher);
    if (!this.#stop) {
      this.#stop = this.#surroundings.repeat(() => this.#ask());
      this.#ask();
    }
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#end();
    };
  }

  list(): readonly FoundEnb[] {
    const found = [...this.#found.values()].map(({ enb }) => enb);
    const byIpv6 = found.filter(({ host }) => isIPv6(host));
    const isKnown = (one: FoundEnb) => byIpv6.some((other) => isSameEnb(one, other));
    return [...byIpv6, ...found.filter((one) => !isIPv6(one.host) && !isKnown(one))];
  }

  #end(): void {
    this.#stop?.();
    this.#stop = undefined;
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
    this.#found.clear();
  }

  #ask(): void {
    const links = new Map(this.#surroundings.links().map((link) => [`${link.address}%${link.scope}`, link]));
    for (const [key, socket] of this.#sockets) {
      if (!links.has(key)) this.#drop(key, socket);
    }
    for (const [key, link] of links) {
      if (!this.#sockets.has(key)) this.#open(key, link);
    }
    const silent = [...this.#found].filter(([, one]) => ++one.asked > maximumMissed);
    for (const [address] of silent) this.#found.delete(address);
    if (silent.length > 0) this.#tell();
    const question = writeQuestion(this.#id);
    for (const [key, link] of links) this.#send(key, link, question);
  }

  #open(key: string, { family, address, scope }: Link): void {
    const socket = createSocket({ type: family === 'IPv4' ? 'udp4' : 'udp6' }).unref();
    this.#sockets.set(key, socket);
    // If a link disappears during use, the next question checks it again.
    socket.on('error', () => this.#drop(key, socket));
    socket.on('message', (bytes, { address: host, port }) => {
      if (port === multicastPort && this.#sockets.get(key) === socket) this.#hear(bytes, host);
    });
    socket.bind({ address: family === 'IPv4' ? address : `${address}%${scope}`, port: 0 }, () => {
      try {
        socket.setMulticastInterface(family === 'IPv4' ? address : `::%${scope}`);
      } catch {
        this.#drop(key, socket);
      }
    });
  }

  #send(key: string, { family, scope }: Link, question: Uint8Array): void {
    const group = family === 'IPv4' ? multicastGroups.IPv4 : `${multicastGroups.IPv6}%${scope}`;
    const socket = this.#sockets.get(key);
    // Messages wait until the socket is bound. One that cannot be sent is sent again later.
    socket?.send(question, multicastPort, group, () => undefined);
  }

  #drop(key: string, socket: Socket): void {
    if (this.#sockets.get(key) !== socket) return;
    this.#sockets.delete(key);
    socket.close();
  }

  #hear(bytes: Uint8Array, host: string): void {
    for (const announcement of readAnnouncements(bytes, this.#id)) {
      const { port, serialNumber, hwType } = announcement;
      const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
      const known = this.#found.get(address);
      const isSame = known?.enb.serialNumber === serialNumber && known?.enb.hwType === hwType;
      if (!known && this.#found.size >= maximumFound) return;
      this.#found.set(address, { enb: { address, host, ...announcement }, asked: 0 });
      if (!known || !isSame) this.#tell();
    }
  }

  #tell(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}
