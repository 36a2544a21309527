import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket, type SecureContext } from 'node:tls';
import { values } from '../bundle/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { keyIdOf, Responder } from '../ike/index.ts';
import type { Certificate } from '../pki/index.ts';
import { AddressPool, type Lease } from './address-pool.ts';
import { listen, listenUdp, type Listening } from './listen.ts';
import {
  childSchema,
  openingSchema,
  receive,
  send,
  type Child,
  type Opening,
  type Refusal,
} from './stand-in-messages.ts';
import {
  agreed,
  holdsIdentity,
  judgePeer,
  secureContextOf,
  splice,
  type StandInCredential,
  type StandInTrust,
} from './stand-in-peer.ts';

/** What is behind a gateway. */
export interface Behind {
  /** Connects to an address behind the gateway. The stream reports the system's error. */
  connect(address: string, port: number): Socket;
  /** The addresses of a name, asked at servers behind the gateway. Rejects with the system's error. */
  resolve(name: string, servers: readonly string[]): Promise<readonly string[]>;
}

/** A gateway of the stand-in. What can change while it runs is read again at each connection. */
export interface StandInSegOptions {
  /** Its certificate must hold the identity that the bundles expect. */
  readonly credential: StandInCredential;
  /** Who may bring up a tunnel: vendor roots at an initial gateway, operator roots at a traffic gateway. */
  readonly trust: StandInTrust;
  readonly proposals: readonly string[];
  readonly espProposals: readonly string[];
  /** What it leads to, each `address/prefix`. */
  readonly subnets: readonly string[];
  /** Inner addresses to assign, `address/prefix`, IPv4. */
  readonly pool: string;
  readonly behind: Behind;
  /** Takes every connection and answers nothing. */
  readonly isSilent?: boolean | undefined;
  /** Called for what an eNB reached, and at the end of its tunnel. */
  readonly onEvent?: ((event: StandInEvent) => void) | undefined;
  /** How long to wait for each message, in milliseconds. */
  readonly deadline?: number;
}

/** What happens at a gateway. `identity` is what the eNB calls itself. */
export type StandInEvent =
  | { readonly kind: 'refused'; readonly identity: string; readonly code: string }
  | { readonly kind: 'up' | 'down'; readonly identity: string; readonly innerAddresses: readonly string[] };

/** The most connections, and streams of one tunnel, at a time. */
const [mostConnections, mostStreams] = [128, 32];

interface OpenTunnel {
  readonly peer: Certificate;
  readonly subnets: readonly string[];
  readonly streams: Set<Duplex>;
}

/**
 * The gateway's side of the stand-in for IPsec, which is TLS 1.3 and no IPsec. It forwards to what is behind it, from its
 * own address. It also answers IKE_SA_INIT on UDP, so that the checks of the path find a gateway; IKE goes no further.
 */
export class StandInSeg {
  readonly #options: StandInSegOptions;
  readonly #pool: AddressPool;
  readonly #tunnels = new Map<string, OpenTunnel>();
  #context: { readonly of: Certificate; readonly secureContext: SecureContext } | undefined;

  constructor(options: StandInSegOptions) {
    this.#options = options;
    this.#pool = new AddressPool(options.pool);
  }

