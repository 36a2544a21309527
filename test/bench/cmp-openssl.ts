import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { end, endWithThisProcess } from '../kit/desktop.ts';
import type { ProtectionKind } from '../kit/cmp-scene.ts';
import { freePort } from '../kit/free-port.ts';

/** Why openssl cannot enrol here; undefined when it can. */
export function whyNoOpenssl(): string | undefined {
  return spawnSync('openssl', ['cmp', '-help']).status === 0 ? undefined : 'this openssl has no cmp';
}

const secretOptions = ['-ref', 'enb', '-secret', 'pass:correct horse battery'] as const;

type Servers = Readonly<Record<ProtectionKind, { readonly port: number; readonly child: ChildProcess }>>;

/** `openssl cmp` as client of its mock server, over loopback. */
export class OpensslCmp {
  readonly #folder: string;
  readonly #servers: Servers;

  private constructor(folder: string, servers: Servers) {
    this.#folder = folder;
    this.#servers = servers;
  }

  static async start(folder: string): Promise<OpensslCmp> {
    const issued = ['-rsp_cert', 'issued.pem', '-rsp_extracerts', 'ca.pem'];
    const signing = ['-srv_cert', 'ra.pem', '-srv_key', 'ra.key', '-srv_untrusted', 'ca.pem'];
    const openssl = new OpensslCmp(folder, {
      signature: await serve(folder, [...signing, '-srv_trusted', 'root.pem', ...issued]),
      pbm: await serve(folder, ['-srv_ref', 'enb', '-srv_secret', secretOptions[3], ...issued]),
    });
    await openssl.#untilReady('signature');
    await openssl.#untilReady('pbm');
    return openssl;
  }

  async #untilReady(kind: ProtectionKind): Promise<void> {
    for (let tries = 100; ; tries--)
      try {
        this.enrol(kind);
        return;
      } catch (error) {
        if (tries === 0) throw error;
        await sleep(50);
      }
  }

  /** Enrols once: ir and certConf. The key is there already. `repeat` does so several times in one process. */
  enrol(kind: ProtectionKind, repeat = 1): void {
    const { port } = this.#servers[kind];
    const credentials =
      kind === 'pbm'
        ? secretOptions
        : ['-cert', 'device.pem', '-key', 'issued.key', '-own_trusted', 'root.pem', '-untrusted', 'ca.pem'];
    const options = [
      ...['cmp', '-config', '', '-verbosity', '3', '-cmd', 'ir', '-server', `127.0.0.1:${port}/pkix/`],
      ...[
        '-recipient',
        '/C=FI/O=Lab Operator/CN=Lab RA',
        '-newkey',
        'issued.key',
        '-subject',
        '/CN=ENB0-S',
        '-trusted',
        'root.pem',
      ],
      ...['-untrusted', 'ca.pem', '-digest', 'sha256', '-certout', 'out.pem'],
      ...credentials,
      ...(repeat > 1 ? ['-repeat', String(repeat)] : []),
    ];
    const { status, stderr, stdout } = spawnSync('openssl', options, {
      cwd: this.#folder,
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (status !== 0) throw new Error(`openssl cmp failed: ${stdout}${stderr}`);
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#servers).map(({ child }) => end(child)));
  }
}

async function serve(folder: string, options: readonly string[]) {
  const port = await freePort();
  const args = ['cmp', '-config', '', '-verbosity', '3', '-port', String(port), ...options];
  const child = spawn('openssl', args, { cwd: folder, stdio: 'ignore' });
  endWithThisProcess(child);
  return { port, child };
}
