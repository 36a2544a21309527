import { useState } from 'react';
import type { FaultView, FileHandle, OpenedBundles } from '../../../preload/contract/index.ts';
import { useAction } from '../port/use-call.ts';

/** Where bundles come from that are to be jobs. */
export type BundleSource = { readonly files: readonly FileHandle[] } | { readonly runId: string };

/** Making jobs of bundles. */
export interface Opening {
  /** What has become of the bundles so far. */
  readonly result: OpenedBundles | undefined;
  readonly isBusy: boolean;
  /** Why nothing was tried at all. */
  readonly fault: FaultView | undefined;
  readonly open: (source: BundleSource) => Promise<OpenedBundles | undefined>;
  /** Tries the refused bundles again. The result then has what was added both times. */
  readonly again: () => Promise<OpenedBundles | undefined>;
  readonly clear: () => void;
}

/** Makes jobs of bundles, and of those that were refused once their vendor's root is trusted. */
export function useOpening(): Opening {
  const files = useAction('jobs.open');
  const run = useAction('jobs.openRun');
  const [opened, setOpened] = useState<{ source: BundleSource; result: OpenedBundles }>();
  const call = (source: BundleSource) =>
    'runId' in source ? run.run(source) : files.run({ files: [...source.files] });
  return {
    result: opened?.result,
    isBusy: files.isBusy || run.isBusy,
    fault: files.fault ?? run.fault,
    open: async (source) => {
      const outcome = await call(source);
      setOpened(outcome.ok ? { source, result: outcome.value } : undefined);
      return outcome.ok ? outcome.value : undefined;
    },
    again: async () => {
      if (!opened) return undefined;
      const { source, result } = opened;
      const outcome = await call(refusedOf(source, result));
      if (!outcome.ok) return undefined;
      const { added, refused } = outcome.value;
      const both = { added: [...result.added, ...added], known: result.known, refused };
      setOpened({ source, result: both });
      return both;
    },
    clear: () => {
      files.clear();
      run.clear();
      setOpened(undefined);
    },
  };
}

/** Of a run everything is tried again: what is a job already changes nothing. */
function refusedOf(source: BundleSource, { refused }: OpenedBundles): BundleSource {
  if ('runId' in source) return source;
  const names = new Set(refused.flatMap((group) => group.names));
  return { files: source.files.filter(({ name }) => names.has(name)) };
}

let handedOver: OpenedBundles | undefined;

/** Leaves a result to the list of jobs, which is shown next. */
export function handOver(result: OpenedBundles): void {
  handedOver = result;
}

/** Takes the result that another screen has left, once. */
export function takeOver(): OpenedBundles | undefined {
  const result = handedOver;
  handedOver = undefined;
  return result;
}
