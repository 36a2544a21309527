import type { PathCheckName } from '../../preload/contract/steps.ts';
import { values, type Configuration } from '../bundle/index.ts';
import { fault, ok, refuse, type Fault, type FaultCode, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import {
  probeGateway,
  probeWithoutState,
  type IkeFaultCode,
  type ProbeAnswer,
  type ProbeLimit,
} from '../ike/index.ts';
import type { Certificate } from '../pki/index.ts';
import { pathGateways, sizesBelow, type PathGateway } from './gateways.ts';
import type { PathNetwork } from './network.ts';
import { failed, inOrder, notPossible, passed, skipped, type PathCheck } from './path-check.ts';

/** What to check. */
export interface PathQuestion {
  readonly configuration: Configuration;
  /** The vendor's root. Any one of them counts. */
  readonly vendorRoots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  /** The check of the clock. Each place makes it from what it has. */
  readonly clock: PathCheck;
  /** A tunnel may be up here, so that a connection would show nothing about the world outside it. */
  readonly isInTunnel?: boolean;
}

/** From where the path is checked. */
export interface PathSurroundings {
  readonly network: PathNetwork;
  /** Shared by all checks from this place. */
  readonly limit: ProbeLimit;
}

/** The UDP ports of IKE (RFC 7296 section 2 and 2.23). */
const ports = { ike: 500, behindNat: 4500 } as const;

/** How long an RA/CA may take to show that it is not silent, in milliseconds. */
const silence = 3_000;

/** The most addresses of an RA/CA that are tried. */
const mostAddresses = 4;

/** What is asked of an initial gateway after its name, in order. */
const afterName = ['answer', 'vendor-root', 'port-4500', 'sizes'] as const;

/** Faults of a probe that show that the gateway answers IKE, or of which only this place is the cause. */
const mayBeThere: ReadonlySet<FaultCode> = new Set([
  'ike-proposal-refused',
  'ike-busy',
  'ike-too-soon',
  'algorithm-unsupported',
]);

/** Faults that say nothing about the gateway. */
const ofThisPlace: ReadonlySet<FaultCode> = new Set(['ike-too-soon', 'algorithm-unsupported']);

/**
 * Checks the path to the security gateways of a bundle, before step 0.5. The same function runs on the laptop and on the
 * eNB. Calls back with each check as it ends, and returns all of them in the order of `pathChecks`.
 *
 * Each gateway gets one full IKE_SA_INIT, if `limit` allows it, and otherwise messages that leave no state. All gateways
 * are asked at the same time, each one question after another. Refuses with `cancelled` once the signal is aborted.
 */
export async function checkPath(
  question: PathQuestion,
  surroundings: PathSurroundings,
  onCheck: (check: PathCheck) => void = () => undefined,
  signal?: AbortSignal,
): Promise<Result<readonly PathCheck[], 'cancelled'>> {
  const checks: PathCheck[] = [];
  const note = (check: PathCheck) => {
    if (signal?.aborted) return;
    checks.push(check);
    onCheck(check);
  };
  const run = new PathRun(question, surroundings, note, signal);
  await Promise.all([run.checkGateways(), run.checkRa()]);
  note(question.clock);
  return signal?.aborted ? refuse('cancelled') : ok(inOrder(checks));
}

/** A gateway whose name leads to an address. */
interface Found extends PathGateway {
  readonly host: string;
}

type Probed = Result<ProbeAnswer, IkeFaultCode | 'ike-too-soon'>;

class PathRun {
  readonly #question: PathQuestion;
  readonly #surroundings: PathSurroundings;
  readonly #note: (check: PathCheck) => void;
  readonly #signal: AbortSignal | undefined;
  /** By host. Two names of one gateway share a probe. */
  readonly #probes = new Map<string, Promise<Probed>>();

  constructor(
    question: PathQuestion,
    surroundings: PathSurroundings,
    note: (check: PathCheck) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#question = question;
    this.#surroundings = surroundings;
    this.#note = note;
    this.#signal = signal;
  }

  async checkGateways(): Promise<void> {
    const all = pathGateways(this.#question.configuration);
    if (all.length === 0) this.#skip(['name']);
    if (!all.some(({ isInitial }) => isInitial)) this.#skip(afterName);
    if (!all.some(({ isTraffic }) => isTraffic)) this.#skip(['traffic-gateway']);
    const named = await Promise.all(all.map((gateway) => this.#find(gateway)));
    const found = named.filter((one) => one !== undefined);
    const initialHosts = new Set(found.flatMap(({ isInitial, host }) => (isInitial ? [host] : [])));
    await Promise.all(
      found.map(async (one) => {
        if (one.isTraffic) {
          if (initialHosts.has(one.host)) this.#skip(['traffic-gateway'], one);
          else await this.#checkTraffic(one);
        }
        if (one.isInitial) await this.#checkInitial(one);
      }),
    );
  }

  /** The RA/CA must not answer outside the tunnel. */
  async checkRa(): Promise<void> {
    const { configuration, isInTunnel = false } = this.#question;
    const { network } = this.#surroundings;
    if (!configuration.initialIpsec.required) return this.#skip(['ra-silent']);
    if (isInTunnel) return this.#note(notPossible('ra-silent'));
    const url = new URL(configuration.enrolment.url);
    const host = values.hostOf(url);
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
    // A name that nobody outside knows leads nowhere.
    const addresses = await this.#resolve(host).catch(() => []);
    const tried = addresses.slice(0, mostAddresses);
    const taken = await Promise.all(
      tried.map((address) => network.connect(address, port, silence, this.#signal).catch(() => false)),
    );
    const answering = tried.find((_, index) => taken[index]);
    if (answering === undefined) {
      const figure = tried.length === 0 ? host : tried.map((address) => withPort(address, port)).join(', ');
      return this.#note(passed('ra-silent', { figure }));
    }
    const figure = withPort(answering, port);
    this.#note(failed('ra-silent', fault('ra-reachable-outside', { where: { address: figure } }), { figure }));
  }

  /** The first address of a gateway. */
  async #find(gateway: PathGateway): Promise<Found | undefined> {
    const { address } = gateway;
    let reason: string | undefined;
    const addresses = await this.#resolve(address).catch((error: unknown) => {
      reason = errorCode(error);
      return [];
    });
    const [host] = addresses;
    if (host !== undefined) {
      const figure = addresses.slice(0, mostAddresses).join(', ');
      this.#note(passed('name', { gateway: address, ...(host !== address && { figure }) }));
      return { ...gateway, host };
    }
    const facts = { ...(reason !== undefined && { found: reason }), where: { address } };
    this.#note(failed('name', fault('ike-name-unresolved', facts), { gateway: address }));
    if (gateway.isInitial) this.#skip(afterName, gateway);
    if (gateway.isTraffic) this.#skip(['traffic-gateway'], gateway);
    return undefined;
  }

  async #checkInitial(found: Found): Promise<void> {
    const about = { gateway: found.address };
    const answer = await this.#probe(found);
    if (!answer.ok) {
      const because = prependAddress(answer.fault, found);
      const isOpen = ofThisPlace.has(answer.fault.code);
      this.#note(isOpen ? notPossible('answer', { ...about, fault: because }) : failed('answer', because, about));
      this.#skip(['vendor-root'], found);
      if (!mayBeThere.has(answer.fault.code)) return this.#skip(['port-4500', 'sizes'], found);
    } else {
      const { milliseconds, proposal } = answer.value;
      this.#note(passed('answer', { ...about, figure: `${Math.round(milliseconds)} ms, ${proposal}` }));
      this.#note(this.#trust('vendor-root', found, answer.value, true));
    }
    const answersWithoutState = await this.#checkSizes(found);
    await this.#checkPort4500(found, answersWithoutState);
  }

  /** A traffic gateway that accepts the vendor's root would let in every eNB of the vendor, also without enrolment. */
  async #checkTraffic(found: Found): Promise<void> {
    const answer = await this.#probe(found);
    this.#note(
      answer.ok
        ? this.#trust('traffic-gateway', found, answer.value, false)
        : notPossible('traffic-gateway', {
            gateway: found.address,
            fault: prependAddress(answer.fault, found),
          }),
    );
  }

  /** Whether a gateway lists the vendor's root exactly if it should. */
  #trust(
    check: 'vendor-root' | 'traffic-gateway',
    found: Found,
    { vendorRoot }: ProbeAnswer,
    isWanted: boolean,
  ): PathCheck {
    const about = { gateway: found.address };
    const where = { address: found.address };
    if (vendorRoot === null) return notPossible(check, { ...about, fault: fault('seg-trust-unknown', { where }) });
    if (vendorRoot === isWanted) return passed(check, about);
    return failed(check, fault(isWanted ? 'seg-lacks-vendor-root' : 'traffic-seg-has-vendor-root', { where }), about);
  }

  /** Finds the largest message that the gateway answers. Returns whether it answers any. */
  async #checkSizes(found: Found): Promise<boolean> {
    const { mtu } = this.#question.configuration.backhaul;
    const about = { gateway: found.address };
    let last: Fault | undefined;
    for (const size of sizesBelow(mtu)) {
      const answer = await this.#ask(found, ports.ike, size);
      if (!answer.ok) {
        last = answer.fault;
        continue;
      }
      const figure = `${size} bytes`;
      const facts = { expected: `${mtu} bytes`, found: figure, where: { address: found.address } };
      this.#note(
        size === mtu
          ? passed('sizes', { ...about, figure })
          : failed('sizes', fault('path-too-small', facts), { ...about, figure }),
      );
      return true;
    }
    // It may be that this gateway never answers such messages.
    this.#note(notPossible('sizes', { ...about, ...(last && { fault: prependAddress(last, found) }) }));
    return false;
  }

  async #checkPort4500(found: Found, answersOn500: boolean): Promise<void> {
    const about = { gateway: found.address };
    const answer = await this.#ask(found, ports.behindNat);
    if (answer.ok) {
      const figure = `${Math.round(answer.value.milliseconds)} ms`;
      return this.#note(passed('port-4500', { ...about, figure }));
    }
    const reason = prependAddress(answer.fault, found);
    this.#note(
      answersOn500
        ? failed('port-4500', fault('port-4500-blocked', { where: { address: found.address } }), about)
        : notPossible('port-4500', { ...about, fault: reason }),
    );
  }

  #probe(found: Found): Promise<Probed> {
    const known = this.#probes.get(found.host);
    if (known) return known;
    const { limit, network } = this.#surroundings;
    const { vendorRoots, intermediates } = this.#question;
    const turn = limit.take(found.host);
    const probe: Promise<Probed> = turn.ok
      ? probeGateway({
          network: network.datagrams,
          host: found.host,
          port: ports.ike,
          proposals: found.proposals,
          vendorRoots,
          intermediates,
          signal: this.#signal,
        })
      : Promise.resolve(turn);
    this.#probes.set(found.host, probe);
    return probe;
  }

  #ask({ host }: Found, port: number, size?: number) {
    const network = this.#surroundings.network.datagrams;
    return probeWithoutState({ network, host, port, size, signal: this.#signal });
  }

  /** The addresses of a host. An address is its own. */
  async #resolve(host: string): Promise<readonly string[]> {
    if (values.isAddress(host)) return [host];
    const { dns } = this.#question.configuration.backhaul;
    return this.#surroundings.network.resolve(host, dns, this.#signal);
  }

  #skip(checks: readonly PathCheckName[], gateway?: PathGateway): void {
    for (const check of checks) this.#note(skipped(check, gateway && { gateway: gateway.address }));
  }
}

function withPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function prependAddress(problem: Fault, { address }: PathGateway): Fault {
  return { ...problem, where: { ...problem.where, address } };
}
