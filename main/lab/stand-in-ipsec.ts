import { duplexPair, type Duplex } from 'node:stream';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import {
  fault,
  ok,
  refuse,
  refused,
  type Fault,
  type FaultCode,
  type Result,
  type Rule,
} from '../faults/index.ts';
import { isTrainingCertificate, nameToText, type Certificate, type Clock } from '../pki/index.ts';
import { values } from '../bundle/index.ts';
import type { Ipsec, Tunnel, TunnelGateway, TunnelOrder, TunnelPhase } from './ipsec.ts';
import {
  answerSchemas,
  receive,
  send,
  streamFault,
  type Refusal,
  type StandInFaultCode,
  type StandInMessage,
} from './stand-in-messages.ts';
import { holdsIdentity, judgePeer, secureContextOf } from './stand-in-peer.ts';

/** How an eNB reaches gateways of the stand-in. */
export interface StandInOptions {
  /** Other addresses for gateways: the address in the bundle to `address:port`. */
  readonly connectTo?: Readonly<Record<string, string>> | undefined;
  /** Undefined if the eNB has no clock. */
  readonly now: (() => Date) | undefined;
  /** How long to wait for a connection, and for each answer, in milliseconds. */
  readonly deadline?: number;
}

/** The TCP port of a gateway unless it is told otherwise: that of IKE over TCP (RFC 9329). */
export const standInPort = 4500;

/**
 * TLS 1.3 in the place of IKE and ESP, for training and the demo: it needs no rights and no program. It is no IPsec. Both
 * sides authenticate with the certificates that IKE would use, and judge them with Siteseal's path validation.
 */
export function standInIpsec(options: StandInOptions): Ipsec {
  return new StandInIpsec(options);
}

const phases: readonly (TunnelPhase | 'none')[] = ['none', 'sent', 'answered', 'authenticated'];

class StandInIpsec implements Ipsec {
  readonly kind = 'stand-in';
  readonly #options: StandInOptions;
  readonly #tunnels = new Set<StandInTunnel>();
  readonly #closing = new AbortController();

  constructor(options: StandInOptions) {
    this.#options = options;
  }

