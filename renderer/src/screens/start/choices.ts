import type { Mode } from '../../../../preload/contract/index.ts';
import type { Area } from '../../app/routes.ts';
import type { IconName } from '../../components/icons.tsx';

export type { Mode };

/** A choice on the start screen, and the area it opens. */
export interface Choice {
  readonly mode: Mode;
  readonly area: Area;
  readonly icon: IconName;
  /** Shown below the others, in one line. */
  readonly isQuiet?: true;
}

/** The start choices in display order. */
export const choices: readonly Choice[] = [
  { mode: 'site', area: 'site', icon: 'site' },
  { mode: 'office', area: 'office', icon: 'office' },
  { mode: 'training', area: 'site', icon: 'training', isQuiet: true },
];
