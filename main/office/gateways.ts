import { values, type Configuration } from '../bundle/index.ts';
import { splitList } from './inventory-columns.ts';
import type { RowCells } from './inventory.ts';
import type { Profile } from './profile.ts';

/** A security gateway as a configuration holds it. */
export type Gateway = Configuration['securityGateways'][number];

/** What is behind a traffic gateway if the profile does not say it. */
const everything = ['0.0.0.0/0', '::/0'];

/**
 * The gateways of a row, as the profile describes them. An initial gateway that the profile gives no subnets has none
 * here: what an eNB sends into the tunnel before it is enrolled must be written down.
 */
export function securityGateways(
  { securityGateways: known }: Pick<Profile, 'securityGateways'>,
  { seg_initial: initial, seg_traffic: traffic, inner_ip: innerIp }: RowCells,
): readonly Gateway[] {
  const gateway = (role: Gateway['role'], address: string): Gateway => {
    const { identity = address, remoteSubnets, ...rest } = known.get(values.canonicalHost(address)) ?? {};
    const hasInnerIp = role === 'traffic' && innerIp !== '';
    return {
      role,
      address,
      identity,
      remoteSubnets: remoteSubnets ?? (role === 'traffic' ? everything : []),
      ...rest,
      ...(hasInnerIp && { inner: { method: 'static', addresses: [...splitList(innerIp)] } }),
    };
  };
  return [
    ...splitList(initial).map((address) => gateway('initial', address)),
    ...splitList(traffic).map((address) => gateway('traffic', address)),
  ];
}
