// Makes build/electron-node/node: the Node.js of Electron as a command that runs the sources. It also works with an old
// Electron, whose Node.js may not strip types and may have an older Node-API than ours.
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withExperimentalNodeApi } from './node-api.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const made = join(root, 'build', 'electron-node');
process.chdir(root);

rmSync(made, { recursive: true, force: true });
for (const file of globSync('{main,preload,test,tools}/**/*.ts', { exclude: ['**/node_modules'] }))
  write(join('sources', file), stripTypeScriptTypes(readFileSync(file, 'utf8')));

// The package `electron` says where its executable is, and respects ELECTRON_OVERRIDE_DIST_PATH.
const electron = resolve(createRequire(import.meta.url)('electron') as string);
const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
const nodeApi = Number(execFileSync(electron, ['-p', 'process.versions.napi'], { env, encoding: 'utf8' }));
if (nodeApi < 10) write('better-sqlite3.node', makeSqlite());

const preload = pathToFileURL(join(import.meta.dirname, 'preload.js')).href;
const command = `#!/bin/sh
ELECTRON_RUN_AS_NODE=1 NODE_OPTIONS=${quote(`--import=${preload}`)} exec ${quote(electron)} "$@"
`;
write('node', command, 0o755);

function makeSqlite(): Buffer {
  const folder = join(dirname(createRequire(import.meta.url).resolve('better-sqlite3')), '..', 'prebuilds');
  return withExperimentalNodeApi(readFileSync(join(folder, `${process.platform}-${process.arch}.node`)));
}

function write(name: string, content: string | Uint8Array, mode = 0o644): void {
  const file = join(made, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { mode });
}

/** Quotes a word for a shell. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
