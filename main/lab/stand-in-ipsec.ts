import type { TLSSocket } from 'node:tls';
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
import { tunnelPhases, values } from '../bundle/index.ts';
import type { Ipsec, Tunnel, TunnelGateway, TunnelOrder, TunnelPhase } from './ipsec.ts';
import { Dialler } from './stand-in-dialler.ts';
import { answerSchemas, receive, send, type Refusal } from './stand-in-messages.ts';
import { holdsIdentity, judgePeer, secureContextOf } from './stand-in-peer.ts';
import { StandInTunnel, type Agreement } from './stand-in-tunnel.ts';

/** How an eNB reaches gateways of the stand-in. */
export interface StandInOptions {
  /** Other addresses for gateways: `address:4500`, with the address in the bundle, to `address:port`. */
  readonly connectTo?: Readonly<Record<string, string>> | undefined;
  /** Undefined if the eNB has no clock. */
  readonly now: (() => Date) | undefined;
  /** How long to wait for a connection, and for each answer, in milliseconds. */
  readonly deadline?: number;
}

/**
 * TLS 1.3 in the place of IKE and ESP, for training and the demo: it needs no rights and no program. It is no IPsec. Both
 * sides authenticate with the certificates that IKE would use, and judge them with Siteseal's path validation.
 */
export function standInIpsec(options: StandInOptions): Ipsec {
  return new StandInIpsec(options);
}

const phases: readonly (TunnelPhase | 'none')[] = ['none', ...tunnelPhases];

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
    const dialler = new Dialler(gateway.address, connectTo, secureContextOf(order), deadline);
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
      const { code, where } = peer.fault;
      // Then the gateway showed no CA above its own certificate.
      const isOwnIssuerMissing = code === 'issuer-unknown' && where?.certificate === peer.subject;
      const rule = isOwnIssuerMissing ? 'ike-issuer' : (pathRules.get(code) ?? 'ike-path');
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
