import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm } from '../launch/npm.js';
import { Refusal } from '../launch/root.js';

const folder = import.meta.dirname;

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>;
}

/** Installs what package-lock.json in this folder lists, unless it is already there. */
export async function installTools(say: (line: string) => void): Promise<void> {
  if (isAllThere()) return;
  say('Installing the packaging tools into tools/package/node_modules, once (about 150 MB).');
  const args = ['ci', '--prefix', folder, '--no-workspaces', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { fault, output } = await runNpm(process.execPath, args);
  if (fault === undefined && isAllThere()) return;
  throw new Refusal(
    `The packaging tools could not be installed (npm ci ${fault ?? 'left packages out'}). Check that this computer can ` +
      `reach its npm registry (npm ping), then run the same command again.\n${output.trim()}`,
  );
}

/** npm records what it has placed in a separate lock file. */
function isAllThere(): boolean {
  try {
    const { packages: placed } = readLock(join(folder, 'node_modules', '.package-lock.json'));
    return Object.entries(readLock(join(folder, 'package-lock.json')).packages).every(
      ([path, { version, optional }]) =>
        path === '' || optional === true || placed[path]?.version === version,
    );
  } catch {
    return false;
  }
}

function readLock(file: string): Lock {
  return JSON.parse(readFileSync(file, 'utf8')) as Lock;
}