  async up(
    order: TunnelOrder,
    onPhase: (phase: TunnelPhase) => void,
    signal: AbortSignal,
  ): Promise<Result<Tunnel>> {
    // In real data, nobody must take TLS for IPsec.
    if (![order.certificate, ...order.roots].every(isTrainingCertificate))
      return refuse('ike-unavailable', { rule: 'stand-in-training' });
    const until = AbortSignal.any([signal, this.#closing.signal]);
    let furthest: { readonly reached: TunnelPhase | 'none'; readonly fault: Fault } = {
      reached: 'none',
      fault: fault('ike-no-answer'),
    };
    for (const gateway of order.gateways) {
      let reached: TunnelPhase | 'none' = 'none';
      const reach = (phase: TunnelPhase) => {
        reached = phase;
        onPhase(phase);
      };
      const tunnel = await this.#upWith(gateway, order, reach, until);
      if (tunnel.ok) return tunnel;
      if (until.aborted) return refuse('cancelled');
      if (phases.indexOf(reached) > phases.indexOf(furthest.reached))
        furthest = { reached, fault: { ...tunnel.fault, where: { address: gateway.address } } };
    }
    return refused(furthest.fault);
  }

  async #upWith(
    gateway: TunnelGateway,
    order: TunnelOrder,
    onPhase: (phase: TunnelPhase) => void,
    signal: AbortSignal,
  ): Promise<Result<Tunnel>> {
    const { connectTo = {}, deadline = 10_000 } = this.#options;
    const dialler = new Dialler(
      connectTo[gateway.address] ?? gateway.address,
      secureContextOf(order),
      deadline,
    );
    onPhase('sent');
    const socket = await dialler.dial(signal);
    if (!socket.ok) return socket;
    const end = () => socket.value.destroy();
    signal.addEventListener('abort', end);
    try {
      onPhase('answered');
      const made = await this.#agree(socket.value, gateway, order, onPhase, deadline);
      if (!made.ok || signal.aborted) {
        end();
        return made.ok ? refuse('cancelled') : made;
      }
      const tunnel = new StandInTunnel(socket.value, { ...made.value, gateway: gateway.address, dialler });
      this.#tunnels.add(tunnel);
      tunnel.onDown(() => this.#tunnels.delete(tunnel));
      return ok(tunnel);
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  /** Authenticates both sides, then agrees on what the tunnel carries. */
  async #agree(
    socket: TLSSocket,
    gateway: TunnelGateway,
    order: TunnelOrder,
    onPhase: (phase: TunnelPhase) => void,
    deadline: number,
  ): Promise<Result<Agreement>> {
    const { proposals, espProposals, innerAddresses, remoteSubnets } = gateway;
    const peer = this.#judge(socket, gateway, order);
    if (!peer.ok) return peer;
    const identity = order.identity ?? nameToText(order.certificate.subject);
    send(socket, { kind: 'tunnel', identity, gateway: gateway.identity, proposals: [...proposals] });
    const authenticated = await receive(socket, answerSchemas.tunnel, deadline);
    if (!authenticated.ok) return authenticated;
    if (authenticated.value.kind === 'refused')
      return refusedBy(authenticated.value.code, 'ike-proposal', gateway);
    if (!proposals.includes(authenticated.value.proposal)) return refuse('ike-malformed');
    onPhase('authenticated');
    send(socket, {
      kind: 'child',
      espProposals: [...espProposals],
      ...(innerAddresses && { innerAddresses: [...innerAddresses] }),
      remoteSubnets: [...remoteSubnets],
    });
    const child = await receive(socket, answerSchemas.child, deadline);
    if (!child.ok) return child;
    if (child.value.kind === 'refused') return refusedBy(child.value.code, 'esp-proposal', gateway);
    const { tunnel, ...traffic } = child.value;
    const isAsked =
      espProposals.includes(traffic.espProposal) &&
      (innerAddresses ?? traffic.innerAddresses).every((one) => traffic.innerAddresses.includes(one)) &&
      traffic.remoteSubnets.every((one) => remoteSubnets.some((wide) => values.isSubnetIn(one, wide)));
    return isAsked ? ok({ ...traffic, id: tunnel, peer: peer.value }) : refuse('ike-malformed');
  }

  /** The gateway's certificate, if it proves what the bundle says. */
  #judge(
    socket: TLSSocket,
    { identity }: TunnelGateway,
    { roots, certificate }: TunnelOrder,
  ): Result<Certificate, 'ike-peer-untrusted'> {
    const now = this.#options.now?.();
    const clock = (): Clock => ({ now: now ?? certificate.notBefore, isExact: now !== undefined });
    const peer = judgePeer(socket, { roots, clock });
    if (!peer.ok) {
      const rule = pathRules.get(peer.fault.code) ?? 'ike-path';
      return refuse('ike-peer-untrusted', { rule, because: peer.fault });
    }
    if (holdsIdentity(peer.value, identity)) return ok(peer.value);
    const found = nameToText(peer.value.subject);
    return refuse('ike-peer-untrusted', { rule: 'ike-identity', expected: identity, found });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#tunnels].map((tunnel) => tunnel.down()));
  }
}

/** The rule that a gateway's certificate breaks, by the fault of its path. */
const pathRules: ReadonlyMap<FaultCode, Rule> = new Map<FaultCode, Rule>([
  ['issuer-unknown', 'ike-issuer'],
  ['certificate-expired', 'ike-not-expired'],
  ['certificate-not-yet-valid', 'ike-begun'],
  ['certificate-revoked', 'ike-not-revoked'],
]);

/** The fault for a gateway's refusal, with what the bundle asked for. */
function refusedBy(
  code: Refusal,
  rule: 'ike-proposal' | 'esp-proposal',
  { proposals, espProposals, innerAddresses = [], remoteSubnets }: TunnelGateway,
): Result<never> {
  const offered = rule === 'esp-proposal' ? espProposals : proposals;
  switch (code) {
    case 'ike-proposal-refused':
      return refuse(code, { rule, found: offered.join(', ') });
    case 'ike-peer-refused':
      return refuse(code);
    case 'ike-address-refused':
      return refuse(code, { found: innerAddresses.join(', ') });
    case 'ike-selectors-refused':
      return refuse(code, { found: remoteSubnets.join(', ') });
  }
}

/** Makes TLS connections to one gateway. */
class Dialler {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #secureContext: SecureContext;
  readonly deadline: number;

  /** @param target an address or host name, or `address:port` */
  constructor(target: string, secureContext: SecureContext, deadline: number) {
    this.#target = targetOf(target);
    this.#secureContext = secureContext;
    this.deadline = deadline;
  }

  /** Resolves once the peer has proven possession of the key of its certificate, which is not judged yet. */
  dial(
    signal: AbortSignal,
  ): Promise<Result<TLSSocket, StandInFaultCode | 'ike-name-unresolved' | 'cancelled'>> {
    return new Promise((resolve) => {
      const socket = connectTls({
        ...this.#target,
        secureContext: this.#secureContext,
        // Siteseal's own path validation judges the certificate.
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
      });
      const settle = (result: Awaited<ReturnType<Dialler['dial']>>) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancel);
        resolve(result);
        if (!result.ok) socket.destroy();
      };
      const cancel = () => settle(refuse('cancelled'));
      const timer = setTimeout(() => settle(refuse('ike-no-answer')), this.deadline);
      socket.setNoDelay().setKeepAlive(true);
      socket.on('error', (error: Error) => settle(refused(dialFault(error))));
      socket.once('secureConnect', () => settle(ok(socket)));
      socket.once('close', () => settle(refused(streamFault(undefined))));
      signal.addEventListener('abort', cancel);
      if (signal.aborted) cancel();
    });
  }
}

