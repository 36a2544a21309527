import { isIP } from 'node:net';
import { readCertificates, readKey, readTrust, type PassphraseFor } from '../core/index.ts';
import { defaultProposals, values } from '../bundle/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import type { IpsecKind } from '../lab/index.ts';
import { nameToText } from '../pki/index.ts';
import { canCarryTraffic, startSeg } from '../strongswan/index.ts';
import { startLabStandInSeg } from './lab-stand-in-seg.ts';

/** The files that play an operator's security gateway, and what is behind it. Paths are absolute. */
export interface LabSegRequest {
  /** `strongswan` becomes `childless` where no tunnel can carry traffic. The stand-in is for training alone. */
  readonly kind: IpsecKind;
  /** The folder of strongSwan. The stand-in keeps nothing. */
  readonly state: string | undefined;
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
  /** Empty: every address, for the stand-in every IPv4 address. */
  readonly addresses: readonly string[];
  /** Empty: those of a profile that names no others. */
  readonly proposals: readonly string[];
  readonly espProposals: readonly string[];
}

/** A running gateway. */
export interface RunningLabSeg {
  /** `childless` proves identities but carries no traffic. `stand-in` is TLS, not IPsec. */
  readonly kind: IpsecKind;
  /** What eNBs must expect it to be. */
  readonly identity: string;
  /** strongSwan's control socket, for example for `swanctl --uri unix://SOCKET --list-sas`. */
  readonly socket?: string;
  /** The UDP ports on which the stand-in answers IKE_SA_INIT: without the right to use port 500, only 4500. */
  readonly ike?: readonly (500 | 4500)[];
  /** Resolves once it has ended, for whatever reason. */
  readonly exited: Promise<void>;
  close(): Promise<void>;
}

/** Starts a gateway. */
export async function startLabSeg(
  request: LabSegRequest,
  passphraseFor: PassphraseFor,
  now: () => Date,
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
  const identity = request.identity ?? nameToText(certificate.subject);
  const material = {
    ...{ certificate, key: key.value, chain: [...ownChain, ...above.value], roots: trust.value.vendorRoots },
    ...{ untrusted: trust.value.intermediates, crls: trust.value.crls },
  };
  const { ike, esp } = defaultProposals;
  const offered = {
    proposals: request.proposals.length > 0 ? request.proposals : ike,
    espProposals: request.espProposals.length > 0 ? request.espProposals : esp,
  };
  if (request.kind === 'stand-in') {
    const started = await startLabStandInSeg({ ...request, ...material, ...offered }, now);
    return started.ok ? ok({ kind: 'stand-in', identity, ...started.value }) : started;
  }
  const isChildless = request.kind === 'childless' || !canCarryTraffic();
  const { subnets, pools, addresses } = request;
  const started = await startSeg({
    ...material,
    ...{ folder: request.state ?? '', isChildless, identity: request.identity },
    ...{ subnets, pools, addresses, ...offered },
  });
  if (!started.ok) return started;
  const charon = started.value;
  return ok({
    kind: isChildless ? 'childless' : 'strongswan',
    identity,
    socket: charon.socket,
    exited: charon.exited,
    close: () => charon.stop(),
  });
}

function checkValues(request: LabSegRequest): Result<void, 'usage-invalid'> {
  const { kind, state, subnets, pools, addresses, proposals, espProposals } = request;
  if ((kind === 'stand-in') !== (state === undefined))
    return refuse('usage-invalid', { rule: 'state-or-stand-in' });
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
