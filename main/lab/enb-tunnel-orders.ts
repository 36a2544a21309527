import type { KeyObject } from 'node:crypto';
import type { Configuration } from '../bundle/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { dnsNamesOf, type Certificate } from '../pki/index.ts';
import type { GatewayRole, TunnelGateway, TunnelOrder } from './ipsec.ts';

/** What an eNB authenticates with. */
export interface TunnelCredential {
  readonly key: KeyObject;
  readonly certificate: Certificate;
  readonly chain: readonly Certificate[];
}

/** The gateways of a role, with the proposals of the configuration where they have no others. */
export function gatewaysOf(
  { securityGateways, initialIpsec }: Configuration,
  wanted: GatewayRole,
): readonly TunnelGateway[] {
  return securityGateways
    .filter(({ role }) => role === wanted)
    .map(({ address, identity, remoteSubnets, proposals, espProposals, inner }) => ({
      address,
      identity,
      remoteSubnets,
      proposals: proposals ?? initialIpsec.proposals,
      espProposals: espProposals ?? initialIpsec.espProposals,
      ...(inner?.method === 'static' && { innerAddresses: inner.addresses }),
    }));
}

/** The order for the tunnel of step 0.5. The eNB shows its vendor certificate. */
export function initialOrder(
  configuration: Configuration,
  credential: TunnelCredential,
  roots: readonly Certificate[],
): Result<TunnelOrder, 'ike-identity-missing'> {
  const gateways = gatewaysOf(configuration, 'initial');
  const order: TunnelOrder = { role: 'initial', gateways, ...credential, roots };
  if (configuration.initialIpsec.identity !== 'fqdn') return ok(order);
  const [name] = dnsNamesOf(credential.certificate);
  return name === undefined
    ? refuse('ike-identity-missing', { expected: 'fqdn' })
    : ok({ ...order, identity: name });
}

/** The order for the tunnel of step 2. The eNB shows its operator certificate. */
export function trafficOrder(
  gateways: readonly TunnelGateway[],
  identity: string | undefined,
  credential: TunnelCredential,
  roots: readonly Certificate[],
): Result<TunnelOrder, 'ike-identity-missing'> {
  const names = dnsNamesOf(credential.certificate);
  if (identity !== undefined && !names.includes(identity.toLowerCase()))
    return refuse('ike-identity-missing', { expected: identity, found: names.join(', ') });
  return ok({ role: 'traffic', gateways, identity, ...credential, roots });
}
