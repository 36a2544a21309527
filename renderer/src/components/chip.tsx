import { cls } from './classes.ts';
import { Icon, toneIcons, type IconName } from './icons.tsx';
import type { Tone } from './tone.ts';

/** A state of more characters than this is a sentence, and may take two lines. */
const oneLine = 24;

/** A state: word, icon and colour, never colour alone. */
export function Chip({
  tone,
  icon,
  children,
}: {
  readonly tone: Tone;
  readonly icon?: IconName;
  readonly children: string;
}) {
  return (
    <span className={cls('chip', tone !== 'plain' && tone, children.length > oneLine && 'chipLong')}>
      <Icon name={icon ?? toneIcons[tone]} size={16} />
      {children}
    </span>
  );
}

/** The answer of a screen in one sentence. */
export function VerdictSentence({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return (
    <div className={cls('verdict', tone)}>
      <Icon name={toneIcons[tone]} size={24} />
      <span>{children}</span>
    </div>
  );
}
