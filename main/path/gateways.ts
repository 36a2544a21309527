import { values, type Configuration } from '../bundle/index.ts';

/** A security gateway of a bundle. Members with the same address are one. */
export interface PathGateway {
  /** As the bundle names it. */
  readonly address: string;
  readonly isInitial: boolean;
  readonly isTraffic: boolean;
  /** In strongSwan's notation. */
  readonly proposals: readonly string[];
}

/** The security gateways of a bundle, in its order. */
export function pathGateways({
  securityGateways,
  initialIpsec,
}: Pick<Configuration, 'securityGateways' | 'initialIpsec'>): readonly PathGateway[] {
  const byAddress = Map.groupBy(securityGateways, ({ address }) => values.canonicalHost(address));
  return [...byAddress.values()].map((members) => {
    const has = (wanted: string) => members.some(({ role }) => role === wanted);
    const first = members.find(({ role }) => role === 'initial') ?? members[0];
    return {
      address: first?.address ?? '',
      isInitial: has('initial'),
      isTraffic: has('traffic'),
      proposals: first?.proposals ?? initialIpsec.proposals,
    };
  });
}

/** Usual sizes of IP packets on links, in bytes, and what each host takes. */
const usualSizes = [576, 1280, 1400, 1450, 1492, 1500];

/** The sizes below an MTU that are worth a try, smallest first. */
export function sizesBelow(mtu: number): readonly number[] {
  return usualSizes.filter((size) => size < mtu);
}
