import type { StepName } from '../bundle/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import type { StepDevice } from './enb-device.ts';
import { certificatesOf } from './enb-enrolment.ts';
import type { EnbKeys } from './enb-keys.ts';
import type { RenewalTime } from './enb-renewal.ts';
import type { EnbStateFile, Service } from './enb-state.ts';
import type { StepChanges, StepRecords } from './enb-step-records.ts';
import { gatewaysOf, initialOrder, trafficOrder } from './enb-tunnel-orders.ts';
import type { Ipsec, Tunnel, TunnelOrder, TunnelPhase } from './ipsec.ts';

type OnPhase = (phase: TunnelPhase) => void;

/** Between two attempts to bring the traffic tunnel up again, in milliseconds: the first pause, and the longest. */
const [firstPause, longestPause] = [1_000, 5 * 60_000];

/**
 * The tunnels of an eNB. The one of step 0.5 is there for enrolment, and ends with it. The one of step 2 stays: the eNB
 * brings it up again whenever it is down, also after a restart, until the step 2 of another bundle replaces it.
 */
export class EnbTunnels {
  readonly #device: StepDevice;
  readonly #ipsec: Ipsec;
  readonly #state: EnbStateFile;
  readonly #records: StepRecords;
  readonly #keys: EnbKeys;
  readonly #time: RenewalTime;
  #initial: Tunnel | undefined;
  #traffic: Tunnel | undefined;
  /** `uptime` since when the traffic tunnel is down. */
  #downSince: number;
  #failures = 0;
  #cancelRetry: () => void = () => undefined;
  /** Ends attempts in the background. */
  readonly #closing = new AbortController();
  #attempt: Promise<Result<Tunnel>> | undefined;

  /** Brings the traffic tunnel up if an earlier step 2 is done. */
  constructor(
    device: StepDevice,
    ipsec: Ipsec,
    state: EnbStateFile,
    records: StepRecords,
    keys: EnbKeys,
    time: RenewalTime,
  ) {
    this.#device = device;
    this.#ipsec = ipsec;
    this.#state = state;
    this.#records = records;
    this.#keys = keys;
    this.#time = time;
    this.#downSince = time.uptime();
    this.#retryTraffic(0);
  }

  /** Step 0.5. */
  async makeInitial(onPhase: OnPhase, signal: AbortSignal): Promise<Result<void>> {
    const made = await this.#upInitial(onPhase, signal);
    if (!made.ok) return made;
    await this.#done('initial-ipsec', made.value);
    return ok(undefined);
  }

  /** Step 2. From its end on the eNB is in service, and the tunnel of an earlier bundle is not needed any more. */
  async makeTraffic(onPhase: OnPhase, signal: AbortSignal): Promise<Result<void>> {
    const { accepted } = this.#records;
    const { operator } = this.#state.get();
    if (!accepted || !operator) return ok(undefined);
    const { content, configuration } = accepted;
    const { key, certificate, chain, roots } = operator;
    const gateways = gatewaysOf(configuration, 'traffic');
    const { ikeIdentity } = configuration.backhaul;
    const service: Service = {
      ...{ content, key, certificate, chain, roots, gateways: [...gateways] },
      ...(ikeIdentity !== undefined && { ikeIdentity }),
    };
    const order = this.#orderOf(service);
    if (!order.ok) return order;
    const up = await this.#ipsec.up(order.value, onPhase, signal);
    if (!up.ok) return up;
    if (signal.aborted) {
      await up.value.down();
      return ok(undefined);
    }
    await this.#done('backhaul-ipsec', up.value, { service });
    const older = this.#traffic;
    this.#useTraffic(up.value);
    await older?.down();
    return ok(undefined);
  }

