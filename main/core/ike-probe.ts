import { defaultProposals, values } from '../bundle/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { probeGateway, readProposal, type ProbeAnswer } from '../ike/index.ts';
import { systemPathNetwork } from '../path/index.ts';
import { readTrust } from './trust-files.ts';

/** A gateway to ask, and the files with the vendor's certificates. */
interface GatewayProbe {
  /** An address or a name. */
  readonly host: string;
  readonly port?: number | undefined;
  /** In strongSwan's notation. Empty: those of a profile that names no others. */
  readonly proposals: readonly string[];
  readonly vendorRoots: readonly string[];
  readonly intermediates: readonly string[];
}

/**
 * Asks a security gateway from this computer what it tells anybody. Each probe leaves a half-open SA at the gateway for
 * about half a minute. Nothing keeps two of them apart: a probe is one deliberate act of the user.
 */
export async function probeHost(probe: GatewayProbe): Promise<Result<ProbeAnswer>> {
  const { port } = probe;
  if (!values.isHost(probe.host)) return refuse('usage-invalid', { rule: 'host', found: probe.host });
  const proposals = probe.proposals.length > 0 ? probe.proposals : defaultProposals.ike;
  const unknown = proposals.find((text) => !readProposal(text));
  if (unknown !== undefined) return refuse('usage-invalid', { rule: 'ike-algorithms', found: unknown });
  const trust = readTrust({ roots: probe.vendorRoots, untrusted: probe.intermediates, crls: [] });
  if (!trust.ok) return trust;
  const host = await addressOf(probe.host);
  if (!host.ok) return host;
  const { vendorRoots, intermediates } = trust.value;
  return probeGateway({
    network: systemPathNetwork.datagrams,
    host: host.value,
    port,
    proposals,
    vendorRoots,
    intermediates,
  });
}

/** The first address of a name, as the system resolves it. */
async function addressOf(host: string): Promise<Result<string, 'ike-name-unresolved'>> {
  const where = { address: host };
  try {
    const [address] = await systemPathNetwork.resolve(host, []);
    return address === undefined ? refuse('ike-name-unresolved', { where }) : ok(address);
  } catch (error) {
    return refuse('ike-name-unresolved', { found: errorCode(error), where });
  }
}
