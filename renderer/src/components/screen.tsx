import { Title } from '@mantine/core';
import { createContext, useEffect, useLayoutEffect, useRef, type ReactNode, type RefObject } from 'react';
import { announce } from '../app/announce.tsx';
import { shownKeys } from '../app/keys.ts';
import { nameScreen } from '../app/title.ts';
import { cls } from './classes.ts';
import { Icon, toneIcons } from './icons.tsx';
import type { Tone } from './tone.ts';

/** Whether the content is on a screen, or in a dialog, which has its own heading. */
export const InScreen = createContext(false);

interface ScreenProps {
  readonly title: string;
  readonly lead?: ReactNode;
  /** The title is a result. It is then the largest thing on the screen. */
  readonly tone?: Tone;
  /** Has a table, which may use more of a wide window than text and cards. */
  readonly isWide?: true;
  readonly children?: ReactNode;
  /** The one primary action, always at the lower right. */
  readonly primary?: ReactNode;
  readonly secondary?: ReactNode;
}

/** One screen, one question: a heading that takes the focus when the screen appears, the content, and the actions. */
export function Screen({ title, lead, tone, isWide, children, primary, secondary }: ScreenProps) {
  const heading = useScreen(title);
  return (
    <div className={cls('screen', isWide && 'screenWide')}>
      <div className={cls('head', tone && 'headResult')}>
        {tone && (
          <span className={cls('seal', tone !== 'plain' && tone)}>
            <Icon name={toneIcons[tone]} size={36} />
          </span>
        )}
        <Title order={1} ref={heading} tabIndex={-1}>
          {title}
        </Title>
        {lead !== undefined && <p className={cls('lead')}>{lead}</p>}
      </div>
      <div className={cls('body')}>
        <InScreen value>{children}</InScreen>
      </div>
      {(primary !== undefined || secondary !== undefined) && (
        <div className={cls('actions')}>
          <div className={cls('actionsSide')}>{secondary}</div>
          <div className={cls('actionsSide')} data-primary>
            {primary && (
              <kbd className={cls('keys')} aria-hidden="true">
                {shownKeys('primary').join('+')}
              </kbd>
            )}
            {primary}
          </div>
        </div>
      )}
    </div>
  );
}

/** Names the window after the screen. Returns the reference of its heading, which takes the focus. */
export function useScreen(title: string): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  // Clears the announcements of the previous screen. Runs before the effects in which this screen announces its own.
  useLayoutEffect(() => announce(''), [title]);
  useEffect(() => {
    nameScreen(title);
    heading.current?.focus();
  }, [title]);
  return heading;
}

/** A group of things that belong together, with its own heading. */
export function Panel({
  title,
  aside,
  children,
}: {
  readonly title?: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section className={cls('panel', 'stack')}>
      {(title !== undefined || aside !== undefined) && (
        <div className={cls('panelHead')}>
          {title !== undefined && <Title order={2}>{title}</Title>}
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}

/** Details that most users do not need: one line that opens them. */
export function Folded({
  title,
  isOpen,
  opened,
  children,
}: {
  readonly title: string;
  readonly isOpen?: boolean;
  /** Called when the user opens it. */
  readonly opened?: () => void;
  readonly children: ReactNode;
}) {
  return (
    <details
      className={cls('folded')}
      open={isOpen}
      onToggle={({ currentTarget }) => currentTarget.open && opened?.()}
    >
      <summary>{title}</summary>
      <div className={cls('foldedBody')}>{children}</div>
    </details>
  );
}

/** Names and values that line up. Undefined values are left out. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={cls('facts')}>
      {facts.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** Shown where there is no content yet: what to do. */
export function Empty({ sentence, children }: { readonly sentence: string; readonly children?: ReactNode }) {
  return (
    <div className={cls('panel', 'empty')}>
      <p>{sentence}</p>
      {children}
    </div>
  );
}
