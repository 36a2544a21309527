import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ok, refuse, type Result } from '../faults/index.ts';
import type { IpsecKind } from '../lab/index.ts';

/** Something that a run needs of this computer: a program or a file, and the Debian package that has it. */
interface Requirement {
  /** A program's name, or the path of a file. */
  readonly name: string;
  readonly debian: string;
  readonly kinds?: readonly IpsecKind[];
}

const real = ['strongswan', 'childless'] as const;

const requirements: readonly Requirement[] = [
  { name: 'ip', debian: 'iproute2' },
  { name: 'unshare', debian: 'util-linux' },
  { name: 'nft', debian: 'nftables' },
  { name: 'tcpdump', debian: 'tcpdump' },
  { name: '/usr/sbin/charon-systemd', debian: 'charon-systemd', kinds: real },
  { name: 'swanctl', debian: 'strongswan-swanctl', kinds: real },
  {
    name: '/usr/lib/ipsec/plugins/libstrongswan-openssl.so',
    debian: 'libstrongswan-standard-plugins',
    kinds: real,
  },
  {
    name: '/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so',
    debian: 'libcharon-extra-plugins',
    kinds: ['strongswan'],
  },
];

const tunDevice = '/dev/net/tun';

/**
 * A command that runs another in separate namespaces of network, mounts and processes: nothing that it makes is seen outside,
 * and everything that runs inside ends with it. Without root it needs user namespaces for everyone.
 */
export function inNamespaces(isRoot: boolean, command: readonly string[]): readonly [string, ...string[]] {
  return [
    'unshare',
    ...(isRoot ? [] : ['--user', '--map-root-user']),
    ...['--mount', '--net', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'],
    ...['sh', '-c', ownNamespaceFolder, 'sh', ...command],
  ];
}

/** Namespaces have names in `/run/netns`. The run gets its own such folder, which goes with it. */
const ownNamespaceFolder = `
  { mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns; } 2>/dev/null ||
    { mount -t tmpfs tmpfs /run && mkdir /run/netns; } || exit 3
  exec "$@"
`;

/** Whether this computer has everything. Refuses with what is missing, and how to install it. */
export function checkRequirements(
  kind: IpsecKind,
  { path, isRoot }: { readonly path: string; readonly isRoot: boolean },
): Result<void, 'lab-unavailable'> {
  const missing = requirements.filter(
    ({ name, kinds }) => (kinds === undefined || kinds.includes(kind)) && !exists(name, path),
  );
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(({ debian }) => debian))];
    return refuse('lab-unavailable', {
      found: missing.map(({ name }) => name).join(', '),
      expected: `apt-get install ${packages.join(' ')}`,
    });
  }
  const [file, ...args] = inNamespaces(isRoot, ['ip', 'netns', 'add', 'probe']);
  if (spawnSync(file, args, { stdio: 'ignore', env: { PATH: path } }).status !== 0)
    return refuse('lab-unavailable', { found: 'unshare', expected: 'root' });
  if (kind === 'strongswan' && !isUsable(tunDevice, constants.R_OK | constants.W_OK))
    return refuse('lab-unavailable', { found: tunDevice, expected: 'root' });
  return ok(undefined);
}

function exists(name: string, path: string): boolean {
  if (name.startsWith('/')) return isUsable(name, constants.R_OK);
  return path.split(delimiter).some((folder) => isUsable(join(folder, name), constants.X_OK));
}

function isUsable(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}
