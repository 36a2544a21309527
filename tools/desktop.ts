// What a window needs of the machine, for those who start one unattended: an Electron, a display, and a user who is not
// root, for whom Chromium has no sandbox.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);

/** How long Electron may take to say its version, in milliseconds. */
const versionPatience = 5_000;

/** The Node-API that the native modules need. With an older Electron the core runs on this Node. */
const neededNodeApi = 10;

export interface Electron {
  readonly file: string;
  readonly version: string;
  /** Whether the core runs on this Node, for the Electron's own cannot load the native modules. */
  readonly isCoreOnNode: boolean;
}

/** The Electron of this machine, or why there is none. */
export function findElectron(): Electron | { readonly whyNot: string } {
  const file = electronFile();
  if (file === undefined || !existsSync(file)) {
    return { whyNot: "Electron's runtime is not installed (to install it, run npx install-electron)" };
  }
  const question = '`${process.versions.electron} ${process.versions.napi}`';
  const { status, stdout } = spawnSync(file, ['-p', question], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    encoding: 'utf8',
    timeout: versionPatience,
  });
  const [version, nodeApi] = status === 0 ? stdout.trim().split(' ') : [];
  if (version === undefined) return { whyNot: 'Electron does not start here' };
  return { file, version, isCoreOnNode: Number(nodeApi) < neededNodeApi };
}

/** Where the electron package has put its runtime; loading the package itself would fetch it. */
function electronFile(): string | undefined {
  const home = join(root, 'node_modules', 'electron');
  const nameFile = join(home, 'path.txt');
  const name = existsSync(nameFile) ? readFileSync(nameFile, 'utf8').trim() : undefined;
  const { ELECTRON_OVERRIDE_DIST_PATH: folder } = process.env;
  if (folder !== undefined && folder !== '') return join(folder, name ?? 'electron');
  return name === undefined ? undefined : join(home, 'dist', name);
}

/** Whether windows can be shown to the person who started this. */
export function hasDisplay(): boolean {
  if (process.platform === 'win32' || process.platform === 'darwin') return true;
  return [process.env['DISPLAY'], process.env['WAYLAND_DISPLAY']].some(
    (name) => name !== undefined && name !== '',
  );
}

export interface Display {
  /** For DISPLAY. */
  readonly name: string;
  readonly close: () => void;
}

/** Starts a display that nobody sees (Xvfb). Rejects where there is no Xvfb. */
export async function startDisplay(): Promise<Display> {
  const options = ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'];
  const server = spawn('Xvfb', options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  endWithThisProcess(server);
  await once(server, 'spawn');
  const [number] = (await once(server.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { name: `:${number.toString('latin1').trim()}`, close: () => void server.kill() };
}

/** Whether this process is root's. */
export const isRoot = process.getuid?.() === 0;

/** The user and group that root's rights are given up for. */
export const nobody = 65_534;

/** A command as it is run by someone who is not root. */
export function asOrdinaryUser(file: string, args: readonly string[]): { file: string; args: string[] } {
  const user = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
  return isRoot ? { file: 'setpriv', args: [...user, file, ...args] } : { file, args: [...args] };
}

/** Whether someone who is not root can read this repository. */
export function canOrdinaryUserRead(): boolean {
  if (!isRoot) return true;
  const { file, args } = asOrdinaryUser('test', ['-r', join(root, 'package.json')]);
  return spawnSync(file, args).status === 0;
}

/** Has a process end, at the latest, when this one exits. */
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
