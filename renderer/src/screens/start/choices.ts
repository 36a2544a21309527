import type { Mode } from '../../../../preload/contract/index.ts';
import type { IconName } from '../../components/icons.tsx';

export type { Mode };

/** A choice on the start screen. */
export interface Choice {
  readonly mode: Mode;
  readonly icon: IconName;
  /** Shown below the others, in one line. */
  readonly isQuiet?: true;
}

/** The start choices in display order. */
export const choices: readonly Choice[] = [
  { mode: 'site', icon: 'site' },
  { mode: 'office', icon: 'office' },
  { mode: 'log', icon: 'log' },
  { mode: 'training', icon: 'training', isQuiet: true },
];
