import type { StepName } from '../core/index.ts';
import type { IpsecKind } from '../lab/index.ts';
import { addresses } from './network.ts';

/** Something that happens in a scene, in the order of its list. */
export type Action =
  /** Step 0, over Ethernet or USB. */
  | 'write'
  | 'write-usb'
  /** Asks the first gateway from the eNB's place whether it holds the vendor's root. */
  | 'probe'
  | 'check-path'
  | StepName
  /** Somebody else enrols with the eNB's credential. */
  | 'theft'
  /** The gateway of the first tunnel dies while the eNB waits for its certificate. */
  | 'enrolment-cut'
  /** A step that is done already is asked for again. */
  | 'enrolment-again';

/** Options of a gateway that differ from the usual ones. Names are those of files, see `LabFiles`. */
export interface GatewayChanges {
  readonly trust?: FileName;
  readonly untrusted?: readonly FileName[];
  readonly crl?: FileName;
  /** The gateway has a certificate that has expired. */
  readonly isExpired?: true;
  /** It does not send the certificate between its own and the operator root. */
  readonly hasNoChain?: true;
  readonly proposals?: readonly string[];
  readonly espProposals?: readonly string[];
}

export type FileName =
  'vendorRoot' | 'vendorIssuing' | 'vendorCrl' | 'otherVendorRoot' | 'operatorRoot' | 'issuingCa';

/** One story, from nothing: what its bundle says, how its parts run, what happens, and how it ends. */
export interface Scene {
  readonly name: string;
  /** What protects the first request. Default: the credential. */
  readonly protection?: 'mac' | 'vendor-certificate';
  /** Whether the eNB must enrol inside the first tunnel. Default: it must. */
  readonly needsTunnel?: false;
  /** Where the RA/CA answers, and what the bundle calls it. Default: in the core, by its address. */
  readonly raCa?: {
    readonly at?: 'core' | 'open';
    /** The bundle has a name for it, which a server in the core knows as this place. */
    readonly resolvesTo?: 'core' | 'open';
    /** It issues below a root that the eNB does not know. */
    readonly isOther?: true;
    /** How often it lets the eNB ask again. */
    readonly wait?: number;
    /** It knows another secret than the eNB. */
    readonly hasOtherSecret?: true;
  };
  /** The gateways of the first tunnel, in order of preference. Default: `seg1`. */
  readonly initial?: readonly ('seg1' | 'silent')[];
  /** The bundle has the root of another operator. */
  readonly hasOtherRoot?: true;
  readonly seg1?: GatewayChanges;
  readonly enb?: {
    readonly hasNoChain?: true;
    readonly isRevoked?: true;
    /** How far its clock is off, in minutes. */
    readonly clockOffset?: number;
  };
  /** What is wrong on the way to the gateways: packets larger than this are lost, or those to this UDP port. */
  readonly wan?: { readonly mtu?: number; readonly blockedPort?: number };
  readonly actions: readonly Action[];
  /** The last action ends in this fault, and in this rule if there is one. Without it, every action must succeed. */
  readonly ends?: { readonly code: string; readonly rule?: string };
  /** Its point needs a tunnel that carries traffic, even though nothing goes through it. */
  readonly needsEsp?: true;
  /** What the captures must show: on this leg, between so many packets that match a filter of tcpdump. */
  readonly captured?: readonly CaptureCheck[];
}

/** `outer`: what leaves the eNB. `core`, `open`: what arrives there. */
export type Leg = 'outer' | 'core' | 'open';

export interface CaptureCheck {
  readonly name:
    'nothing-outside' | 'only-stand-in' | 'enrolled-inside' | 'enrolled-outside' | 'renewed-inside';
  readonly leg: Leg;
  readonly filter: string;
  readonly isAbsent: boolean;
}

const allSteps = ['initial-ipsec', 'enrolment', 'backhaul-ipsec', 'renewal'] as const;

/** The TCP port of the RA/CA. */
export const raCaPort = 8080;

const check = (name: CaptureCheck['name'], leg: Leg, filter: string, isAbsent = false): CaptureCheck => ({
  ...{ name, leg, filter, isAbsent },
});

