import { isIP } from 'node:net';
import { defaultProposals, values } from '../bundle/index.ts';
import { readCertificates, readKey, readTrust, type PassphraseFor } from '../core/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { nameToText } from '../pki/index.ts';
import { canCarryTraffic, startSeg } from '../strongswan/index.ts';

/** The files that play an operator's security gateway, and what is behind it. Paths are absolute. */
export interface LabSegRequest {
  readonly state: string;
  readonly certificate: string;
  readonly key: string;
  /** The certificates above it, sent along with it. */
  readonly chain: string | undefined;
  /** Roots whose eNBs may connect: the vendor's for step 0.5, the operator's for step 2. */
  readonly trust: readonly string[];
  readonly untrusted: readonly string[];
  readonly crls: readonly string[];
  /** A name in its certificate. Absent: the certificate's subject. */
  readonly identity: string | undefined;
  readonly subnets: readonly string[];
  readonly pools: readonly string[];
  /** Empty: every address. */
  readonly addresses: readonly string[];
  /** Empty: those of a profile that names no others. */
  readonly proposals: readonly string[];
  readonly espProposals: readonly string[];
  /** Only IKE, also where tunnels could carry traffic. */
  readonly isChildless: boolean;
}

/** A running gateway. */
export interface RunningLabSeg {
  /** `childless` proves identities but carries no traffic. */
  readonly kind: 'strongswan' | 'childless';
  /** What eNBs must expect it to be. */
  readonly identity: string;
  /** strongSwan's control socket, for example for `swanctl --uri unix://SOCKET --list-sas`. */
  readonly socket: string;
  /** Resolves once it has ended, for whatever reason. */
  readonly exited: Promise<void>;
  close(): Promise<void>;
}

/** Starts a gateway. */
export async function startLabSeg(
  request: LabSegRequest,
  passphraseFor: PassphraseFor,
): Promise<Result<RunningLabSeg>> {
  const checked = checkValues(request);
  if (!checked.ok) return checked;
  const own = readCertificates(request.certificate);
  if (!own.ok) return own;
  const above = request.chain === undefined ? ok([]) : readCertificates(request.chain);
  if (!above.ok) return above;
  const trust = readTrust({ roots: request.trust, untrusted: request.untrusted, crls: request.crls });
  if (!trust.ok) return trust;
  const key = await readKey(request.key, passphraseFor);
  if (!key.ok) return key;
  const [certificate, ...ownChain] = own.value;
  const isChildless = request.isChildless || !canCarryTraffic();
  const started = await startSeg({
    folder: request.state,
    isChildless,
    certificate,
    key: key.value,
    chain: [...ownChain, ...above.value],
    roots: trust.value.vendorRoots,
    untrusted: trust.value.intermediates,
    crls: trust.value.crls,
    identity: request.identity,
    subnets: request.subnets,
    pools: request.pools,
    addresses: request.addresses,
    proposals: request.proposals.length > 0 ? request.proposals : defaultProposals.ike,
    espProposals: request.espProposals.length > 0 ? request.espProposals : defaultProposals.esp,
  });
  if (!started.ok) return started;
  const charon = started.value;
  return ok({
    kind: isChildless ? 'childless' : 'strongswan',
    identity: request.identity ?? nameToText(certificate.subject),
    socket: charon.socket,
    exited: charon.exited,
    close: () => charon.stop(),
  });
}

function checkValues(request: LabSegRequest): Result<void, 'usage-invalid'> {
  const { subnets, pools, addresses, proposals, espProposals } = request;
  const checks = [
    [values.isAddressWithPrefix, [...subnets, ...pools], 'address-with-prefix'],
    [(text: string) => isIP(text) !== 0, addresses, 'address'],
    [values.isProposal, [...proposals, ...espProposals], 'proposal'],
  ] as const;
  for (const [isGood, texts, rule] of checks) {
    const found = texts.find((text) => !isGood(text));
    if (found !== undefined) return refuse('usage-invalid', { rule, found });
  }
  return ok(undefined);
}
