import { randomBytes } from 'node:crypto';
import { ok, refuse, type Refused, type Result } from '../faults/index.ts';
import type { Certificate } from '../pki/index.ts';
import { nameOfGroup } from './algorithms.ts';
import type { DatagramNetwork } from './datagrams.ts';
import { exchange, type ExchangeFaultCode, type Peer } from './exchange.ts';
import { hasRightSize, makeKeyExchange, type KeyExchange } from './key-exchange.ts';
import { notifyIn, spiSize, writeMessage, type InitMessage } from './message.ts';
import { firstStatusNotify, nameOfNotify, notifyTypes } from './notify.ts';
import {
  chosenGroup,
  groupsOf,
  isChoiceFrom,
  proposalToText,
  readProposal,
  type Proposal,
} from './proposal.ts';
import { vendorRootIn } from './vendor-trust.ts';

/** Why a probe has no answer that counts. */
export type ProbeFaultCode =
  | ExchangeFaultCode
  | 'ike-busy'
  | 'ike-proposal-refused'
  /** This runtime has none of the algorithms to offer. */
  | 'runtime-lacks-algorithm';

/** Where and what to ask. */
export interface GatewayQuestion {
  readonly network: DatagramNetwork;
  /** The gateway's address. */
  readonly host: string;
  /** UDP 500 by default. On 4500 every message has a marker in front. */
  readonly port?: number | undefined;
  /** In strongSwan's notation, in order of preference. One that Siteseal does not know is left out. */
  readonly proposals: readonly string[];
  /** Any one of these counts as the vendor's root. */
  readonly vendorRoots: readonly Certificate[];
  /** The vendor's intermediates, which may be listed in place of the root. */
  readonly intermediates: readonly Certificate[];
  readonly signal?: AbortSignal | undefined;
}

/** What a gateway says to anybody. */
export interface ProbeAnswer {
  readonly address: string;
  /** From the first message to the answer. */
  readonly milliseconds: number;
  /** What the gateway chose, in strongSwan's notation. */
  readonly proposal: string;
  /**
   * Whether the gateway lists the vendor's root among the CAs that it trusts. It may still not accept it for this
   * connection. Null: it lists nothing, or only an intermediate.
   */
  readonly vendorRoot: true | false | null;
  /** SHA-1 of the SubjectPublicKeyInfo of each CA that it lists, in lower-case hex. */
  readonly keyIds: readonly string[];
}

/** The port of IKE (RFC 7296 section 2). */
export const ikePort = 500;

/**
 * Asks a gateway by one whole IKE_SA_INIT (RFC 7296 section 1.2). It leaves a half-open SA there: see `ProbeLimit`. A
 * request for a cookie, and one for another group, are each followed once.
 */
export async function probeGateway(question: GatewayQuestion): Promise<Result<ProbeAnswer, ProbeFaultCode>> {
  const { network, host, port = ikePort, signal } = question;
  const proposals = question.proposals.flatMap((text) => readProposal(text) ?? []);
  const keyExchange = firstKeyExchange(proposals);
  if (!keyExchange) return refuse('runtime-lacks-algorithm', { found: question.proposals.join(', ') });
  const channel = network.open(host, port);
  const start = performance.now();
  try {
    const request = {
      initiatorSpi: randomBytes(spiSize),
      responderSpi: new Uint8Array(spiSize),
      isResponse: false,
      proposals,
      keyExchange,
      nonce: randomBytes(nonceSize),
    };
    const answer = await ask({ channel, host, port, signal }, request);
    if (!answer.ok) return answer;
    const { chosen, keyIds } = answer.value;
    return ok({
      address: host,
      milliseconds: Math.round(performance.now() - start),
      proposal: proposalToText(chosen),
      vendorRoot: vendorRootIn(keyIds, question.vendorRoots, question.intermediates),
      keyIds: keyIds ?? [],
    });
  } finally {
    channel.close();
  }
}

const nonceSize = 32;

/** A key of the first group that this runtime has. */
function firstKeyExchange(proposals: readonly Proposal[]): KeyExchange | undefined {
  for (const group of groupsOf(proposals)) {
    const made = makeKeyExchange(group);
    if (made) return made;
  }
  return undefined;
}

interface Request extends InitMessage {
  readonly proposals: readonly Proposal[];
  readonly keyExchange: KeyExchange;
}

interface Chosen {
  readonly chosen: Proposal;
  readonly keyIds: readonly string[] | undefined;
}

/** Asks, and follows what the gateway may ask for first. The two flags end that: there is no loop. */
async function ask(
  peer: Peer,
  request: Request,
  followed: { readonly cookie?: true; readonly group?: true } = {},
): Promise<Result<Chosen, ProbeFaultCode>> {
  const answer = await exchange(peer, request, writeMessage(request));
  if (!answer.ok) return answer;
  const { value } = answer;
  const where = { address: peer.host };
  const malformed = (rule: 'ike-group' | 'ike-choice') => refuse('ike-malformed', { rule, where });

  const cookie = notifyIn(value, notifyTypes.COOKIE);
  if (cookie) {
    if (followed.cookie) return refuse('ike-busy', { where });
    const notifies = [{ type: notifyTypes.COOKIE, data: cookie }];
    return ask(peer, { ...request, notifies }, { ...followed, cookie: true });
  }

  const wanted = notifyIn(value, notifyTypes.INVALID_KE_PAYLOAD);
  if (wanted) {
    const group = wanted.length === 2 ? Buffer.from(wanted).readUInt16BE() : 0;
    const isNew = group !== request.keyExchange.group && !followed.group;
    if (!isNew || !groupsOf(request.proposals).includes(group)) return malformed('ike-group');
    const keyExchange = makeKeyExchange(group);
    if (!keyExchange) return refuse('runtime-lacks-algorithm', { found: nameOfGroup(group) });
    return ask(peer, { ...request, keyExchange }, { ...followed, group: true });
  }

  const error = value.notifies.find(({ type }) => type < firstStatusNotify);
  if (error) return refusalOf(error.type, peer.host);
  const [chosen, another] = value.proposals ?? [];
  const { keyExchange, nonce, keyIds } = value;
  const fits =
    chosen !== undefined &&
    another === undefined &&
    nonce !== undefined &&
    isChoiceFrom(request.proposals, chosen) &&
    keyExchange?.group === request.keyExchange.group &&
    keyExchange.group === chosenGroup(chosen) &&
    hasRightSize(keyExchange);
  return fits ? ok({ chosen, keyIds }) : malformed('ike-choice');
}

/** The fault for an error that the gateway reports. Nothing proves who reports it. */
function refusalOf(type: number, address: string): Refused<ProbeFaultCode> {
  const where = { address };
  const found = nameOfNotify(type);
  switch (type) {
    case notifyTypes.NO_PROPOSAL_CHOSEN:
      return refuse('ike-proposal-refused', { where });
    case notifyTypes.NO_ADDITIONAL_SAS:
    case notifyTypes.TEMPORARY_FAILURE:
      return refuse('ike-busy', { found, where });
    case notifyTypes.INVALID_MAJOR_VERSION:
      return refuse('ike-malformed', { rule: 'ike-version', found, where });
    default:
      return refuse('ike-malformed', { rule: 'ike-notify', found, where });
  }
}
