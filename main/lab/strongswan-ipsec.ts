import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { tunnelPhases } from '../bundle/index.ts';
import { fault, ok, refuse, refused, unlessAborted, type Fault, type Result } from '../faults/index.ts';
import { errorCode, systemErrorCode } from '../files/index.ts';
import {
  canCarryTraffic,
  Charon,
  enbConnection,
  endConnection,
  initiate,
  loadCaCertificates,
  loadKey,
  tunDevice,
  TunnelRoutes,
  ViciError,
  whyUnreachable,
  type Attempt,
  type EnbConnection,
  type IkeFaultCode,
  type InstalledTunnel,
  type Vici,
  type ViciSection,
} from '../strongswan/index.ts';
import type { Ipsec, Tunnel, TunnelGateway, TunnelOrder, TunnelPhase } from './ipsec.ts';
import { StrongswanTunnel } from './strongswan-tunnel.ts';

/** How a reference eNB runs strongSwan. */
export interface StrongswanIpsecOptions {
  /** For the daemon's settings, socket and log. An absolute path, not long: the socket's path has at most 107 bytes. */
  readonly folder: string;
  /** Only IKE, also where tunnels could carry traffic. */
  readonly isChildless?: boolean | undefined;
}

/** How many addresses of a gateway's name are tried. */
const maximumAddresses = 4;
const lookupDeadline = 10_000;

/** What an attempt came to. */
type Outcome = { readonly ok: true; readonly value: Tunnel } | Failed;
interface Failed {
  readonly ok: false;
  readonly fault: Fault<IkeFaultCode>;
  /** How many phases it had reached. */
  readonly reached: number;
}

function failed(fault: Fault<IkeFaultCode>, reached = 0): Failed {
  return { ok: false, fault, reached };
}

/**
 * Starts strongSwan for an eNB: with ESP where tunnels can carry traffic, otherwise childless. Ends what a killed eNB
 * left with this folder. Refuses where strongSwan cannot run.
 */
export async function startStrongswanIpsec(
  options: StrongswanIpsecOptions,
): Promise<Result<Ipsec, 'ike-unavailable'>> {
  const ipsec = new StrongswanIpsec(options);
  const daemon = await ipsec.daemon();
  return daemon.ok ? ok(ipsec) : daemon;
}

/** A running daemon, and the connection that hears its events. */
interface Daemon {
  readonly charon: Charon;
  readonly events: Vici;
}

class StrongswanIpsec implements Ipsec {
  readonly kind: Ipsec['kind'];
  readonly #folder: string;
  readonly #isChildless: boolean;
  readonly #routes = new TunnelRoutes();
  /** What to do when the connection of this name goes down. */
  readonly #whenDown = new Map<string, () => void>();
  readonly #tunnels = new Set<Tunnel>();
  /** How many attempts use a key, by strongSwan's name for it. */
  readonly #keys = new Map<string, number>();
  #daemon: Promise<Result<Daemon, 'ike-unavailable'>> | undefined;
  #isClosed = false;
  #count = 0;

  constructor({ folder, isChildless = false }: StrongswanIpsecOptions) {
    this.#folder = folder;
    this.#isChildless = isChildless || !canCarryTraffic();
    this.kind = this.#isChildless ? 'childless' : 'strongswan';
  }

