import { useEffect, useRef, useSyncExternalStore } from 'react';
import { useCall } from '../port/use-call.ts';
import { endedSince, partDoneOf, type Seen } from './ended.ts';
import { showNews } from './title.ts';

// Until the window first loses it, the page counts as in front.
let isInFront = true;

function subscribe(listener: () => void) {
  const set = (next: boolean) => () => {
    isInFront = next;
    listener();
  };
  const [focus, blur] = [set(true), set(false)];
  window.addEventListener('focus', focus);
  window.addEventListener('blur', blur);
  return () => {
    window.removeEventListener('focus', focus);
    window.removeEventListener('blur', blur);
  };
}

/** While the window is not in front, reports long work that ends. In front, its screen reports it. */
export function Notices() {
  return useSyncExternalStore(subscribe, () => isInFront) ? null : <Watch />;
}

/** Enough to contain everything that changes. */
const newest = { descending: true, limit: 100 } as const;
/** A job that is put away is still delivered when the user sends it, and is put away again when that ends. */
const newestJobs = { ...newest, sort: 'updatedAt', show: 'all' } as const;

function Watch() {
  const runs = useCall('runs.list', { ...newest, sort: 'startedAt' }, { topics: ['runs'] });
  const jobs = useCall('jobs.list', newestJobs, { topics: ['jobs'] });
  const before = useRef<Seen>(undefined);
  const [knownRuns, knownJobs] = [runs, jobs].map((asked) =>
    asked.state === 'known' ? asked.value : undefined,
  );
  useEffect(() => {
    if (runs.state !== 'known' || jobs.state !== 'known') return;
    const now: Seen = { runs: runs.value.rows, jobs: jobs.value.rows };
    window.siteseal?.progress(partDoneOf(now) ?? null);
    for (const sentence of before.current ? endedSince(before.current, now) : []) {
      showNews(sentence);
      window.siteseal?.notify(sentence);
    }
    before.current = now;
  }, [knownRuns, knownJobs]);
  useEffect(
    () => () => {
      showNews(undefined);
      window.siteseal?.progress(null);
    },
    [],
  );
  return null;
}
