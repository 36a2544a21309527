import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { AppState } from '../../../preload/contract/index.ts';
import { Icon, Mark, type IconName } from '../components/icons.tsx';
import { isAway, type Connection } from '../port/client.ts';
import { useConnection } from '../port/use-call.ts';
import { useAnnounced } from './announce.tsx';
import { useContextLine } from './context-line.ts';
import { Drops } from './drops.tsx';
import styles from './frame.module.css';
import { HelpButton } from './help-button.tsx';
import helpStyles from './help-button.module.css';
import { areaOf, hashOf, type Area, type Route } from './routes.ts';
import { words } from './words.ts';

const areas: readonly Area[] = ['site', 'office', 'log', 'setup'];
const areaIcons: Readonly<Record<Area, IconName>> = {
  site: 'site',
  office: 'office',
  log: 'log',
  setup: 'setup',
};

interface FrameProps {
  readonly app: AppState;
  readonly route: Route;
  readonly children: ReactNode;
}

/**
 * The surroundings of every screen: the mark, the navigation, the context line with the help, and in
 * training the training mark.
 */
export function Frame({ app, route, children }: FrameProps) {
  const hasMode = app.mode !== null;
  const context = useContextLine();
  const content = useRef<HTMLElement>(null);
  return (
    <div
      className={styles['frame']}
      data-training={app.training || undefined}
      data-alone={!hasMode || undefined}
    >
      {/* Not by its address, because the hash is the route. */}
      <button type="button" className={styles['skip']} onClick={() => content.current?.focus()}>
        {words.frame.skip}
      </button>
      {hasMode && (
        <section className={styles['rail']} aria-label={words.frame.name}>
          <div className={styles['mark']}>
            <Mark />
            <span>{words.frame.name}</span>
          </div>
          <Navigation here={areaOf(route)} />
        </section>
      )}
      <div className={styles['main']}>
        <section aria-label={words.frame.where}>
          <ConnectionBanner />
          <Drops />
          {hasMode ? (
            <div className={styles['context']}>
              <span>{context ?? words.context[areaOf(route)]}</span>
              <div className={helpStyles['side']}>
                {app.training && (
                  <span className={styles['training']}>
                    <Icon name="training" />
                    {words.frame.training}
                  </span>
                )}
                <HelpButton />
              </div>
            </div>
          ) : (
            <div className={helpStyles['corner']}>
              <HelpButton />
            </div>
          )}
        </section>
        <main ref={content} tabIndex={-1} className={styles['content']}>
          {children}
        </main>
      </div>
    </div>
  );
}

function Navigation({ here }: { readonly here: Area }) {
  return (
    <nav className={styles['links']} aria-label={words.frame.navigation}>
      {areas.map((area) => (
        <a
          key={area}
          className={styles['link']}
          href={hashOf({ kind: area })}
          aria-current={area === here ? 'page' : undefined}
        >
          <Icon name={areaIcons[area]} size={24} />
          <span>{words.areas[area]}</span>
        </a>
      ))}
    </nav>
  );
}

/** How long the page reports that the core is back, in milliseconds. */
const rejoinedFor = 8000;

/** What to say about the connection. */
const sentences: Readonly<Record<Connection, string | undefined>> = {
  connecting: undefined,
  open: undefined,
  lost: words.frame.lost,
  gone: words.frame.gone,
  rejoined: words.frame.rejoined,
};

/** Says that the core cannot be reached, and for a while that it can again. */
function ConnectionBanner() {
  const connection = useConnection();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    setOver(false);
    if (connection !== 'rejoined') return;
    const timer = setTimeout(() => setOver(true), rejoinedFor);
    return () => clearTimeout(timer);
  }, [connection]);
  const sentence = sentences[connection === 'rejoined' && isOver ? 'open' : connection];
  useAnnounced(sentence);
  if (sentence === undefined) return null;
  return (
    <p className={styles['banner']} data-lost={isAway(connection) || undefined}>
      <Icon name={isAway(connection) ? 'warn' : 'good'} />
      {sentence}
    </p>
  );
}
