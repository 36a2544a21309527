import { isIPv6 } from 'node:net';
import { ok, refuse, type Result } from '../faults/index.ts';
import type { Certificate, Crl } from '../pki/index.ts';
import { Charon, type CharonOptions } from './charon.ts';
import { segConnection, segConnectionName, type SegConnection } from './connections.ts';
import { loadCaCertificates, loadCrls, loadKey } from './load.ts';
import { ViciError } from './vici-message.ts';

/** A security gateway. */
export interface SegOptions extends SegConnection, Pick<CharonOptions, 'folder' | 'launcher'> {
  /** CAs below the roots, for eNBs that do not send them. */
  readonly untrusted: readonly Certificate[];
  readonly crls: readonly Crl[];
  /** From which eNBs get their addresses inside the tunnel, each `address/prefix`. */
  readonly pools: readonly string[];
}

/** Starts strongSwan as a security gateway. It waits for eNBs until it is stopped. */
export async function startSeg(options: SegOptions): Promise<Result<Charon, 'ike-unavailable'>> {
  const { folder, isChildless, launcher, key, chain, untrusted, crls } = options;
  const started = await Charon.start({ folder, isChildless, installsRoutes: true, launcher });
  if (!started.ok) return started;
  const charon = started.value;
  try {
    const vici = await charon.connect();
    await loadKey(vici, key);
    await loadCaCertificates(vici, [...chain, ...untrusted]);
    await loadCrls(vici, crls);
    const pools = poolsOf(options.pools);
    for (const [name, addrs] of Object.entries(pools)) await vici.order('load-pool', { [name]: { addrs } });
    await vici.order('load-conn', segConnection(options, Object.keys(pools)));
    vici.close();
    return ok(charon);
  } catch (error) {
    await charon.stop();
    if (!(error instanceof ViciError)) throw error;
    return refuse('ike-unavailable', { found: error.message });
  }
}

/** Pools by name. A pool has addresses of one family. */
function poolsOf(addresses: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    addresses.map((pool, index) => [
      `${segConnectionName}-${isIPv6(pool.split('/')[0] ?? '') ? 6 : 4}-${index}`,
      pool,
    ]),
  );
}
