import { Button } from '@mantine/core';
import { useState } from 'react';
import type { OpenedBundles, RefusedFiles } from '../../../preload/contract/index.ts';
import { useAnnounced } from '../app/announce.tsx';
import { useSession } from '../app/session.ts';
import { count, counted, fill, words } from '../app/words.ts';
import { cls } from './classes.ts';
import { FaultPanel } from './fault-panel.tsx';
import { Icon } from './icons.tsx';
import { Waiting } from './loaded.tsx';
import { Mono } from './mono.tsx';
import { Folded } from './screen.tsx';
import styles from './opened-bundles.module.css';
import { TrustRoot } from './trust-root.tsx';

interface OpenedBundlesPanelProps {
  readonly result: OpenedBundles;
  readonly isBusy: boolean;
  readonly close?: () => void;
  /** Leads to the list of jobs, from another screen. */
  readonly showJobs?: () => void;
  /** Tries the refused bundles again, after a root was trusted. */
  readonly again: () => void;
}

/** The result of opening bundles: how many are jobs, and for each cause why others are not. */
export function OpenedBundlesPanel({ result, isBusy, close, showJobs, again }: OpenedBundlesPanelProps) {
  const { added, known, superseded, refused } = result;
  const title = counted(added.length === 0 ? words.opened.none : words.opened.added, added.length);
  useAnnounced([title, ...refused.map(sentenceOf)].join('. '));
  return (
    <section className={cls('panel', 'stack')} aria-label={title}>
      <div className={cls('panelHead')}>
        <h2 className={styles['title']}>
          {added.length > 0 && (
            <span className={cls('goodInk')}>
              <Icon name="good" size={24} />
            </span>
          )}
          {title}
        </h2>
        {showJobs && added.length + known > 0 && (
          <Button variant="default" onClick={showJobs}>
            {words.opened.toJobs}
          </Button>
        )}
        {close && (
          <Button variant="subtle" onClick={close}>
            {words.opened.hide}
          </Button>
        )}
      </div>
      {known > 0 && <p className={cls('quiet')}>{counted(words.opened.known, known)}</p>}
      {superseded > 0 && <p>{counted(words.opened.superseded, superseded)}</p>}
      {isBusy && <Waiting sentence={words.opened.again} />}
      {refused.map((group, index) => (
        <Group
          key={`${index} ${sentenceOf(group)}`}
          group={group}
          isOnly={refused.length === 1}
          again={again}
        />
      ))}
    </section>
  );
}

/** The cause of some refusals in a sentence. */
function sentenceOf({ fault, count: files, names, missingRoot }: RefusedFiles): string {
  const [name = ''] = names;
  if (missingRoot) {
    return fill(counted(words.opened.untrusted, files), { vendor: missingRoot.vendor });
  }
  return fill(counted(words.opened.refused, files), { name, message: fault.message });
}

interface GroupProps {
  readonly group: RefusedFiles;
  readonly isOnly: boolean;
  readonly again: () => void;
}

/** One cause, what solves it beside it, and its details on demand. */
function Group({ group, isOnly, again }: GroupProps) {
  const { fault, count: files, names, missingRoot } = group;
  const { training } = useSession().app;
  const [isTrusting, setTrusting] = useState(false);
  return (
    <div className={styles['group']}>
      <div className={styles['cause']}>
        <span className={cls('badInk')}>
          <Icon name="bad" />
        </span>
        <strong>{sentenceOf(group)}</strong>
        {/* The lab brings its own root. */}
        {missingRoot && !training && (
          <Button variant="default" onClick={() => setTrusting(true)}>
            {fill(words.opened.trust, { vendor: missingRoot.vendor })}
          </Button>
        )}
      </div>
      <Folded title={words.opened.details} isOpen={isOnly && !missingRoot}>
        <div className={cls('stack')}>
          <FaultPanel fault={fault} isDetail />
          <ul className={styles['names']}>
            {names.map((name, index) => (
              <li key={index}>
                <Mono>{name}</Mono>
              </li>
            ))}
          </ul>
          {files > names.length && <p>{fill(words.opened.more, { count: count(files - names.length) })}</p>}
        </div>
      </Folded>
      {isTrusting && missingRoot && (
        <TrustRoot expected={missingRoot} close={() => setTrusting(false)} trusted={again} />
      )}
    </div>
  );
}
