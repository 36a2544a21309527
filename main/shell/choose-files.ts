import { type BrowserWindow, dialog, type FileFilter, type OpenDialogOptions } from 'electron';
import { type FileKind, fileKinds } from '../../preload/contract/file-kinds.ts';
import { words } from '../words/index.ts';

type Properties = NonNullable<OpenDialogOptions['properties']>;

const dialogs: Readonly<Record<FileKind, { extensions: readonly string[]; properties: Properties }>> = {
  inventory: { extensions: ['csv'], properties: ['openFile'] },
  'operator-profile': { extensions: ['json'], properties: ['openFile'] },
  bundles: { extensions: ['p7m'], properties: ['openFile', 'multiSelections'] },
  'vendor-root': { extensions: ['crt', 'cer', 'pem', 'der'], properties: ['openFile'] },
  'output-folder': { extensions: [], properties: ['openDirectory', 'createDirectory'] },
  'log-heads': { extensions: [], properties: ['openFile', 'multiSelections'] },
  'enb-certificates': {
    extensions: ['crt', 'cer', 'pem', 'der', 'p7b', 'p7c'],
    properties: ['openFile', 'multiSelections'],
  },
  'certificate-folder': { extensions: [], properties: ['openDirectory'] },
};

/** Whether it is a kind of files. The page may send anything, so the shell checks. */
export function isFileKind(value: unknown): value is FileKind {
  return (fileKinds as readonly unknown[]).includes(value);
}

/** Shows the dialog for files of a kind. Returns the chosen paths; none when the dialog was cancelled. */
export async function chooseFiles(window: BrowserWindow, kind: FileKind): Promise<readonly string[]> {
  const { extensions, properties } = dialogs[kind];
  const filters: FileFilter[] =
    extensions.length === 0
      ? []
      : [
          { name: words.shell.files[kind], extensions: [...extensions] },
          { name: words.shell.files.all, extensions: ['*'] },
        ];
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: words.shell.choose[kind],
    filters,
    properties,
  });
  return filePaths;
}
