import { isIPv6, SocketAddress } from 'node:net';
import { ok, refuse, type Result } from '../faults/index.ts';

/** Between two probes of the same place, in milliseconds. A gateway forgets a half-open SA after about as long. */
const interval = 30_000;

/** The most places to remember. */
const maximumPlaces = 256;

/** One spelling for each place: an address can have several, and one of IPv4 can be within IPv6. */
export function placeOf(address: string): string {
  if (!isIPv6(address)) return address;
  return new SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=.*\.)/, '');
}

/**
 * Keeps full probes of a place apart. Each leaves a half-open SA at the gateway, and from a few of them on many gateways
 * go silent, also for the eNB behind the same address.
 */
export class ProbeLimit {
  readonly #monotonic: () => number;
  readonly #last = new Map<string, number>();

  /** @param monotonic milliseconds since any moment */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** Takes the turn at a place: its address. Refused while the last one is too recent; `found` is the seconds to wait. */
  take(host: string): Result<undefined, 'ike-too-soon'> {
    const now = this.#monotonic();
    const asked = placeOf(host);
    for (const [place, time] of this.#last) if (now - time >= interval) this.#last.delete(place);
    const [oldest] = this.#last.values();
    const last = this.#last.get(asked) ?? (this.#last.size < maximumPlaces ? undefined : oldest);
    if (last !== undefined) {
      const seconds = Math.ceil((last + interval - now) / 1000);
      return refuse('ike-too-soon', { found: `${seconds} s`, where: { address: host } });
    }
    this.#last.set(asked, now);
    return ok(undefined);
  }
}
