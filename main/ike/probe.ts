import type { Result } from '../faults/index.ts';
import type { Certificate } from '../pki/index.ts';
import type { DatagramNetwork } from './datagrams.ts';

/** Why a probe has no answer that counts. */
export type IkeFaultCode =
  | 'ike-no-answer'
  | 'ike-unreachable'
  | 'ike-malformed'
  | 'ike-busy'
  | 'ike-proposal-refused'
  | 'algorithm-unsupported'
  | 'cancelled';

/** Where and what to ask. */
export interface GatewayQuestion {
  readonly network: DatagramNetwork;
  /** The gateway's address. */
  readonly host: string;
  /** UDP 500 by default. On 4500 every message has a marker in front. */
  readonly port?: number | undefined;
  /** In strongSwan's notation, in order of preference. */
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

/** Asks a gateway by one whole IKE_SA_INIT (RFC 7296 section 1.2). It leaves a half-open SA there: see `ProbeLimit`. */
export function probeGateway(question: GatewayQuestion): Promise<Result<ProbeAnswer, IkeFaultCode>> {
  throw new Error(`Not there yet: ${question.host}`);
}

/** A question that leaves no state at the gateway. */
export interface StatelessQuestion {
  readonly network: DatagramNetwork;
  readonly host: string;
  readonly port: number;
  /** The size of the IP packet, in bytes: the message is padded up to it. */
  readonly size?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Asks whether UDP reaches a gateway, by an IKE_SA_INIT whose only proposal no gateway accepts. */
export function probeWithoutState(
  question: StatelessQuestion,
): Promise<Result<{ readonly milliseconds: number }, IkeFaultCode>> {
  throw new Error(`Not there yet: ${question.host}`);
}
