/**
 * libreswan's daemon, run from the tests in a network namespace. It conflicts with strongSwan as a package, so that it is
 * unpacked into a folder. Needs root, apt-get, dpkg, openssl and certutil (libnss3-tools).
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificatesToPem } from '../../main/pki/index.ts';
import { stopProcess } from './stop-process.ts';
import type { KeyPair } from './issue-certificate.ts';
import type { Network } from './two-networks.ts';

/** It and its libraries that strongSwan does not need. */
const packages = ['libreswan', 'libldns3', 'libevent-core-2.1-7', 'libevent-pthreads-2.1-7', 'libunbound8'];

/** Downloads and unpacks it into a folder. Throws without a network. */
export function unpackLibreswan(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const download = ['apt-get', 'download', ...packages];
  // Tests in a separate network reach the world through the one outside.
  const outside = process.env['SITESEAL_OUTER_NETWORK'];
  const [program = '', ...args] =
    outside === undefined ? download : ['nsenter', `--net=${outside}`, ...download];
  execFileSync(program, args, { cwd: folder, stdio: 'pipe', timeout: 60_000 });
  for (const file of globSync('*.deb', { cwd: folder }))
    execFileSync('dpkg', ['-x', file, '.'], { cwd: folder, stdio: 'pipe' });
}

export interface LibreswanOptions {
  /** Where it was unpacked. */
  readonly program: string;
  /** For its files. */
  readonly folder: string;
  readonly network: Network;
  /** The only CA that it trusts. */
  readonly ca: KeyPair;
  /** A certificate of that CA, because `rightca=%same` is the only way to name the CA byte for byte. */
  readonly gateway: KeyPair;
}

/** Starts the daemon as a gateway for eNBs below the CA. The returned function ends it. */
export async function startLibreswan(options: LibreswanOptions): Promise<() => Promise<void>> {
  const { program, folder, network, ca, gateway } = options;
  const file = (name: string) => join(folder, name);
  const run = (command: string, ...args: readonly string[]) =>
    execFileSync(command, args, { cwd: folder, stdio: 'pipe' });
  mkdirSync(file('nss'), { recursive: true });
  const key = gateway.key.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(file('key.pem'), key, { mode: 0o600 });
  writeFileSync(file('gateway.pem'), certificatesToPem([gateway.certificate]));
  writeFileSync(file('ca.pem'), certificatesToPem([ca.certificate]));
  writeFileSync(file('ipsec.secrets'), '');
  writeFileSync(
    file('ipsec.conf'),
    `config setup
    nssdir=${file('nss')}

conn enbs
    ikev2=insist
    left=${network.address}
    leftid=%fromcert
    leftcert=gateway
    leftsubnet=10.20.0.0/24
    right=%any
    rightca=%same
    auto=add
`,
  );
  const pkcs12 = ['-in', 'gateway.pem', '-inkey', 'key.pem', '-name', 'gateway', '-out', 'gateway.p12'];
  run('openssl', 'pkcs12', '-export', ...pkcs12, '-passout', 'pass:');
  run('certutil', '-N', '-d', 'sql:nss', '--empty-password');
  run('certutil', '-A', '-d', 'sql:nss', '-n', 'ca', '-t', 'CT,,', '-i', 'ca.pem');
  run('pk12util', '-i', 'gateway.p12', '-d', 'sql:nss', '-W', '');
  // It looks for its helpers in one place only. The mount is in the private namespace of `ip netns exec`.
  const script = `set -e
    mount -t tmpfs none /usr/libexec
    mkdir /usr/libexec/ipsec
    mount --bind ${program}/usr/libexec/ipsec /usr/libexec/ipsec
    exec /usr/libexec/ipsec/pluto --nofork --stderrlog --rundir . --nssdir nss --secretsfile ipsec.secrets \\
      --config ipsec.conf`;
  const [libraries = ''] = globSync('usr/lib/*-linux-gnu', { cwd: program });
  const child = spawn('ip', ['netns', 'exec', network.namespace, 'sh', '-c', script], {
    cwd: folder,
    env: { PATH: process.env.PATH, LD_LIBRARY_PATH: join(program, libraries) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit').then(() => undefined);
  let told = '';
  while (!told.includes(`${network.address}:4500`)) {
    const data = await Promise.race([once(child.stderr, 'data'), ended]);
    if (!data) throw new Error(`libreswan did not start: ${told}`);
    told += String(data[0]);
  }
  child.stderr.resume();
  return () => stopProcess(child);
}
