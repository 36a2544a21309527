// Each process of build/electron-node/node loads this first; see make.ts.
import { existsSync } from 'node:fs';
import { register } from 'node:module';
import { join } from 'node:path';

const made = join(import.meta.dirname, '..', '..', '..', 'build', 'electron-node');

register('./hooks.js', import.meta.url);

// Without this, a process that starts its own executable would open a window.
process.execPath = join(made, 'node');

const sqlite = join(made, 'better-sqlite3.node');
if (existsSync(sqlite)) {
  const dlopen = process.dlopen.bind(process);
  process.dlopen = (module, file, ...flags) =>
    dlopen(module, file.includes(join('better-sqlite3', 'prebuilds')) ? sqlite : file, ...flags);
}
