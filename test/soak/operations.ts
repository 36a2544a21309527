/** Faults below the tool: one chosen file operation fails. For the tool's own process. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { killSelf, type ToolFault } from './messages.ts';

const whole = { ...fs.promises };
const wholeRename = fs.renameSync;

/** Makes operations on files below `folder` fail as the fault says; `pull` pulls the drive out. */
export function failOperations(
  folder: string,
  { number, effect }: NonNullable<ToolFault['operation']>,
  pull: () => void,
  onFired: () => void,
): void {
  let count = 0;
  const before = (path: unknown): void => {
    if (typeof path !== 'string' || !path.startsWith(folder) || ++count !== number) return;
    onFired();
    if (effect === 'kill') killSelf();
    if (effect === 'pull') pull();
    else throw Object.assign(new Error(`${effect}: ${path}`), { code: effect });
  };
  const wrap =
    <Rest extends readonly unknown[], Value>(action: (path: never, ...rest: Rest) => Promise<Value>) =>
    // A failed operation is a rejection.
    (path: never, ...rest: Rest): Promise<Value> =>
      Promise.resolve().then(() => {
        before(path);
        return action(path, ...rest);
      });
  Object.assign(fs.promises, {
    open: wrap(whole.open),
    rename: wrap(whole.rename),
    mkdir: wrap(whole.mkdir),
    rm: wrap(whole.rm),
    statfs: wrap(whole.statfs as (path: never, ...rest: readonly unknown[]) => Promise<unknown>),
  });
  syncBuiltinESMExports();
}

/** Kills this process before or after the file of a receipt is in its place. */
export function killAtReceipt(place: string, onFired: () => void): void {
  fs.renameSync = (from, to) => {
    const isReceipt = typeof to === 'string' && to.endsWith('.receipt.p7m');
    if (isReceipt) onFired();
    if (isReceipt && place === 'before-file') killSelf();
    wholeRename(from, to);
    if (isReceipt) killSelf();
  };
  syncBuiltinESMExports();
}

/** Makes everything work again. */
export function mendOperations(): void {
  Object.assign(fs.promises, whole);
  fs.renameSync = wholeRename;
  syncBuiltinESMExports();
}