function targetOf(text: string): { readonly host: string; readonly port: number } {
  if (values.isHost(text)) return { host: text, port: standInPort };
  const url = new URL(`tcp://${text}`);
  return { host: values.hostOf(url), port: Number(url.port) };
}

function dialFault(error: Error): Fault<StandInFaultCode | 'ike-name-unresolved'> {
  const isName = 'syscall' in error && error.syscall === 'getaddrinfo';
  return isName && 'code' in error
    ? fault('ike-name-unresolved', { found: String(error.code) })
    : streamFault(error);
}

/** What both sides have agreed on. */
interface Agreement {
  readonly id: string;
  readonly peer: Certificate;
  readonly innerAddresses: readonly string[];
  readonly remoteSubnets: readonly string[];
}

class StandInTunnel implements Tunnel {
  readonly gateway: string;
  readonly innerAddresses: readonly string[];
  readonly remoteSubnets: readonly string[];
  readonly #socket: TLSSocket;
  readonly #id: string;
  readonly #peer: Certificate;
  readonly #dialler: Dialler;
  readonly #listeners = new Set<() => void>();
  readonly #end = new AbortController();

  /** @param socket carries nothing more; the tunnel is up as long as it is */
  constructor(
    socket: TLSSocket,
    {
      id,
      peer,
      innerAddresses,
      remoteSubnets,
      gateway,
      dialler,
    }: Agreement & { readonly gateway: string; readonly dialler: Dialler },
  ) {
    this.gateway = gateway;
    this.innerAddresses = innerAddresses;
    this.remoteSubnets = remoteSubnets;
    this.#socket = socket;
    this.#id = id;
    this.#peer = peer;
    this.#dialler = dialler;
    const ended = () => this.#ended();
    socket.once('end', ended).once('close', ended).resume();
    if (socket.destroyed) ended();
  }

  connect(address: string, port: number): Duplex {
    const [outer, inner] = duplexPair();
    void this.#ask({ kind: 'connect', tunnel: this.#id, address, port }, 'connect').then((answer) => {
      const socket = answer.ok ? answer.socket : undefined;
      if (!socket || outer.destroyed) {
        socket?.destroy();
        outer.destroy(answer.ok ? undefined : answer.error);
        return;
      }
      inner.pipe(socket).pipe(inner);
      outer.once('close', () => socket.destroy());
      socket.once('close', () => {
        if (!socket.readableEnded) outer.destroy(systemError('ECONNRESET'));
      });
    });
    return outer;
  }

  async resolve(name: string, servers: readonly string[]): Promise<readonly string[]> {
    const answer = await this.#ask(
      { kind: 'resolve', tunnel: this.#id, name, servers: [...servers] },
      'resolve',
    );
    if (!answer.ok) throw answer.error;
    answer.socket.destroy();
    return answer.message.kind === 'addresses' ? answer.message.addresses : [];
  }

  isUp(): boolean {
    return !this.#end.signal.aborted;
  }

  onDown(listener: () => void): () => void {
    if (!this.isUp()) queueMicrotask(listener);
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async down(): Promise<void> {
    this.#socket.destroy();
    this.#ended();
    await Promise.resolve();
  }

  #ended(): void {
    if (!this.isUp()) return;
    this.#end.abort();
    this.#socket.destroy();
    for (const listener of [...this.#listeners]) listener();
    this.#listeners.clear();
  }

  /** Opens a connection inside the tunnel with its first message, and receives the answer. */
  async #ask(
    message: StandInMessage,
    kind: 'connect' | 'resolve',
  ): Promise<
    | { readonly ok: true; readonly socket: TLSSocket; readonly message: StandInMessage }
    | { readonly ok: false; readonly error: Error }
  > {
    const { signal } = this.#end;
    const dialled = await this.#dialler.dial(signal);
    if (!dialled.ok) return { ok: false, error: errorOf(dialled.fault) };
    const socket = dialled.value;
    const fail = (error: Error) => {
      socket.destroy();
      return { ok: false, error } as const;
    };
    const end = () => socket.destroy();
    signal.addEventListener('abort', end);
    socket.once('close', () => signal.removeEventListener('abort', end));
    if (!isSamePeer(socket, this.#peer)) return fail(systemError('EPROTO'));
    send(socket, message);
    const answer = await receive(socket, answerSchemas[kind], this.#dialler.deadline);
    if (!answer.ok) return fail(errorOf(answer.fault));
    if (answer.value.kind === 'failed') return fail(systemError(answer.value.found));
    return { ok: true, socket, message: answer.value };
  }
}

/** Whether the certificate is the one that was judged when the tunnel came up. */
function isSamePeer(socket: TLSSocket, peer: Certificate): boolean {
  return socket.getPeerX509Certificate()?.raw.equals(peer.der) ?? false;
}

/** An error as the system reports it on a connection. */
function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function errorOf({ code, found }: Fault): Error {
  if (code === 'cancelled') return systemError('ECONNRESET'); // The tunnel is down.
  return systemError(code === 'ike-no-answer' ? 'ETIMEDOUT' : (found ?? 'EPROTO'));
}
