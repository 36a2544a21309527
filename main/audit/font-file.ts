import { join } from 'node:path';

/** The file of a font. This module lies as deep in the repository as the build puts it: two folders. */
export function fontFile(name: string): string {
  return join(import.meta.dirname, '..', '..', 'assets', 'fonts', `${name}.ttf`);
}
