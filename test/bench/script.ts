import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { hwType, type Operator } from './operator.ts';

const recipientOptions = {
  ec: ['-aes256-wrap', '-keyopt', 'ecdh_kdf_md:sha256'],
  rsa: ['-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha256', '-keyopt', 'rsa_mgf1_md:sha256'],
};

/** Why `script.sh` cannot run here; undefined when it can. */
export function whyNoScript(): string | undefined {
  if (process.platform !== 'linux') return 'the script is for Linux';
  const missing = ['bash', 'openssl'].find((command) => spawnSync(command, ['version']).error);
  return missing && `${missing} is missing`;
}

/** Has `script.sh` prepare the first rows of the inventory. */
export function runScript({ folder, enbs }: Operator, rows: number): void {
  const options = enbs[0]?.publicKey.kind === 'rsa' ? recipientOptions.rsa : recipientOptions.ec;
  const script = join(import.meta.dirname, 'script.sh');
  mkdirSync(join(folder, 'script'), { recursive: true });
  const { status, stderr } = spawnSync('bash', [script, String(rows), 'script', hwType, ...options], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`script.sh failed: ${stderr}`);
}
