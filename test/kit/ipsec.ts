/** The IPsec of a reference eNB, without a network: tunnels come up, wait, fail or go down where a test says so. */
import { Duplex } from 'node:stream';
import { ok, refuse, refused, type Fault, type Result } from '../../main/faults/index.ts';
import { tunnelPhases } from '../../main/bundle/index.ts';
import type { Ipsec, Tunnel, TunnelOrder, TunnelPhase } from '../../main/lab/index.ts';

/** A tunnel of a test. */
export class TestTunnel implements Tunnel {
  readonly order: TunnelOrder;
  readonly gateway: string;
  innerAddresses: readonly string[];
  readonly remoteSubnets: readonly string[];
  /** What was connected to through it, each `address port`. */
  readonly connections: string[] = [];
  /** The names behind the tunnel, with their addresses. */
  names: Readonly<Record<string, readonly string[]>> = {};
  /** The servers of each question for a name. */
  readonly asked: (readonly string[])[] = [];
  readonly #listeners = new Set<() => void>();
  #isUp = true;

  constructor(order: TunnelOrder, carriesTraffic: boolean) {
    const [gateway] = order.gateways;
    this.order = order;
    this.gateway = gateway?.address ?? '';
    this.innerAddresses = carriesTraffic ? ['10.30.0.1'] : [];
    this.remoteSubnets = carriesTraffic ? (gateway?.remoteSubnets ?? []) : [];
  }

  connect(address: string, port: number): Duplex {
    this.connections.push(`${address} ${port}`);
    return new Duplex().destroy(Object.assign(new Error(), { code: 'ECONNREFUSED' }));
  }

  resolve(name: string, servers: readonly string[]): Promise<readonly string[]> {
    this.asked.push(servers);
    return Promise.resolve(this.names[name] ?? []);
  }

  isUp(): boolean {
    return this.#isUp;
  }

  onDown(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  down(): Promise<void> {
    this.lose();
    return Promise.resolve();
  }

  /** The tunnel goes down, for whatever reason. */
  lose(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** What happens before a phase of a tunnel: nothing, a fault, or a wait. */
export type TunnelObstacle = (
  phase: TunnelPhase | 'up',
  order: TunnelOrder,
  signal: AbortSignal,
) => Fault | undefined | Promise<Fault | undefined>;

export class TestIpsec implements Ipsec {
  readonly kind = 'strongswan';
  obstacle: TunnelObstacle | undefined;
  /** Whether tunnels carry traffic. */
  carriesTraffic = true;
  /** All tunnels that have come up, in order. */
  readonly tunnels: TestTunnel[] = [];
  isClosed = false;

  get open(): readonly TestTunnel[] {
    return this.tunnels.filter((tunnel) => tunnel.isUp());
  }

  async up(
    order: TunnelOrder,
    onPhase: (phase: TunnelPhase) => void,
    signal: AbortSignal,
  ): Promise<Result<Tunnel>> {
    for (const phase of [...tunnelPhases, 'up'] as const) {
      const problem = await this.obstacle?.(phase, order, signal);
      if (problem) return refused(problem);
      if (signal.aborted) return refuse('cancelled');
      if (phase !== 'up') onPhase(phase);
    }
    const tunnel = new TestTunnel(order, this.carriesTraffic);
    this.tunnels.push(tunnel);
    return ok(tunnel);
  }

  close(): Promise<void> {
    this.isClosed = true;
    for (const tunnel of this.tunnels) tunnel.lose();
    return Promise.resolve();
  }
}