  /** The daemon, started again if it has ended. */
  async daemon(): Promise<Result<Daemon, 'ike-unavailable'>> {
    if (this.#isClosed) return refuse('ike-unavailable');
    const daemon = (this.#daemon ??= this.#start());
    const started = await daemon;
    if (!started.ok && this.#daemon === daemon) this.#daemon = undefined;
    return started;
  }

  async #start(): Promise<Result<Daemon, 'ike-unavailable'>> {
    const started = await Charon.start({
      folder: this.#folder,
      isChildless: this.#isChildless,
      installsRoutes: false,
    });
    if (!started.ok) return started;
    const charon = started.value;
    try {
      if (!this.#isChildless) await this.#routes.clear();
      const events = await charon.connect();
      const hear = (message: ViciSection) => {
        if (message.up === 'yes') return;
        for (const name of Object.keys(message)) this.#whenDown.get(name)?.();
      };
      await events.listen('ike-updown', hear);
      await events.listen('child-updown', hear);
      void Promise.race([charon.exited, events.closed]).then(() => {
        this.#daemon = undefined;
        events.close();
        for (const down of [...this.#whenDown.values()]) down();
      });
      return ok({ charon, events });
    } catch (error) {
      await charon.stop();
      if (!(error instanceof ViciError)) throw error;
      return refuse('ike-unavailable', { found: error.message });
    }
  }

  async up(
    order: TunnelOrder,
    onPhase: (phase: TunnelPhase) => void,
    signal: AbortSignal,
  ): Promise<Result<Tunnel>> {
    const isAborted = () => signal.aborted;
    const failures: Failed[] = [];
    for (const gateway of order.gateways) {
      if (isAborted()) return refuse('cancelled');
      const addresses = await addressesOf(gateway, signal);
      if (!addresses.ok) failures.push(failed(addresses.fault));
      else {
        for (const address of addresses.value) {
          const outcome = await this.#attempt(order, gateway, address, onPhase, signal);
          if (isAborted()) {
            if (outcome.ok) await outcome.value.down();
            return refuse('cancelled');
          }
          if (outcome.ok) return outcome;
          failures.push(outcome);
        }
      }
    }
    const furthest = Math.max(...failures.map(({ reached }) => reached));
    const told = failures.find(({ reached }) => reached === furthest);
    return refused(told?.fault ?? fault('ike-unreachable'));
  }

  async #attempt(
    order: TunnelOrder,
    gateway: TunnelGateway,
    address: string,
    onPhase: (phase: TunnelPhase) => void,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const where = { address: gateway.address };
    const unreachable = await whyUnreachable(address, false);
    if (unreachable !== undefined) return failed(fault('ike-unreachable', { found: unreachable, where }));
    const daemon = await this.daemon();
    if (!daemon.ok) return failed(daemon.fault);
    const connection: EnbConnection = {
      ...order,
      name: `${order.role}-${(this.#count += 1)}`,
      address,
      gatewayIdentity: gateway.identity,
      remoteSubnets: gateway.remoteSubnets,
      proposals: gateway.proposals,
      espProposals: gateway.espProposals,
      innerAddresses: gateway.innerAddresses,
      isChildless: this.#isChildless,
    };
    const lost = new AbortController();
    this.#whenDown.set(connection.name, () => lost.abort());
    try {
      const attempt = await this.#initiate(daemon.value, connection, onPhase, signal);
      if (attempt.ok)
        return await this.#tunnel(daemon.value, connection, gateway, attempt.tunnel, lost.signal);
      const reached = attempt.reached === undefined ? 0 : tunnelPhases.indexOf(attempt.reached) + 1;
      const reason = await this.#whyRefused(daemon.value, connection, attempt.fault, signal);
      this.#whenDown.delete(connection.name);
      return failed({ ...reason, where }, reached);
    } catch (error) {
      this.#whenDown.delete(connection.name);
      if (!(error instanceof ViciError)) throw error;
      return failed(fault('ike-unavailable', { found: error.message }));
    }
  }

  /** Loads a connection and brings it up. Leaves nothing of one that does not come up. */
  async #initiate(
    { charon }: Daemon,
    connection: EnbConnection,
    onPhase: (phase: TunnelPhase) => void,
    signal: AbortSignal,
  ): Promise<Attempt> {
    const { name, key, chain, isChildless } = connection;
    const vici = await charon.connect();
    const abort = () => void this.#end(charon, name);
    let isUp = false;
    try {
      const keyName = await loadKey(vici, key);
      this.#keys.set(keyName, (this.#keys.get(keyName) ?? 0) + 1);
      try {
        await loadCaCertificates(vici, chain);
        await vici.order('load-conn', enbConnection(connection));
        signal.addEventListener('abort', abort, { once: true });
        if (signal.aborted) abort();
        const attempt = await initiate(vici, name, isChildless, onPhase, () => charon.lastLogged);
        isUp = attempt.ok && !signal.aborted;
        return attempt;
      } finally {
        await this.#forgetKey(charon, keyName);
      }
    } finally {
      signal.removeEventListener('abort', abort);
      vici.close();
      if (!isUp) await this.#end(charon, name);
    }
  }

  /** strongSwan needs the key only until both sides have authenticated. */
  async #forgetKey(charon: Charon, keyName: string): Promise<void> {
    const users = (this.#keys.get(keyName) ?? 1) - 1;
    if (users > 0) {
      this.#keys.set(keyName, users);
      return;
    }
    this.#keys.delete(keyName);
    await this.#cleanUp(charon, (vici) => vici.request('unload-key', { id: keyName }));
  }

  #end(charon: Charon, name: string): Promise<void> {
    return this.#cleanUp(charon, (vici) => endConnection(vici, name));
  }

  /** On a new connection: the one that was used may be lost, and what it has started must end all the same. */
  async #cleanUp(charon: Charon, work: (vici: Vici) => Promise<unknown>): Promise<void> {
    try {
      const vici = await charon.connect();
      try {
        await work(vici);
      } finally {
        vici.close();
      }
    } catch {
      // The daemon has ended, and everything in it.
    }
  }

  /**
   * The cause of a refusal, if another look finds a better one. A gateway that is silent may be unreachable. One that
   * refuses may do so because it is not the one that it was asked to be: without being asked, it shows who it is.
   */
  async #whyRefused(
    daemon: Daemon,
    connection: EnbConnection,
    reason: Fault<IkeFaultCode>,
    signal: AbortSignal,
  ): Promise<Fault<IkeFaultCode>> {
    if (signal.aborted) return reason;
    if (reason.code === 'ike-no-answer' && reason.rule === undefined) {
      const found = await whyUnreachable(connection.address, true);
      return found === undefined ? reason : fault('ike-unreachable', { found });
    }
    if (reason.code !== 'ike-peer-refused') return reason;
    const name = `${connection.name}-who`;
    const anyone = { ...connection, name, gatewayIdentity: undefined };
    const attempt = await this.#initiate(daemon, anyone, () => undefined, signal);
    if (!attempt.ok) return attempt.fault.code === 'ike-peer-untrusted' ? attempt.fault : reason;
    await this.#end(daemon.charon, name);
    return fault('ike-peer-untrusted', { rule: 'ike-identity', found: attempt.tunnel.peer });
  }

