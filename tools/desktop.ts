// What a window needs from the machine: an Electron, a display, and a user other than root, because Chromium has no
// sandbox for root.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);

/** How long Electron may take to print its version, in milliseconds. */
const versionPatience = 5_000;

/** The Node-API that the native modules need. With an older Electron the core runs on this Node. */
const neededNodeApi = 10;

export interface Electron {
  readonly file: string;
  readonly version: string;
  /** Whether the core runs on this Node, because Electron's own cannot load the native modules. */
  readonly isCoreOnNode: boolean;
}

/** The versions of a runtime and of what it contains. Only a runtime that starts tells the latter. */
export interface RuntimeVersions {
  readonly electron: string;
  readonly chromium?: string;
  readonly node?: string;
}

/** The runtime that a package of Siteseal made here contains; without one here, what the electron package would install. */
export function packedRuntime(): RuntimeVersions {
  const file = electronFile();
  const question = '`${process.versions.electron} ${process.versions.chrome} ${process.versions.node}`';
  const answer = file === undefined ? undefined : ask(file, question);
  const [electron, chromium, node] = answer?.split(' ') ?? [];
  if (electron === undefined || chromium === undefined || node === undefined)
    return { electron: packageVersion() };
  return { electron, chromium, node };
}

/** The Electron of this machine, or why there is no usable one. */
export function findElectron(): Electron | { readonly whyNot: string } {
  const file = electronFile();
  if (file === undefined || !existsSync(file)) {
    return { whyNot: "Electron's runtime is not installed (to install it, run npx install-electron)" };
  }
  const [version, nodeApi] =
    ask(file, '`${process.versions.electron} ${process.versions.napi}`')?.split(' ') ?? [];
  if (version === undefined) return { whyNot: 'Electron does not start here' };
  return { file, version, isCoreOnNode: Number(nodeApi) < neededNodeApi };
}

/** What an Electron answers as Node; undefined if it does not start. */
function ask(file: string, question: string): string | undefined {
  const { status, stdout } = spawnSync(file, ['-p', question], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    encoding: 'utf8',
    timeout: versionPatience,
  });
  return status === 0 ? stdout.trim() : undefined;
}

function packageVersion(): string {
  const file = join(root, 'node_modules', 'electron', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

/** The runtime that the electron package installed. Importing the package itself would download it. */
function electronFile(): string | undefined {
  const home = join(root, 'node_modules', 'electron');
  const nameFile = join(home, 'path.txt');
  const name = existsSync(nameFile) ? readFileSync(nameFile, 'utf8').trim() : undefined;
  const { ELECTRON_OVERRIDE_DIST_PATH: folder } = process.env;
  if (folder !== undefined && folder !== '') return join(folder, name ?? 'electron');
  return name === undefined ? undefined : join(home, 'dist', name);
}

/** Whether windows can be shown to the user who started this. */
export function hasDisplay(): boolean {
  if (process.platform === 'win32' || process.platform === 'darwin') return true;
  return [process.env['DISPLAY'], process.env['WAYLAND_DISPLAY']].some(
    (name) => name !== undefined && name !== '',
  );
}

/** Whether root runs this process. */
export const isRoot = process.getuid?.() === 0;
