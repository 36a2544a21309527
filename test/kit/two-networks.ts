/** Two network namespaces with a cable between them, and what goes over the cable. Needs root, iproute2 and tcpdump. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { stopProcess } from './stop-process.ts';

/** The two ends of a cable. */
export interface TwoNetworks {
  readonly near: Network;
  readonly far: Network;
  remove(): void;
}

export interface Network {
  readonly namespace: string;
  readonly address: string;
  readonly link: string;
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}

/** Makes two namespaces. Their names start with `prefix`, two letters, and this process's number. */
export function makeTwoNetworks(prefix: string): TwoNetworks {
  const name = `${prefix}${process.pid}`;
  const near = { namespace: `${name}n`, address: '198.51.100.2', link: `${name}n` };
  const far = { namespace: `${name}f`, address: '198.51.100.1', link: `${name}f` };
  for (const { namespace } of [near, far]) ip('netns', 'add', namespace);
  ip(
    'link',
    'add',
    near.link,
    'netns',
    near.namespace,
    'type',
    'veth',
    'peer',
    far.link,
    'netns',
    far.namespace,
  );
  for (const { namespace, address, link } of [near, far]) {
    ip('-n', namespace, 'address', 'add', `${address}/30`, 'dev', link);
    for (const one of ['lo', link]) ip('-n', namespace, 'link', 'set', one, 'up');
  }
  return {
    near,
    far,
    remove: () => {
      for (const { namespace } of [near, far]) ip('netns', 'delete', namespace);
    },
  };
}

/** Runs a program in a namespace, and returns what it prints. */
export function runIn({ namespace }: Network, command: string, ...args: readonly string[]): string {
  return execFileSync('ip', ['netns', 'exec', namespace, command, ...args], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

/** Drops what this nft expression matches when it arrives there, before fragments are put together. */
export function drop(network: Network, expression: string): void {
  runIn(network, 'nft', 'add table inet filter');
  runIn(network, 'nft', 'add chain inet filter input { type filter hook input priority -450 ; }');
  runIn(network, 'nft', `add rule inet filter input ${expression} drop`);
}

/** A datagram on the cable. */
export interface Captured {
  readonly from: string;
  readonly port: number;
  readonly bytes: Uint8Array;
}

/** Records the UDP of one end from now on. The returned function ends that, and gives the datagrams. */
export async function capture(
  { namespace, link }: Network,
  file: string,
): Promise<() => Promise<readonly Captured[]>> {
  const args = ['netns', 'exec', namespace, 'tcpdump', '--immediate-mode', '-U', '-Z', 'root', '-i', link];
  const child = spawn('ip', [...args, '-w', file, 'udp and ip'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  while (!told.includes('listening on')) {
    const [chunk] = (await once(child.stderr, 'data')) as [Buffer];
    told += chunk.toString();
  }
  return async () => {
    await stopProcess(child, 'SIGINT');
    return readCapture(readFileSync(file));
  };
}

const [fileHeader, recordHeader, ethernetHeader, udpHeader] = [24, 16, 14, 8];

/** Datagrams of a pcap file of Ethernet, IPv4 and UDP. */
function readCapture(bytes: Buffer): readonly Captured[] {
  const found: Captured[] = [];
  for (let offset = fileHeader; offset + recordHeader <= bytes.length;) {
    const size = bytes.readUInt32LE(offset + 8);
    const packet = bytes.subarray(offset + recordHeader + ethernetHeader, offset + recordHeader + size);
    const udp = packet.subarray(((packet[0] ?? 0) & 0x0f) * 4);
    const from = packet.subarray(12, 16).join('.');
    found.push({ from, port: udp.readUInt16BE(2), bytes: udp.subarray(udpHeader, udp.readUInt16BE(4)) });
    offset += recordHeader + size;
  }
  return found;
}
