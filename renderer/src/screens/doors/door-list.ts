import type { Door } from '../../../../preload/contract/index.ts';
import type { IconName } from '../../parts/icons.tsx';

export type { Door };

/** The doors in the order in which they are shown: the one that needs nothing first. */
export const doors: readonly { readonly door: Door; readonly icon: IconName }[] = [
  { door: 'training', icon: 'training' },
  { door: 'office', icon: 'office' },
  { door: 'site', icon: 'site' },
];
