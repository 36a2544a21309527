import type { JobPart } from '../../../preload/contract/index.ts';
import { useKept } from '../app/kept.ts';
import { useList, type List } from './data-table.tsx';

export type JobSort = 'updatedAt' | 'siteId' | 'serialNumber' | 'state';

const newestFirst = { sort: 'updatedAt', descending: true } as const;

/** The place of the list of jobs. */
export interface JobList {
  readonly list: List<JobSort>;
  readonly part: JobPart;
  readonly choose: (part: JobPart) => void;
  /** Moves to where the jobs are that were added last, whatever was searched for. */
  readonly showNewest: () => void;
}

/** The place of the list of jobs. Other screens use it to show jobs that they have added. */
export function useJobList(): JobList {
  const list = useList<JobSort>('jobs', newestFirst.sort, newestFirst.descending);
  const [part, setPart] = useKept<JobPart>('jobs.part', 'active');
  return {
    list,
    part,
    choose: (next) => {
      setPart(next);
      list.move({});
    },
    showNewest: () => {
      setPart('active');
      list.move({ filter: '', ...newestFirst });
    },
  };
}
