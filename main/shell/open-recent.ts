import { statSync } from 'node:fs';
import type { LookedAt } from '../../preload/contract/bridge.ts';
import type { FileKind, LookedAtKind } from '../../preload/contract/file-kinds.ts';
import { fill, words } from '../words/index.ts';
import type { RecentFiles } from './recent-files.ts';

/** Whether files of this kind are remembered: those that the user may want to open again. */
export function isRemembered(kind: FileKind | LookedAtKind): boolean {
  return remembered.includes(kind);
}

const remembered: readonly (FileKind | LookedAtKind)[] = [
  'bundles',
  'inventory',
  'operator-profile',
  'receipts',
  'log-heads',
];

/** The application, as opening a recent file needs it. */
export interface Opener {
  /** Has the core find out what a file is, and registers it. */
  readonly look: (path: string) => Promise<LookedAt>;
  /** Hands a file to the page. */
  readonly hand: (file: LookedAt) => void;
  /** Says something to the user. */
  readonly say: (message: string, detail: string) => Promise<void>;
}

/** Opens a file of the list. One that is gone leaves the list, and the user learns where it was. */
export async function openRecent(
  { look, hand, say }: Opener,
  recent: RecentFiles,
  path: string,
): Promise<void> {
  const { message, detail } = words.shell.recentGone;
  if (!isFile(path)) {
    recent.remove(path);
    return say(message, fill(detail, { path }));
  }
  const { handle, kind } = await look(path);
  hand({ handle, kind });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
