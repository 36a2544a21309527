import type { Door } from '../../../../preload/contract/index.ts';
import type { IconName } from '../../parts/icons.tsx';

export type { Door };

/** The start choices in display order: the one without preconditions first. */
export const choices: readonly { readonly door: Door; readonly icon: IconName }[] = [
  { door: 'training', icon: 'training' },
  { door: 'office', icon: 'office' },
  { door: 'site', icon: 'site' },
];
