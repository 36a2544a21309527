// What an unattended window needs: an invisible display, and a user other than root, because Chromium has no sandbox
// for root.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { isRoot } from '../../tools/desktop.ts';

const root = join(import.meta.dirname, '../..');

export interface Display {
  /** For DISPLAY. */
  readonly name: string;
  readonly close: () => void;
}

/** Starts an invisible display (Xvfb). Rejects without Xvfb. */
export async function startDisplay(): Promise<Display> {
  const options = ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'];
  const server = spawn('Xvfb', options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  endWithThisProcess(server);
  await once(server, 'spawn');
  const [number] = (await once(server.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { name: `:${number.toString('latin1').trim()}`, close: () => void server.kill() };
}

/** The user and group that root's rights are dropped to. */
export const nobody = 65_534;

/** The command that runs another one as a user other than root. */
export function asOrdinaryUser(file: string, args: readonly string[]): { file: string; args: string[] } {
  const user = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
  return isRoot ? { file: 'setpriv', args: [...user, file, ...args] } : { file, args: [...args] };
}

/** Whether a user other than root can read this repository. */
export function canOrdinaryUserRead(): boolean {
  if (!isRoot) return true;
  const { file, args } = asOrdinaryUser('test', ['-r', join(root, 'package.json')]);
  return spawnSync(file, args).status === 0;
}

/** Ensures that a process ends, at the latest, when this one exits. */
export function endWithThisProcess(child: ChildProcess): void {
  const kill = () => void child.kill();
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
}

/** Ends a process and waits until it has ended. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