const insideTunnels = [
  check('nothing-outside', 'outer', `tcp port ${raCaPort}`, true),
  check('enrolled-inside', 'core', `tcp dst port ${raCaPort} and src net 203.0.113.0/25`),
  check('renewed-inside', 'core', `tcp dst port ${raCaPort} and src net 203.0.113.128/25`),
];

/** The ways in which an eNB comes into service. Each must succeed. */
export const formScenes: readonly Scene[] = [
  {
    name: 'credential',
    needsTunnel: false,
    raCa: { at: 'open' },
    actions: ['write', 'enrolment', 'backhaul-ipsec', 'renewal'],
    captured: [
      check('enrolled-outside', 'open', `tcp dst port ${raCaPort} and src host 198.51.100.2`),
      check('renewed-inside', 'open', `tcp dst port ${raCaPort} and src net 203.0.113.128/25`),
    ],
  },
  {
    name: 'vendor-certificate',
    protection: 'vendor-certificate',
    actions: ['write', 'probe', ...allSteps],
    captured: insideTunnels,
  },
  {
    name: 'both',
    raCa: { resolvesTo: 'core' },
    actions: ['write', 'probe', 'check-path', ...allSteps],
    captured: insideTunnels,
  },
  { name: 'usb', actions: ['write-usb', ...allSteps], captured: insideTunnels },
  {
    name: 'two-gateways',
    initial: ['silent', 'seg1'],
    actions: ['write', ...allSteps],
    captured: insideTunnels,
  },
];

const untilEnrolled = ['write', 'initial-ipsec', 'enrolment'] as const;

/** What goes wrong, and the fault in which it must end. */
export const caseScenes: readonly Scene[] = [
  {
    name: 'other-vendor-root',
    seg1: { trust: 'otherVendorRoot' },
    actions: ['write', 'initial-ipsec'],
    ends: { code: 'ike-peer-refused' },
  },
  {
    name: 'pinned-to-another',
    seg1: { trust: 'otherVendorRoot', untrusted: ['vendorRoot'] },
    actions: ['write', 'probe', 'initial-ipsec'],
    ends: { code: 'ike-peer-refused' },
  },
  {
    name: 'other-operator-root',
    hasOtherRoot: true,
    actions: ['write', 'initial-ipsec'],
    ends: { code: 'ike-peer-untrusted' },
  },
  {
    name: 'wrong-secret',
    raCa: { hasOtherSecret: true },
    actions: untilEnrolled,
    ends: { code: 'cmp-refused' },
  },
  {
    name: 'credential-used',
    actions: ['write', 'initial-ipsec', 'theft', 'enrolment'],
    ends: { code: 'credential-bound-elsewhere' },
  },
  {
    name: 'other-ra-ca',
    protection: 'vendor-certificate',
    raCa: { isOther: true },
    actions: untilEnrolled,
    ends: { code: 'cmp-signer-unfit', rule: 'issuer-unknown' },
  },
  {
    name: 'dns-outside',
    raCa: { resolvesTo: 'open' },
    actions: untilEnrolled,
    ends: { code: 'ra-outside-tunnel' },
  },
  {
    name: 'tunnel-lost',
    raCa: { wait: 1000 },
    actions: ['write', 'initial-ipsec', 'enrolment-cut'],
    ends: { code: 'ike-tunnel-lost' },
  },
  {
    name: 'clock-behind',
    enb: { clockOffset: -480 },
    actions: untilEnrolled,
    ends: { code: 'cmp-unexpected', rule: 'cmp-message-time' },
  },
  {
    name: 'clock-checked',
    enb: { clockOffset: -480 },
    actions: ['write', 'check-path'],
    ends: { code: 'clock-wrong' },
  },
  {
    name: 'ra-ca-outside',
    raCa: { at: 'open' },
    actions: ['write', 'check-path'],
    ends: { code: 'ra-reachable-outside' },
  },
  {
    name: 'mtu-1280',
    wan: { mtu: 1280 },
    actions: ['write', 'check-path'],
    ends: { code: 'path-too-small' },
  },
  {
    name: 'port-4500-checked',
    wan: { blockedPort: 4500 },
    actions: ['write', 'check-path'],
    ends: { code: 'port-4500-blocked' },
  },
  {
    name: 'other-vendor-root-checked',
    seg1: { trust: 'otherVendorRoot' },
    actions: ['write', 'check-path'],
    ends: { code: 'seg-lacks-vendor-root' },
  },
  {
    name: 'gateway-silent',
    initial: ['silent'],
    actions: ['write', 'initial-ipsec'],
    ends: { code: 'ike-no-answer' },
  },
  {
    name: 'port-4500-blocked',
    wan: { blockedPort: 4500 },
    actions: ['write', 'initial-ipsec'],
    ends: { code: 'ike-no-answer' },
  },
  {
    name: 'intermediate-missing',
    enb: { hasNoChain: true },
    actions: ['write', 'initial-ipsec'],
    ends: { code: 'ike-peer-refused' },
  },
  {
    name: 'gateway-intermediate-missing',
    seg1: { hasNoChain: true },
    actions: ['write', 'initial-ipsec'],
    ends: { code: 'ike-peer-untrusted' },
  },
  {
    name: 'enb-revoked',
    enb: { isRevoked: true },
    seg1: { crl: 'vendorCrl' },
    actions: ['write', 'initial-ipsec'],
    ends: { code: 'ike-peer-refused' },
  },
  {
    name: 'gateway-expired',
    seg1: { isExpired: true },
    actions: ['write', 'initial-ipsec'],
    ends: { code: 'ike-peer-untrusted', rule: 'ike-not-expired' },
  },
  {
    name: 'ike-proposals',
    seg1: { proposals: ['aes256-sha384-ecp384'] },
    actions: ['write', 'initial-ipsec'],
    ends: { code: 'ike-proposal-refused', rule: 'ike-proposal' },
  },
  {
    name: 'esp-proposals',
    seg1: { espProposals: ['aes256-sha384'] },
    needsEsp: true,
    actions: ['write', 'initial-ipsec'],
    ends: { code: 'ike-proposal-refused', rule: 'esp-proposal' },
  },
  { name: 'step-before-bundle', actions: ['initial-ipsec'], ends: { code: 'not-provisioned' } },
  {
    name: 'in-service',
    actions: ['write', 'initial-ipsec', 'enrolment', 'backhaul-ipsec', 'enrolment-again'],
    ends: { code: 'in-service' },
  },
];

