import type { Mode } from '../../../../preload/contract/index.ts';
import type { IconName } from '../../components/icons.tsx';

export type { Mode };

/** The start choices in display order: the one without preconditions first. */
export const choices: readonly { readonly mode: Mode; readonly icon: IconName }[] = [
  { mode: 'training', icon: 'training' },
  { mode: 'office', icon: 'office' },
  { mode: 'site', icon: 'site' },
  { mode: 'log', icon: 'log' },
];
