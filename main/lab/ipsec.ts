import type { KeyObject } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Configuration, TunnelPhase } from '../bundle/index.ts';
import type { Result } from '../faults/index.ts';
import type { Certificate } from '../pki/index.ts';

/** The role of a security gateway: `initial` for step 0.5, `traffic` for step 2 and everything after it. */
export type GatewayRole = Configuration['securityGateways'][number]['role'];

/**
 * How a reference eNB makes its tunnels. `strongswan`: IKEv2 and ESP. `childless`: IKEv2 alone (RFC 6023), which proves
 * both sides' identities but carries no traffic. `stand-in`: no IPsec at all, but mutually authenticated TLS in its place.
 */
export const ipsecKinds = ['strongswan', 'childless', 'stand-in'] as const;
export type IpsecKind = (typeof ipsecKinds)[number];

/** A tunnel to bring up. */
export interface TunnelOrder {
  readonly role: GatewayRole;
  /** The gateways of this role, in order of preference. The eNB uses the first one that works. */
  readonly gateways: readonly TunnelGateway[];
  /** What the eNB calls itself (IDi): a name that its certificate contains. Absent: the certificate's subject. */
  readonly identity?: string | undefined;
  /** With which the eNB authenticates: the vendor's certificate for `initial`, the operator's for `traffic`. */
  readonly key: KeyObject;
  readonly certificate: Certificate;
  /** The certificates above it. */
  readonly chain: readonly Certificate[];
  /** The only trust anchors for a gateway: the operator roots of the bundle. */
  readonly roots: readonly Certificate[];
}

/** A security gateway, as a tunnel needs it. */
export interface TunnelGateway {
  /** An address or a host name. */
  readonly address: string;
  /** What the gateway must prove to be (IDr). */
  readonly identity: string;
  /** What is behind it, each `address/prefix`. */
  readonly remoteSubnets: readonly string[];
  /** In strongSwan's notation. */
  readonly proposals: readonly string[];
  readonly espProposals: readonly string[];
  /** The eNB's addresses inside the tunnel; absent: the gateway assigns one. */
  readonly innerAddresses?: readonly string[] | undefined;
}

export type { TunnelPhase };

/** A tunnel that is up. */
export interface Tunnel {
  /** The gateway's address as the order has it. */
  readonly gateway: string;
  /** The eNB's addresses inside; empty if the tunnel carries no traffic. */
  readonly innerAddresses: readonly string[];
  /** What the gateway and the eNB agreed to carry, each `address/prefix`; empty if the tunnel carries no traffic. */
  readonly remoteSubnets: readonly string[];
  /** Connects to an address through the tunnel, from the inner address. Errors arrive on the stream. */
  connect(address: string, port: number): Duplex;
  /**
   * The addresses of a host name, asked through the tunnel at these servers. Empty if the name has none. Rejects with the
   * system's error if no server answers.
   */
  resolve(name: string, servers: readonly string[]): Promise<readonly string[]>;
  /** Whether it is still up. */
  isUp(): boolean;
  /** Calls back once when it is down, also after `down`; the returned function ends that. */
  onDown(listener: () => void): () => void;
  /** Ends it. */
  down(): Promise<void>;
}

/** The eNB's IPsec. */
export interface Ipsec {
  readonly kind: IpsecKind;
  /**
   * Brings a tunnel up: it is up once this resolves. Tunnels of both roles, and an older and a newer one of the same role, can be up at the same time.
   * Refuses with the fault of the gateway that came furthest. Aborting the signal leaves no tunnel behind; the call then
   * refuses or rejects.
   */
  up(order: TunnelOrder, onPhase: (phase: TunnelPhase) => void, signal: AbortSignal): Promise<Result<Tunnel>>;
  /** Ends all tunnels, and everything that they need. */
  close(): Promise<void>;
}