  /** Stores that a step has brought a tunnel up. If that is not possible, the tunnel ends. */
  async #done(step: StepName, tunnel: Tunnel, changes: StepChanges = {}): Promise<void> {
    try {
      this.#records.end(step, undefined, changes);
    } catch (error) {
      await tunnel.down();
      throw error;
    }
  }

  /** The tunnel of step 0.5, which is brought up again if it is down. */
  async initial(signal: AbortSignal): Promise<Result<Tunnel>> {
    return this.#initial?.isUp() ? ok(this.#initial) : this.#upInitial(() => undefined, signal);
  }

  /** The tunnel of step 2, which is brought up again if it is down. Undefined before the first step 2. */
  async traffic(): Promise<Result<Tunnel> | undefined> {
    if (!this.#state.get().service) return undefined;
    return this.#traffic?.isUp() ? ok(this.#traffic) : this.#upTraffic();
  }

  /** The tunnel of step 0.5 if it is up. */
  get openInitial(): Tunnel | undefined {
    return this.#initial?.isUp() ? this.#initial : undefined;
  }

  /** How long the traffic tunnel has been down without a break, in milliseconds; 0 while it is up. */
  downFor(): number {
    return this.#traffic?.isUp() ? 0 : this.#time.uptime() - this.#downSince;
  }

  /** Ends the tunnel of step 0.5: enrolment is done, or another bundle is there. */
  async endInitial(): Promise<void> {
    const tunnel = this.#initial;
    this.#initial = undefined;
    await tunnel?.down();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelRetry();
    await this.#ipsec.close();
  }

  async #upInitial(onPhase: OnPhase, signal: AbortSignal): Promise<Result<Tunnel>> {
    const { accepted } = this.#records;
    if (!accepted) return refuse('not-provisioned');
    await this.endInitial();
    const { configuration } = accepted;
    const { key, certificate, chain, vendorRoot } = this.#device;
    const order = initialOrder(
      configuration,
      // A gateway that trusts several roots learns from the root which intermediates to use.
      { key, certificate, chain: [...chain, vendorRoot] },
      certificatesOf(configuration.operatorRootCertificates),
    );
    if (!order.ok) return order;
    const up = await this.#ipsec.up(order.value, onPhase, signal);
    if (!up.ok) return up;
    if (signal.aborted) {
      await up.value.down();
      return refuse('cancelled');
    }
    this.#initial = up.value;
    return up;
  }

  /** Only one attempt runs at a time. */
  #upTraffic(): Promise<Result<Tunnel>> {
    this.#attempt ??= this.#tryTraffic().finally(() => (this.#attempt = undefined));
    return this.#attempt;
  }

  async #tryTraffic(): Promise<Result<Tunnel>> {
    const { service } = this.#state.get();
    const order = service ? this.#orderOf(service) : refuse('not-enrolled');
    if (!order.ok) return order;
    const up = await this.#ipsec.up(order.value, () => undefined, this.#closing.signal);
    if (!up.ok) return up;
    // A new step 2 was faster, or the eNB has another certificate by now.
    const isOvertaken = this.#traffic?.isUp() || this.#state.get().service !== service;
    if (isOvertaken || this.#closing.signal.aborted) {
      await up.value.down();
      return this.#traffic?.isUp() ? ok(this.#traffic) : refuse('cancelled');
    }
    this.#useTraffic(up.value);
    return up;
  }

  #useTraffic(tunnel: Tunnel): void {
    this.#cancelRetry();
    this.#failures = 0;
    this.#traffic = tunnel;
    tunnel.onDown(() => {
      if (this.#traffic !== tunnel) return;
      this.#downSince = this.#time.uptime();
      this.#retryTraffic(firstPause);
    });
  }

  #retryTraffic(pause: number): void {
    this.#cancelRetry();
    if (!this.#state.get().service || this.#closing.signal.aborted) return;
    this.#cancelRetry = this.#time.later(pause, () => {
      const again = () => {
        if (this.#traffic?.isUp()) return;
        this.#failures += 1;
        this.#retryTraffic(Math.min(firstPause * 2 ** this.#failures, longestPause));
      };
      this.#upTraffic().then(again, again);
    });
  }

  #orderOf(service: Service): Result<TunnelOrder> {
    const key = this.#keys.read(service.key);
    if (!key.ok) return key;
    const [certificate, ...chain] = certificatesOf([service.certificate, ...service.chain]);
    if (!certificate) return refuse('certificate-unreadable');
    const credential = { key: key.value, certificate, chain };
    return trafficOrder(service.gateways, service.ikeIdentity, credential, certificatesOf(service.roots));
  }
}

/** Runs work that needs a tunnel. Refuses with `ike-tunnel-lost` if the tunnel goes down meanwhile. */
export async function through<Value>(
  tunnel: Tunnel | undefined,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result<Value>>,
): Promise<Result<Value>> {
  if (!tunnel) return work(signal);
  const lost = new AbortController();
  const stop = tunnel.onDown(() => lost.abort());
  const isLost = () => lost.signal.aborted && !signal.aborted;
  try {
    const result = await work(AbortSignal.any([signal, lost.signal]));
    if (result.ok || !isLost()) return result;
    return refuse('ike-tunnel-lost', { found: tunnel.gateway });
  } catch (error) {
    if (isLost()) return refuse('ike-tunnel-lost', { found: tunnel.gateway });
    throw error;
  } finally {
    stop();
  }
}