/** What goes through the first tunnel. */
const insideFirst: readonly Action[] = ['enrolment', 'enrolment-cut', 'enrolment-again'];

/** Its gateways connect to the core from their own addresses, not from those inside the tunnel. */
const standInSources: readonly (readonly [inner: string, own: string])[] = [
  [`net ${addresses.initialPool}`, `host ${addresses.seg1Core}`],
  [`net ${addresses.trafficPool}`, `host ${addresses.seg2Core}`],
];
const onlyStandIn = check('only-stand-in', 'outer', 'tcp and not port 4500', true);

/**
 * The scene with this kind of IPsec; undefined if it shows nothing. Tunnels without ESP carry no traffic: nothing can enrol
 * inside the first, and a renewal does not come through the second.
 */
export function sceneWith(kind: IpsecKind, scene: Scene): Scene | undefined {
  switch (kind) {
    case 'strongswan':
      return scene;
    case 'childless':
      return withoutTraffic(scene);
    case 'stand-in':
      return withStandIn(scene);
  }
}

function withoutTraffic(scene: Scene): Scene | undefined {
  const { needsTunnel = true, needsEsp, actions, captured } = scene;
  if (needsEsp || (needsTunnel && actions.some((action) => insideFirst.includes(action)))) return undefined;
  return captured ? { ...scene, captured: captured.filter(({ name }) => name !== 'renewed-inside') } : scene;
}

/** The tunnel is TLS, which is TCP: a blocked UDP port does not stop it. */
function withStandIn(scene: Scene): Scene | undefined {
  const { needsTunnel = true, wan, actions, captured } = scene;
  if (wan?.blockedPort !== undefined && actions.includes('initial-ipsec')) return undefined;
  if (!captured) return scene;
  const seen = captured.map((one) => ({
    ...one,
    filter: standInSources.reduce((filter, [inner, own]) => filter.replace(inner, own), one.filter),
  }));
  return { ...scene, captured: [...seen, ...(needsTunnel ? [onlyStandIn] : [])] };
}
