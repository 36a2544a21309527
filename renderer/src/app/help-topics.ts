import type { Mode } from '../../../preload/contract/index.ts';
import { pageIds, type PageId, type Route } from './routes.ts';

/** The topics of the help by group, in the order of use: one for each screen and each page of a job, and the overview. */
export const topicGroups = {
  start: ['guide', 'start', 'training'],
  office: ['office', 'prepare', 'run'],
  site: ['jobs', ...pageIds, 'report', 'receipts'],
  laptop: ['log', 'setup'],
} as const;

export type TopicGroup = keyof typeof topicGroups;
export type Topic = (typeof topicGroups)[TopicGroup][number];

/** The topic of a screen. `mode` is null on the start screen. */
export function topicOf(route: Route, mode: Mode | null): Topic {
  if (mode === null) return 'start';
  switch (route.kind) {
    case 'site':
      return mode === 'training' ? 'training' : 'jobs';
    case 'job':
      return route.page ?? ('connect' satisfies PageId);
    default:
      return route.kind;
  }
}
