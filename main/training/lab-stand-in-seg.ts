import { Resolver } from 'node:dns/promises';
import { connect, isIPv4 } from 'node:net';
import type { KeyObject } from 'node:crypto';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { StandInSeg, standInPort, type Behind, type Listening } from '../lab/index.ts';
import { exactly, isTrainingCertificate, type Certificate, type Crl } from '../pki/index.ts';
import { portUnavailable } from './port-unavailable.ts';

/** A gateway of the stand-in on the addresses of this computer, and what it trusts. */
export interface LabStandInSegRequest {
  readonly certificate: Certificate;
  readonly key: KeyObject;
  readonly chain: readonly Certificate[];
  readonly roots: readonly Certificate[];
  readonly untrusted: readonly Certificate[];
  readonly crls: readonly Crl[];
  readonly subnets: readonly string[];
  /** One IPv4 network. */
  readonly pools: readonly string[];
  /** Empty: every IPv4 address. */
  readonly addresses: readonly string[];
  readonly proposals: readonly string[];
  readonly espProposals: readonly string[];
}

/** A running gateway of the stand-in. */
export interface RunningStandInSeg {
  /** The UDP ports on which it answers IKE_SA_INIT. */
  readonly ike: readonly (500 | 4500)[];
  /** Resolves once it is closed. */
  readonly exited: Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a gateway of the stand-in for IPsec on TCP port 4500, which also answers IKE_SA_INIT on UDP 500 and 4500. Port 500
 * may need rights that the user does not have. Tunnels do not use it, so the gateway then works without it.
 */
export async function startLabStandInSeg(
  request: LabStandInSegRequest,
  now: () => Date,
): Promise<Result<RunningStandInSeg>> {
  const { certificate, key, chain, roots, untrusted, crls, subnets, proposals, espProposals } = request;
  // In real data, nobody must take TLS for IPsec.
  if (![certificate, ...roots].every(isTrainingCertificate))
    return refuse('ike-unavailable', { rule: 'stand-in-training' });
  const [pool, ...others] = request.pools;
  if (pool === undefined || others.length > 0 || !isPool(pool))
    return refuse('usage-invalid', { rule: 'stand-in-pool', found: request.pools.join(', ') });
  const seg = new StandInSeg({
    credential: { key, certificate, chain },
    trust: { roots, intermediates: untrusted, crls, clock: () => exactly(now()) },
    ...{ proposals, espProposals, subnets, pool, behind: network },
  });
  const listening: Listening[] = [];
  const ended = Promise.withResolvers<undefined>();
  const close = async () => {
    await Promise.all(listening.splice(0).map((one) => one.close()));
    ended.resolve(undefined);
  };
  const ike = new Set<500 | 4500>([500, 4500]);
  const hosts = request.addresses.length > 0 ? request.addresses : ['0.0.0.0'];
  const wanted = hosts.flatMap((host) => [
    { host, port: standInPort, open: () => seg.listen(host, standInPort) },
    ...([4500, 500] as const).map((port) => ({ host, port, open: () => seg.listenIke(host, port, port) })),
  ]);
  for (const { host, port, open } of wanted) {
    try {
      listening.push(await open());
    } catch (error) {
      if (port === 500 && errorCode(error) === 'EACCES') {
        ike.delete(port);
        continue;
      }
      await close();
      return portUnavailable(error, `${host}:${port}`);
    }
  }
  return ok({ ike: [...ike], exited: ended.promise, close });
}

/** Whether a pool has an address to assign: see `AddressPool`. */
function isPool(pool: string): boolean {
  const [address = '', prefix] = pool.split('/');
  return isIPv4(address) && Number(prefix) <= 30;
}

/** The network of this computer. */
const network: Behind = {
  connect: (address, port) => connect({ host: address, port, noDelay: true }),
  resolve: async (name, servers) => {
    const resolver = new Resolver({ timeout: 2000, tries: 2 });
    resolver.setServers(servers);
    const asked = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const found = asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    // Otherwise asks again for its error.
    return found.length > 0 ? found : resolver.resolve4(name);
  },
};
