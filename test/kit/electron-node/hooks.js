// Makes a Node.js that does not strip types load the sources that make.ts has stripped. They keep their addresses, so
// that they find one another, their packages and their data.
import { readFile } from 'node:fs/promises';

const root = new URL('../../../', import.meta.url).href;
const stripped = new URL('build/electron-node/sources/', root);

/** @type {import('node:module').LoadHook} */
export async function load(url, context, nextLoad) {
  const { pathname } = new URL(url);
  const isOurs = url.startsWith(root) && pathname.endsWith('.ts') && !url.includes('/node_modules/');
  if (!isOurs) return nextLoad(url, context);
  const file = new URL(pathname.slice(new URL(root).pathname.length), stripped);
  return { format: 'module', source: await readFile(file, 'utf8'), shortCircuit: true };
}
