import { useEffect, useReducer, useRef } from 'react';
import type { FaultView, JobView } from '../../../../preload/contract/index.ts';
import { useAction } from '../../port/use-call.ts';
import { lastChecked } from './path-state.ts';

/** Milliseconds between two checks of one gateway. One that is asked more often stops answering. */
const pause = 30_000;

/** The checks of the path, as the page of step 0.5 uses them. */
export interface PathCheck {
  readonly run: () => void;
  readonly stop: () => void;
  readonly isBusy: boolean;
  /** The path was checked less than half a minute ago. */
  readonly isTooSoon: boolean;
  readonly fault: FaultView | undefined;
}

/** Checks the path of a job. `isWanted`: once without being asked, as soon as nothing else uses the connection. */
export function usePathCheck(job: JobView, address: string | undefined, isWanted: boolean): PathCheck {
  const { id, path, steps } = job;
  const check = useAction('jobs.checkPath');
  const stop = useAction('work.stop');
  const isTooSoon = useIsWithin(lastChecked(path), pause);
  const run = () => void check.run({ id, ...(address !== undefined && { address }) });
  const hasRun = useRef(false);
  const isFree = isWanted && !path?.work && !steps.work;
  useEffect(() => {
    if (!isFree || hasRun.current) return;
    hasRun.current = true;
    if (!isTooSoon) run();
  }, [isFree]);
  return {
    run,
    stop: () => path?.work && void stop.run({ id: path.work.id }),
    isBusy: check.isBusy || path?.work !== undefined,
    isTooSoon,
    fault: check.fault ?? stop.fault,
  };
}

/**
 * Whether a time, RFC 3339, is less than this long ago. Renders again when it no longer is. A time in the future is from
 * before the clock was set.
 */
function useIsWithin(time: string | undefined, milliseconds: number): boolean {
  const [, renderAgain] = useReducer((turn: number) => turn + 1, 0);
  const age = time === undefined ? Infinity : Date.now() - Date.parse(time);
  const isWithin = age >= 0 && age < milliseconds;
  useEffect(() => {
    if (!isWithin) return;
    const timer = setTimeout(renderAgain, milliseconds - age);
    return () => clearTimeout(timer);
  }, [time, isWithin]);
  return isWithin;
}
