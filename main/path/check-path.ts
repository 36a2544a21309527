import type { PathCheckName } from '../../preload/contract/steps.ts';
import { values, type Configuration } from '../bundle/index.ts';
import { fault, ok, refuse, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import {
  ikePort,
  placeOf,
  probeGateway,
  probeWithoutState,
  type ProbeAnswer,
  type ProbeLimit,
} from '../ike/index.ts';
import type { Certificate } from '../pki/index.ts';
import { answerCheck, mayAnswer, portCheck, sizesCheck, trustCheck, type Ask } from './gateway-checks.ts';
import { pathGateways, type PathGateway } from './gateways.ts';
import type { PathNetwork } from './network.ts';
import { failed, inOrder, passed, skipped, type PathCheck } from './path-check.ts';
import { raCheck } from './ra-check.ts';

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

/** What is asked of an initial gateway once its address is known. */
const ofInitial = ['answer', 'vendor-root', 'port-4500', 'sizes'] as const;

/** The most addresses of a name that are shown. */
const mostShown = 4;

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
  const gateways = pathGateways(question.configuration).map(({ address }) => address);
  const run = new PathRun(question, surroundings, note, signal);
  await Promise.all([run.checkGateways(), run.checkRa()]);
  note(question.clock);
  return signal?.aborted ? refuse('cancelled') : ok(inOrder(checks, gateways));
}

/** A gateway whose name leads to an address. */
interface Found extends PathGateway {
  readonly host: string;
}

class PathRun {
  readonly #question: PathQuestion;
  readonly #surroundings: PathSurroundings;
  readonly #note: (check: PathCheck) => void;
  readonly #signal: AbortSignal | undefined;
  /** By place. Two names of one gateway share a probe. */
  readonly #probes = new Map<string, Promise<Result<ProbeAnswer>>>();

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
    if (!all.some(({ isInitial }) => isInitial)) this.#skip(ofInitial);
    if (!all.some(({ isTraffic }) => isTraffic)) this.#skip(['traffic-gateway']);
    const named = await Promise.all(all.map((gateway) => this.#find(gateway)));
    const found = named.filter((one) => one !== undefined);
    const initialHosts = new Set(found.flatMap(({ isInitial, host }) => (isInitial ? [host] : [])));
    await Promise.all(
      found.map(async (one) => {
        if (one.isTraffic && initialHosts.has(one.host)) this.#skip(['traffic-gateway'], one);
        else if (one.isTraffic)
          this.#note(trustCheck('traffic-gateway', one.address, await this.#probe(one)));
        if (one.isInitial) await this.#checkInitial(one);
      }),
    );
  }

  async checkRa(): Promise<void> {
    const { configuration, isInTunnel = false } = this.#question;
    const resolve = (host: string) => this.#resolve(host);
    const { network } = this.#surroundings;
    this.#note(await raCheck(configuration, network, resolve, isInTunnel, this.#signal));
  }

  /** The gateway with the first address of its name. */
  async #find(gateway: PathGateway): Promise<Found | undefined> {
    const { address } = gateway;
    let found: string | undefined;
    const addresses = await this.#resolve(address).catch((error: unknown) => {
      found = errorCode(error);
      return [];
    });
    const [host] = addresses;
    if (host === undefined) {
      const facts = { ...(found !== undefined && { found }), where: { address } };
      this.#note(failed('name', fault('ike-name-unresolved', facts), { gateway: address }));
      if (gateway.isInitial) this.#skip(ofInitial, gateway);
      if (gateway.isTraffic) this.#skip(['traffic-gateway'], gateway);
      return undefined;
    }
    const figure = addresses.slice(0, mostShown).join(', ');
    this.#note(passed('name', { gateway: address, ...(host !== address && { figure }) }));
    return { ...gateway, host };
  }

  async #checkInitial(found: Found): Promise<void> {
    const { address } = found;
    const probed = await this.#probe(found);
    this.#note(answerCheck(address, probed));
    if (probed.ok) this.#note(trustCheck('vendor-root', address, probed));
    else this.#skip(['vendor-root'], found);
    if (!mayAnswer(probed)) {
      this.#skip(['port-4500', 'sizes'], found);
      return;
    }
    const network = this.#surroundings.network.datagrams;
    const ask: Ask = async (port, size) =>
      this.#signal?.aborted
        ? refuse('cancelled')
        : await probeWithoutState({ network, host: found.host, port, size, signal: this.#signal });
    const sizes = await sizesCheck(address, this.#question.configuration.backhaul.mtu, ask);
    this.#note(sizes);
    this.#note(await portCheck(address, sizes.outcome !== 'not-possible', ask));
  }

  #probe({ host, proposals }: Found): Promise<Result<ProbeAnswer>> {
    const place = placeOf(host);
    const known = this.#probes.get(place);
    if (known) return known;
    const { limit, network } = this.#surroundings;
    const { vendorRoots, intermediates } = this.#question;
    const turn = this.#signal?.aborted ? refuse('cancelled') : limit.take(host);
    const probe: Promise<Result<ProbeAnswer>> = turn.ok
      ? probeGateway({
          ...{ network: network.datagrams, host, port: ikePort, proposals },
          ...{ vendorRoots, intermediates, signal: this.#signal },
        })
      : Promise.resolve(turn);
    this.#probes.set(place, probe);
    return probe;
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
