import type { LookedAt } from '../../../preload/contract/bridge.ts';
import type { FileHandle, OpenableKind } from '../../../preload/contract/index.ts';
import { fill, words } from './words.ts';

/** Files to open, or why they are not. */
export type Sorted =
  { readonly kind: OpenableKind; readonly files: readonly FileHandle[] } | { readonly refusal: string };

/** The kinds of which one file is opened at a time. */
const oneAtATime: readonly OpenableKind[] = ['inventory', 'operator-profile', 'vendor-root'];

/** What to do with files that the user dropped or opened again: they are opened together, or none is. */
export function sortFiles(looked: readonly LookedAt[]): Sorted {
  const files = looked.map(({ handle }) => handle);
  const openable: OpenableKind[] = [];
  for (const { handle, kind } of looked) {
    if (kind === 'folder') return { refusal: fill(words.drops.folder, { name: handle.name }) };
    if (kind === 'unknown') return { refusal: fill(words.drops.unknown, { name: handle.name }) };
    openable.push(kind);
  }
  const [kind, ...others] = new Set(openable);
  if (kind === undefined) return { refusal: words.files.notTaken };
  if (others.length > 0) return { refusal: words.drops.mixed };
  const isTooMany = files.length > 1 && oneAtATime.includes(kind);
  return isTooMany ? { refusal: words.files.oneOnly } : { kind, files };
}