  /** Listens for tunnels on TCP. Port 0 takes a free port. Rejects with the system's error if it cannot listen. */
  listen(host: string, port: number): Promise<Listening> {
    return listen(host, port, (socket) => this.#accept(socket), mostConnections);
  }

  /** Answers IKE_SA_INIT on UDP, as on port 500 or 4500. Rejects with the system's error if it cannot listen. */
  listenIke(host: string, port: number, as: 500 | 4500): Promise<Listening> {
    return listenUdp(host, port, (datagram, from) => {
      const { proposals, trust, isSilent } = this.#options;
      const keyIds = [...trust.roots, ...(trust.intermediates ?? [])].map(keyIdOf);
      return new Responder({ proposals, keyIds, isSilent }).answer(datagram, as, from);
    });
  }

  #accept(wire: Socket): void {
    if (this.#options.isSilent) {
      wire.resume();
      return;
    }
    const socket = new TLSSocket(wire, {
      isServer: true,
      secureContext: this.#secureContext(),
      requestCert: true,
      // Siteseal's own path validation judges the certificate.
      rejectUnauthorized: false,
    });
    const drop = () => wire.destroy();
    const late = setTimeout(drop, this.#deadline).unref();
    socket.on('error', drop);
    wire.once('close', () => {
      clearTimeout(late);
      socket.destroy();
    });
    socket.once('secure', () => {
      clearTimeout(late);
      void this.#serve(socket).catch(drop);
    });
  }

  async #serve(socket: TLSSocket): Promise<void> {
    const opening = await receive(socket, openingSchema, this.#deadline);
    if (!opening.ok) socket.destroy();
    else if (opening.value.kind === 'tunnel') await this.#open(socket, opening.value);
    else await this.#serveInside(socket, opening.value);
  }

  /** Brings up a tunnel. */
  async #open(socket: TLSSocket, opening: Extract<Opening, { kind: 'tunnel' }>): Promise<void> {
    const { identity } = opening;
    const authenticated = this.#authenticate(socket, opening);
    if (!authenticated.ok) {
      this.#refuse(socket, identity, authenticated.fault.code);
      return;
    }
    const { peer, proposal } = authenticated.value;
    send(socket, { kind: 'authenticated', proposal });
    const asked = await receive(socket, childSchema, this.#deadline);
    if (!asked.ok) {
      socket.destroy();
      return;
    }
    const child = this.#install(peer, asked.value);
    if (!child.ok) {
      this.#refuse(socket, identity, child.fault.code);
      return;
    }
    const { lease, subnets, espProposal } = child.value;
    const id = randomBytes(16).toString('hex');
    const { addresses: innerAddresses } = lease;
    const tunnel: OpenTunnel = { peer, subnets, streams: new Set() };
    this.#tunnels.set(id, tunnel);
    const end = () => {
      if (!this.#tunnels.delete(id)) return;
      lease.release();
      socket.destroy();
      for (const stream of tunnel.streams) stream.destroy();
      this.#options.onEvent?.({ kind: 'down', identity, innerAddresses });
    };
    socket.once('end', end).once('close', end).resume();
    this.#options.onEvent?.({ kind: 'up', identity, innerAddresses });
    send(socket, { kind: 'up', tunnel: id, espProposal, innerAddresses, remoteSubnets: subnets });
    if (socket.destroyed) end();
  }

  /** Refuses as a gateway of IKE does: for its algorithms first, then for the eNB. */
  #authenticate(
    socket: TLSSocket,
    { identity, proposals }: Extract<Opening, { kind: 'tunnel' }>,
  ): Result<{ readonly peer: Certificate; readonly proposal: string }, Refusal> {
    const proposal = agreed(proposals, this.#options.proposals);
    if (proposal === undefined) return refuse('ike-proposal-refused');
    const peer = judgePeer(socket, this.#options.trust);
    return peer.ok && holdsIdentity(peer.value, identity)
      ? ok({ peer: peer.value, proposal })
      : refuse('ike-peer-refused');
  }

  /** Agrees on what the tunnel carries. */
  #install(
    peer: Certificate,
    { espProposals, remoteSubnets, innerAddresses }: Child,
  ): Result<{ readonly lease: Lease; readonly subnets: string[]; readonly espProposal: string }, Refusal> {
    const espProposal = agreed(espProposals, this.#options.espProposals);
    if (espProposal === undefined) return refuse('ike-proposal-refused');
    const subnets = narrowed(remoteSubnets, this.#options.subnets);
    if (subnets.length === 0) return refuse('ike-selectors-refused');
    const lease = this.#pool.take(peer.subject.key, innerAddresses);
    return lease ? ok({ lease, subnets, espProposal }) : refuse('ike-address-refused');
  }

  #refuse(socket: TLSSocket, identity: string, code: Refusal): void {
    this.#options.onEvent?.({ kind: 'refused', identity, code });
    send(socket, { kind: 'refused', code });
    socket.end();
  }

  /** Serves a stream, or a question for a name. The connection must be of the eNB whose tunnel it is. */
  async #serveInside(socket: TLSSocket, opening: Exclude<Opening, { kind: 'tunnel' }>): Promise<void> {
    const tunnel = this.#tunnels.get(opening.tunnel);
    const isOwner = tunnel && socket.getPeerX509Certificate()?.raw.equals(tunnel.peer.der);
    if (!isOwner || tunnel.streams.size >= mostStreams) {
      socket.destroy();
      return;
    }
    tunnel.streams.add(socket);
    socket.once('close', () => tunnel.streams.delete(socket));
    if (opening.kind === 'connect') this.#forward(socket, tunnel, opening);
    else await this.#resolve(socket, tunnel, opening);
  }

  #forward(
    socket: TLSSocket,
    tunnel: OpenTunnel,
    { address, port }: Extract<Opening, { kind: 'connect' }>,
  ): void {
    if (!values.isInSubnets(address, tunnel.subnets)) {
      fail(socket, 'ENETUNREACH');
      return;
    }
    const target = this.#options.behind.connect(address, port);
    const failed = (error: Error) => fail(socket, codeOf(error));
    socket.once('close', () => target.destroy());
    target.once('error', failed).once('connect', () => {
      target.off('error', failed);
      send(socket, { kind: 'connected' });
      splice(socket, target);
    });
  }

  async #resolve(
    socket: TLSSocket,
    tunnel: OpenTunnel,
    { name, servers }: Extract<Opening, { kind: 'resolve' }>,
  ): Promise<void> {
    const inside = servers.filter((server) => values.isInSubnets(server, tunnel.subnets));
    try {
      if (inside.length === 0)
        throw Object.assign(new Error('No server is behind this gateway'), { code: 'ENETUNREACH' });
      const addresses = await this.#options.behind.resolve(name, inside);
      send(socket, { kind: 'addresses', addresses: addresses.slice(0, 64) });
      socket.end();
    } catch (error) {
      fail(socket, codeOf(error));
    }
  }

  get #deadline(): number {
    return this.#options.deadline ?? 10_000;
  }

  #secureContext(): SecureContext {
    const { credential } = this.#options;
    if (this.#context?.of !== credential.certificate)
      this.#context = { of: credential.certificate, secureContext: secureContextOf(credential) };
    return this.#context.secureContext;
  }
}

function fail(socket: TLSSocket, found: string): void {
  send(socket, { kind: 'failed', found });
  socket.end();
}

/** Of each requested network the part that the gateway has too: of two that overlap the smaller one (RFC 7296 section 2.9). */
function narrowed(requested: readonly string[], own: readonly string[]): string[] {
  const common = requested.flatMap((one) =>
    own.flatMap((other) =>
      values.isSubnetIn(one, other) ? [one] : values.isSubnetIn(other, one) ? [other] : [],
    ),
  );
  return [...new Set(common)].slice(0, 64);
}

/** The system's code of an error, in the form of the messages. */
function codeOf(error: unknown): string {
  const code = errorCode(error);
  return /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : 'EIO';
}
