import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FileKind, LookedAtKind } from '../../preload/contract/index.ts';
import { kindOfFile } from '../core/index.ts';
import { ok, refuse } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import type { Handlers } from './handlers.ts';
import type { ApiContext } from './context.ts';

/** The file names of each kind. Folders are always shown. */
const patterns: Readonly<Record<FileKind, RegExp>> = {
  inventory: /\.(csv|tsv|txt)$/i,
  'operator-profile': /\.json$/i,
  bundles: /(?<!\.receipt)\.p7m$/i,
  'vendor-root': /\.(pem|crt|cer|der)$/i,
  'output-folder': /(?!)/,
  // A head can be a note, a head file, an export or a receipt.
  'log-heads': /(?:)/,
  'enb-certificates': /\.(pem|crt|cer|der|p7b|p7c)$/i,
  'certificate-folder': /(?!)/,
};

const maximumEntries = 2000;

/** The kinds that a name can show, if the contents do not. */
const namedKinds = ['bundles', 'inventory', 'operator-profile', 'vendor-root'] as const;

/** What a path is, by its contents. If they say nothing, its name decides, and opening it says what is wrong with it. */
export function lookAt(path: string): LookedAtKind {
  const named = namedKinds.find((kind) => patterns[kind].test(path));
  return kindOfFile(path) ?? (/receipt[^/\\]*\.p7m$/i.test(path) ? 'receipts' : (named ?? 'unknown'));
}

/** A folder name that every system allows and that `files.list` shows. */
const folderName = /^(?![. ])[^\p{C}/\\:*?"<>|]+(?<![. ])$/u;

/** The page's own file dialog, for a shell without one. Limited to the folders that the shell passed. */
export function fileHandlers(context: ApiContext): Handlers<'files.list' | 'files.makeFolder'> {
  return {
    'files.list': ({ folder, kind }) => {
      if (!folder) {
        const { folders } = context.options;
        return ok({
          entries: folders.map((path) => ({ handle: context.registerFile(path), isFolder: true })),
        });
      }
      const path = context.pathOf(folder);
      if (!path.ok) return path;
      try {
        // Natural order: S9 before S10.
        const { compare: byName } = new Intl.Collator('en', { numeric: true });
        // Symbolic links are left out, because they could lead out of the folders.
        const entries = readdirSync(path.value)
          .filter((name) => !name.startsWith('.'))
          .flatMap((name) => {
            const status = lstatSync(join(path.value, name), { throwIfNoEntry: false });
            return status ? [{ name, status }] : []; // It vanished after it was listed.
          })
          .filter(
            ({ name, status }) => status.isDirectory() || (status.isFile() && patterns[kind].test(name)),
          )
          .sort(
            (a, b) =>
              Number(b.status.isDirectory()) - Number(a.status.isDirectory()) || byName(a.name, b.name),
          )
          .slice(0, maximumEntries)
          .map(({ name, status }) => ({
            handle: context.registerFile(join(path.value, name)),
            isFolder: status.isDirectory(),
          }));
        const still = context.inPlace(path.value); // Otherwise these may be the names of another folder.
        return still.ok ? ok({ entries }) : still;
      } catch (error) {
        return refuse('file-unreadable', { where: { file: basename(path.value) }, found: errorCode(error) });
      }
    },
    'files.makeFolder': ({ folder, name }) => {
      const path = context.pathOf(folder);
      if (!path.ok) return path;
      if (!folderName.test(name)) return refuse('folder-not-made', { where: { file: name } });
      const made = join(path.value, name);
      try {
        mkdirSync(made);
        return ok(context.registerFile(made));
      } catch (error) {
        return refuse('folder-not-made', { where: { file: name }, found: errorCode(error) });
      }
    },
  };
}
