// Checks the types of every TypeScript project here: code that runs in Node, code with a page's globals, and code for
// both.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

for (const project of ['.', 'preload', 'renderer', 'renderer/verifier', 'test/electron']) {
  const { status } = spawnSync(process.execPath, [tsc, '--project', join(root, project)], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
