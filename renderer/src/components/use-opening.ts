import { useEffect, useState } from 'react';
import type { FaultView, FileHandle, OpenedBundles } from '../../../preload/contract/index.ts';
import { useAction } from '../port/use-call.ts';

/** Where the bundles are. */
export type BundleSource = { readonly files: readonly FileHandle[] } | { readonly runId: string };

/** Opened bundles, and the result so far. */
export interface Opened {
  readonly source: BundleSource;
  readonly result: OpenedBundles;
}

/** Making jobs of bundles. */
export interface Opening {
  readonly opened: Opened | undefined;
  readonly isBusy: boolean;
  /** Why nothing was tried at all. */
  readonly fault: FaultView | undefined;
  readonly open: (source: BundleSource) => Promise<Opened | undefined>;
  /** Tries the same bundles again. The result then has what was added both times. */
  readonly again: () => Promise<Opened | undefined>;
  readonly clear: () => void;
}

/** What a screen has left to the list of jobs. */
let handedOver: Opened | undefined;

/**
 * Makes jobs of bundles, and of those that were refused once their vendor's root is trusted.
 * @param options.takesOver start with what another screen has opened
 */
export function useOpening({ takesOver = false } = {}): Opening {
  const files = useAction('jobs.open');
  const run = useAction('jobs.openRun');
  const [opened, setOpened] = useState(takesOver ? handedOver : undefined);
  // React may render a screen several times before it shows it, so nothing is taken before then.
  useEffect(() => {
    if (takesOver) handedOver = undefined;
  }, [takesOver]);
  const call = (source: BundleSource) =>
    'runId' in source ? run.run(source) : files.run({ files: [...source.files] });
  return {
    opened,
    isBusy: files.isBusy || run.isBusy,
    fault: files.fault ?? run.fault,
    open: async (source) => {
      const outcome = await call(source);
      const next = outcome.ok ? { source, result: outcome.value } : undefined;
      setOpened(next);
      return next;
    },
    again: async () => {
      if (!opened) return undefined;
      const { source, result } = opened;
      // What is a job already changes nothing.
      const outcome = await call(source);
      if (!outcome.ok) return undefined;
      const { added, superseded, refused } = outcome.value;
      const both = {
        added: [...result.added, ...added],
        known: result.known,
        superseded: result.superseded + superseded,
        refused,
      };
      const next = { source, result: both };
      setOpened(next);
      return next;
    },
    clear: () => {
      files.clear();
      run.clear();
      setOpened(undefined);
    },
  };
}

/** Leaves what was opened to the list of jobs, which is shown next. */
export function handOver(opened: Opened): void {
  handedOver = opened;
}
