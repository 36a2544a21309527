// A minimal page and core for the shells' tests, with the signatures of the real ones.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Port, RunningCore } from '../../main/host/index.ts';

const made: string[] = [];
process.once('exit', () => made.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/**
 * A built page, in the folder `page` of a fresh one, so that a test may put something next to it. All of it is removed
 * when the process ends.
 */
export function makePage(files: Readonly<Record<string, string>> = {}): string {
  const fresh = mkdtempSync(join(tmpdir(), 'siteseal-page-'));
  made.push(fresh);
  const folder = join(fresh, 'page');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  const all = {
    'index.html': '<!doctype html><head><script src="/assets/index.js"></script></head>',
    'assets/index.js': 'document.title = "Siteseal";',
    'notes.txt': 'of no type that a page is made of',
    ...files,
  };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
  return folder;
}

/** A core that greets, and answers each message with the same message. */
export class EchoCore implements Pick<RunningCore, 'serve'> {
  pages = 0;

  serve(port: Port): void {
    this.pages += 1;
    port.onMessage((message) => port.postMessage({ kind: 'echo', message }));
    port.onClose(() => (this.pages -= 1));
    port.postMessage({ kind: 'hello', version: '0' });
  }
}