  /** The tunnel that is installed under this connection's name. `lost` tells that it has gone down since. */
  async #tunnel(
    { charon }: Daemon,
    { name }: EnbConnection,
    gateway: TunnelGateway,
    { innerAddresses, remoteSubnets }: InstalledTunnel,
    lost: AbortSignal,
  ): Promise<Outcome> {
    const where = { address: gateway.address };
    const end = async (problem: Fault<IkeFaultCode>) => {
      this.#whenDown.delete(name);
      await this.#end(charon, name);
      return failed(problem, tunnelPhases.length);
    };
    const asked = gateway.innerAddresses ?? [];
    if (!this.#isChildless && asked.some((address) => !innerAddresses.includes(address))) {
      const facts = { expected: asked.join(', '), found: innerAddresses.join(', '), where };
      return end(fault('ike-address-refused', facts));
    }
    const taken = innerAddresses.flatMap(placeOutside);
    if (taken.length > 0) return end(fault('ike-address-refused', { found: taken.join(', '), where }));
    let removeRoutes: () => Promise<void>;
    try {
      removeRoutes = await this.#routes.add(innerAddresses, remoteSubnets);
    } catch (error) {
      return end(fault('ike-unavailable', { found: errorCode(error), where: { file: 'ip' } }));
    }
    const tunnel = new StrongswanTunnel(gateway.address, innerAddresses, remoteSubnets, async () => {
      this.#whenDown.delete(name);
      this.#tunnels.delete(tunnel);
      await this.#end(charon, name);
      await removeRoutes();
    });
    this.#tunnels.add(tunnel);
    this.#whenDown.set(name, () => void tunnel.down());
    if (!lost.aborted) return { ok: true, value: tunnel };
    await tunnel.down();
    return failed(fault('ike-tunnel-lost', { where }), tunnelPhases.length);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const daemon = await this.#daemon;
    await Promise.all([...this.#tunnels].map((tunnel) => tunnel.down()));
    if (!daemon?.ok) return;
    await daemon.value.charon.stop();
    daemon.value.events.close();
  }
}

/**
 * The address with the interface outside the tunnels that has it too. From such an address, packets would leave around
 * the tunnel once that is down.
 */
function placeOutside(address: string): readonly string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    name !== tunDevice && addresses.some((own) => own.address === address) ? [`${address} (${name})`] : [],
  );
}

/** The addresses of a gateway, in the order in which the system would use them. */
async function addressesOf(
  { address }: TunnelGateway,
  signal: AbortSignal,
): Promise<Result<readonly string[], 'ike-name-unresolved'>> {
  if (isIP(address) !== 0) return ok([address]);
  const unresolved = (found: string) => refuse('ike-name-unresolved', { found, where: { address } });
  const ending = AbortSignal.any([signal, AbortSignal.timeout(lookupDeadline)]);
  try {
    const found = await unlessAborted(lookup(address, { all: true, order: 'verbatim' }), ending);
    if (!found) return unresolved('ETIMEDOUT');
    return ok(found.slice(0, maximumAddresses).map((entry) => entry.address));
  } catch (error) {
    return unresolved(systemErrorCode(error));
  }
}
