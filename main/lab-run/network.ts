/**
 * The network of a scene, as data. Five hosts, each a network namespace:
 *
 *     laptop --- site --- wan --- seg1 --- core
 *                          |\---- seg2 ----/|
 *                           \---- open ----/
 *
 * `site` is the eNB, with its maintenance port to the laptop. `wan` is the network between it and the security gateways, and
 * a host on it that answers nothing. `core` is the operator's network, with the RA/CA. `open` is a host of that network with a
 * leg on the wan, so that it needs no tunnel. The gateways forward what comes out of tunnels, and nothing else from the wan: the core is reachable
 * through a tunnel only.
 */
export type Place = 'laptop' | 'site' | 'wan' | 'seg1' | 'seg2' | 'core' | 'open';

export const places: readonly Place[] = ['laptop', 'site', 'wan', 'seg1', 'seg2', 'core', 'open'];

/**
 * Addresses of the ranges for documentation (RFC 5737); those on the maintenance port are link-local (RFC 3927).
 * `seg1Core` and `seg2Core`: the gateways in the core. `initialPool` and `trafficPool`: the eNB's addresses inside the tunnels.
 */
export const addresses = {
  laptop: '169.254.10.1',
  maintenance: '169.254.10.2',
  site: '198.51.100.2',
  silent: '198.51.100.9',
  seg1: '198.51.100.11',
  seg2: '198.51.100.12',
  open: '198.51.100.20',
  core: '192.0.2.10',
  seg1Core: '192.0.2.1',
  seg2Core: '192.0.2.2',
  coreNetwork: '192.0.2.0/24',
  initialPool: '203.0.113.0/25',
  trafficPool: '203.0.113.128/25',
} as const;

/** The interface of each gateway and of the eNB on the wan, of which captures are made. */
export const outerLeg = 'wan0';
/** The interface of the core, behind the gateways. */
export const coreLeg = 'core0';

interface Link {
  /** The first end's host and interface, and its address with the length of its prefix. */
  readonly from: readonly [place: Place, device: string, address?: string];
  /** The bridge that has the other end as a port; or the other end itself. */
  readonly to: readonly [place: Place, device: string, address?: string];
  readonly isBridged: boolean;
}

const links: readonly Link[] = [
  {
    from: ['laptop', 'eth0', `${addresses.laptop}/24`],
    to: ['site', 'lmt0', `${addresses.maintenance}/24`],
    isBridged: false,
  },
  { from: ['site', outerLeg, `${addresses.site}/24`], to: ['wan', 'site'], isBridged: true },
  { from: ['seg1', outerLeg, `${addresses.seg1}/24`], to: ['wan', 'seg1'], isBridged: true },
  { from: ['seg2', outerLeg, `${addresses.seg2}/24`], to: ['wan', 'seg2'], isBridged: true },
  { from: ['open', outerLeg, `${addresses.open}/24`], to: ['wan', 'open'], isBridged: true },
  { from: ['seg1', 'in0', `${addresses.seg1Core}/24`], to: ['core', 'seg1'], isBridged: true },
  { from: ['seg2', 'in0', `${addresses.seg2Core}/24`], to: ['core', 'seg2'], isBridged: true },
  { from: ['open', 'in0', '192.0.2.20/24'], to: ['core', 'open'], isBridged: true },
];

const bridges: readonly (readonly [place: Place, device: string, address: string])[] = [
  ['wan', 'lan0', `${addresses.silent}/24`],
  ['core', coreLeg, `${addresses.core}/24`],
];

/**
 * The eNB has a plain route to the core, as the worst case: that the gateways do not forward is what keeps it out. The core
 * answers each pool through its gateway.
 */
const routes: readonly (readonly [place: Place, destination: string, gateway: string])[] = [
  ['site', 'default', addresses.seg1],
  ['core', addresses.initialPool, addresses.seg1Core],
  ['core', addresses.trafficPool, addresses.seg2Core],
  ['open', addresses.initialPool, addresses.seg1Core],
  ['open', addresses.trafficPool, addresses.seg2Core],
  ['seg2', `${addresses.open}/32`, '192.0.2.20'],
];

/** A command: the program and its arguments, and what it reads. */
export interface NetworkCommand {
  readonly command: readonly [string, ...string[]];
  readonly input?: string;
}

/** What makes the network of a scene. `name`: of a namespace, from its place. */
export function networkCommands(name: (place: Place) => string): readonly NetworkCommand[] {
  return [
    { command: ['ip', '-batch', '-'], input: lines(places.map((place) => `netns add ${name(place)}`)) },
    { command: ['ip', '-batch', '-'], input: lines(linkLines(name)) },
    ...places.map((place) => ({
      command: ['ip', '-n', name(place), '-batch', '-'] as const,
      input: lines(upLines(place)),
    })),
    ...(['seg1', 'seg2'] as const).map((place) => within(name(place), forwardingOf(place))),
    within(name('wan'), ['nft', '-f', '-'], silence),
  ];
}

/** What ends it. */
export function endCommands(name: (place: Place) => string): readonly NetworkCommand[] {
  return [
    {
      command: ['ip', '-force', '-batch', '-'],
      input: lines(places.map((place) => `netns del ${name(place)}`)),
    },
  ];
}

/** A command inside a namespace. */
export function within(namespace: string, command: readonly string[], input?: string): NetworkCommand {
  return { command: ['ip', 'netns', 'exec', namespace, ...command], ...(input !== undefined && { input }) };
}

function linkLines(name: (place: Place) => string): readonly string[] {
  return [
    ...bridges.map(
      ([place, device]) => `link add ${device} netns ${name(place)} type bridge forward_delay 0`,
    ),
    ...links.map(
      ({ from, to }) =>
        `link add ${from[1]} netns ${name(from[0])} type veth peer name ${to[1]} netns ${name(to[0])}`,
    ),
  ];
}

function upLines(place: Place): readonly string[] {
  const own = bridges.filter(([at]) => at === place);
  const ends = links.flatMap(({ from, to, isBridged }) => [
    { end: from, bridge: undefined },
    { end: to, bridge: isBridged ? to[0] : undefined },
  ]);
  return [
    'link set lo up',
    ...own.flatMap(([, device, address]) => [`addr add ${address} dev ${device}`, `link set ${device} up`]),
    ...ends
      .filter(({ end: [at] }) => at === place)
      .flatMap(({ end: [, device, address], bridge }) => [
        ...(address === undefined ? [] : [`addr add ${address} dev ${device}`]),
        ...(bridge === undefined ? [] : [`link set ${device} master ${own[0]?.[1] ?? ''}`]),
        `link set ${device} up`,
      ]),
    ...routes
      .filter(([at]) => at === place)
      .map(([, destination, gateway]) => `route add ${destination} via ${gateway}`),
  ];
}

/** A gateway forwards, but nothing plain that comes in from the wan. */
function forwardingOf(_place: Place): readonly string[] {
  const settings = {
    'ipv4/ip_forward': 1,
    [`ipv4/conf/${outerLeg}/forwarding`]: 0,
    'ipv4/conf/all/rp_filter': 0,
    'ipv4/conf/default/rp_filter': 0,
  };
  const script = Object.entries(settings)
    .map(([key, value]) => `echo ${value} > /proc/sys/net/${key}`)
    .join(' && ');
  return ['sh', '-c', script];
}

/** The silent host drops everything but ARP. */
const silence = `table ip lab { chain input { type filter hook input priority 0; policy drop; }; }
`;

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
