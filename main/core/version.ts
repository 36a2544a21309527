import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of Node.js that runs the core. Electron brings its own. */
export const nodeVersion = process.versions.node;

/** The version of this product, from its package.json. */
export function productVersion(): string {
  const file = join(import.meta.dirname, '..', '..', 'package.json');
  const description = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  return description.version;
}
