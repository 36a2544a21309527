import { useEffect, useRef } from 'react';
import type { FileHandle, OpenableKind } from '../../../preload/contract/index.ts';
import type { Route } from './routes.ts';
import { go } from './use-route.ts';

type Take = (files: readonly FileHandle[]) => void;

/** Where files of each kind are opened. */
const places: Readonly<Record<OpenableKind, Route>> = {
  bundles: { kind: 'site' },
  inventory: { kind: 'prepare' },
  'operator-profile': { kind: 'office' },
  'vendor-root': { kind: 'setup' },
  receipts: { kind: 'receipts' },
  'log-heads': { kind: 'log' },
};

const takers = new Map<OpenableKind, Take>();

/** Files that wait for their screen. */
let waiting: { readonly kind: OpenableKind; readonly files: readonly FileHandle[] } | undefined;

/** Does what choosing these files in the dialog of their kind would do. Leads to the screen for it. */
export function openFiles(kind: OpenableKind, files: readonly FileHandle[]): void {
  const take = takers.get(kind);
  if (take) {
    take(files);
    return;
  }
  waiting = { kind, files };
  go(places[kind]);
}

/** While the component is mounted, it takes opened files of this kind: at once those that led to its screen. */
export function useOpened(kind: OpenableKind, take: Take): void {
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const taker: Take = (files) => latest.current(files);
    takers.set(kind, taker);
    if (waiting?.kind === kind) {
      const { files } = waiting;
      waiting = undefined;
      taker(files);
    }
    return () => {
      if (takers.get(kind) === taker) takers.delete(kind);
    };
  }, [kind]);
}
