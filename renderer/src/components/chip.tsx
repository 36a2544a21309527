import { cls } from './classes.ts';
import type { Tone } from './tone.ts';
import { Icon, type IconName } from './icons.tsx';

const icons: Readonly<Record<Tone, IconName>> = {
  good: 'good',
  bad: 'bad',
  warn: 'warn',
  busy: 'moving',
  plain: 'waiting',
};

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
      <Icon name={icon ?? icons[tone]} size={16} />
      {children}
    </span>
  );
}

/** The answer of a screen in one sentence. */
export function VerdictSentence({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return (
    <div className={cls('verdict', tone)}>
      <Icon name={icons[tone]} size={24} />
      <span>{children}</span>
    </div>
  );
}
