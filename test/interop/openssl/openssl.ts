/** OpenSSL's command line at the other end of the formats. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { encodePem } from '../../../main/asn1/index.ts';
import type { KeyPair } from '../../../main/lab/index.ts';
import type { Certificate } from '../../../main/pki/index.ts';

export interface Run {
  readonly status: number | null;
  readonly output: Buffer;
  readonly errors: string;
}

/** Files that openssl reads, in a folder of their own. */
export class Workbench {
  readonly #folder = mkdtempSync(join(tmpdir(), 'siteseal-openssl-'));
  #files = 0;

  /** Writes a file and returns its path. */
  file(octets: string | Uint8Array): string {
    const path = join(this.#folder, String(++this.#files));
    writeFileSync(path, octets);
    return path;
  }

  certificate(...certificates: readonly Certificate[]): string {
    return this.file(certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join(''));
  }

  key({ key }: KeyPair): string {
    return this.file(key.export({ format: 'pem', type: 'pkcs8' }));
  }

  /** Runs openssl to its end, whatever that is. */
  try(...args: readonly string[]): Run {
    const { status, stdout, stderr, error } = spawnSync('openssl', args, { cwd: this.#folder });
    if (error) throw error;
    return { status, output: stdout, errors: stderr.toString() };
  }

  /** Runs openssl to its end while this process goes on, as the server that openssl asks. */
  async tryAside(...args: readonly string[]): Promise<Run> {
    const child = spawn('openssl', args, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const [output, errors, [status]] = await Promise.all([
      buffer(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ]);
    return { status, output, errors };
  }

  /** Runs openssl, which must succeed, and returns its standard output. */
  run(...args: readonly string[]): Buffer {
    const { status, output, errors } = this.try(...args);
    assert.equal(status, 0, errors);
    return output;
  }

  /** Runs openssl with `-out`, and returns what it wrote there. */
  make(...args: readonly string[]): Buffer {
    const path = this.file('');
    this.run(...args, '-out', path);
    return readFileSync(path);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
