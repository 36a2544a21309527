import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserHost } from './host.ts';

/** A file that leads the browser to the host. */
export interface Entrance {
  readonly file: string;
  remove(): void;
}

/**
 * Writes a file that leads the browser to the host's address. Every user of the computer can read the arguments of a
 * process, so the address with its token must not be an argument. Only this user can read the folder and the file. Both
 * are deleted when the address is used, after `patience` milliseconds, or when this process ends.
 */
export function layEntrance(host: Pick<BrowserHost, 'address' | 'entered'>, patience: number): Entrance {
  const folder = mkdtempSync(join(tmpdir(), 'siteseal-open-')); // mode 0700
  const remove = () => {
    clearTimeout(timer);
    process.off('exit', remove);
    rmSync(folder, { recursive: true, force: true });
  };
  const timer = setTimeout(remove, patience).unref();
  process.once('exit', remove);
  const file = join(folder, 'siteseal.html');
  writeFileSync(file, entrancePage(host.address), { mode: 0o600, flag: 'wx' });
  void host.entered.then(remove);
  return { file, remove };
}

/** The token consists of letters, digits, `-` and `_`, so nothing in the address needs escaping. */
function entrancePage(address: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${address}">
<title>Siteseal</title>
<p><a href="${address}">Open Siteseal</a></p>
`;
}
