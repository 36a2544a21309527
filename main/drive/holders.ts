import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The programs with an open file or their working folder below `folder`, from Linux's /proc: `less (4711), bash
 * (812)`. Programs of other users are not visible.
 */
export async function describeHolders(folder: string): Promise<string> {
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const holders: string[] = [];
  for (const id of processes) {
    if (await isHolder(join('/proc', id), folder)) {
      const name = await readFile(join('/proc', id, 'comm'), 'utf8').catch(() => '');
      holders.push(`${name.trim()} (${id})`);
    }
  }
  return holders.length > 0 ? holders.join(', ') : 'a program that Siteseal cannot identify';
}

async function isHolder(process: string, folder: string): Promise<boolean> {
  const descriptors = await readdir(join(process, 'fd')).catch(() => []);
  const links = ['cwd', ...descriptors.map((name) => join('fd', name))];
  const targets = await Promise.all(links.map((link) => readlink(join(process, link)).catch(() => '')));
  return targets.some((target) => target === folder || target.startsWith(`${folder}/`));
}
