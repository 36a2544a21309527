import { spawn } from 'node:child_process';
import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';

/** Shows a folder in the system's file manager. Returns why it could not. */
export type ShowFolder = (folder: string) => Promise<string | undefined>;

/** A program of the system that shows folders. */
export interface FileManager {
  readonly program: string;
  /** Its arguments for a folder. */
  readonly args: (folder: string) => readonly string[];
  /** On Windows, passes the arguments on as they are, without adding quotes. */
  readonly isVerbatim?: boolean;
  /** Whether an exit code other than 0 means that it showed nothing. Explorer always exits with 1. */
  readonly reportsFailure: boolean;
}

/**
 * Opens a folder in the system's file manager; behind a symbolic link, the folder that it leads to. Refuses anything but
 * a folder, which the system would run or open.
 */
export async function openFolder(
  show: ShowFolder,
  folder: string,
): Promise<Result<void, 'folder-not-opened'>> {
  const where = { file: folder };
  let real: string;
  try {
    real = realpathSync(folder);
    if (!statSync(real).isDirectory()) return refuse('folder-not-opened', { where, found: 'ENOTDIR' });
  } catch (error) {
    return refuse('folder-not-opened', { where, found: errorCode(error) });
  }
  const found = await show(real);
  return found === undefined ? ok(undefined) : refuse('folder-not-opened', { where, found });
}

/**
 * The file manager of a platform. Explorer is named by its path, so that no other program can take its place.
 *
 * A folder's name may mean something to it. Explorer splits its arguments at commas that are not between quotes; a name
 * on Windows contains no quotes. macOS launches a folder with a name such as `X.app`, even if Finder is to open it; so
 * Finder shows where the folder is, and does not open it.
 */
export function systemFileManager(
  platform: NodeJS.Platform,
  { SystemRoot = 'C:\\Windows' }: Readonly<Record<string, string | undefined>>,
): FileManager {
  switch (platform) {
    case 'win32':
      return {
        program: join(SystemRoot, 'explorer.exe'),
        args: (folder) => [`"${folder}"`],
        isVerbatim: true,
        reportsFailure: false,
      };
    case 'darwin':
      return { program: '/usr/bin/open', args: (folder) => ['-R', folder], reportsFailure: true };
    default:
      return { program: 'xdg-open', args: (folder) => [folder], reportsFailure: true };
  }
}

/** How long to wait for a file manager to report a failure, in milliseconds. Some run until the user closes them. */
const longestWait = 2_000;

/** Starts the file manager without a shell. It outlives Siteseal. */
export function showFolderWith(
  { program, args, isVerbatim = false, reportsFailure }: FileManager,
  wait: number = longestWait,
): ShowFolder {
  return (folder) =>
    new Promise((resolve) => {
      const child = spawn(program, args(folder), {
        detached: true,
        stdio: 'ignore',
        windowsVerbatimArguments: isVerbatim,
      });
      const timer = setTimeout(() => resolve(undefined), wait);
      const end = (why: string | undefined) => {
        clearTimeout(timer);
        resolve(why && `${program}: ${why}`);
      };
      child.once('error', (error) => end(errorCode(error)));
      child.once('exit', (code) => end(code === 0 || !reportsFailure ? undefined : `exit code ${code}`));
      child.unref();
    });
}
