import { Button, Title } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import type { FileHandle, LogVerdict, LogView } from '../../../../preload/contract/index.ts';
import { announce, useAnnounced } from '../../app/announce.tsx';
import { useCommand } from '../../app/commands.ts';
import { useOpened } from '../../app/open-files.ts';
import { counted, fill, localTimeWithZone, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Icon, toneIcons } from '../../components/icons.tsx';
import { Waiting } from '../../components/loaded.tsx';
import { Mono } from '../../components/mono.tsx';
import { Folded } from '../../components/screen.tsx';
import type { Tone } from '../../components/tone.ts';
import { choose } from '../../port/shell.ts';
import { useAction } from '../../port/use-call.ts';
import { LogProgress } from './log-progress.tsx';
import styles from './log.module.css';

/** What the verification of the log says: the answer in large words, and what is proven and what is not. */
export function Verification({ log }: { readonly log: LogView }) {
  const verify = useAction('log.verify');
  const save = useAction('log.saveHead');
  const { verdict, verifying } = log;
  const isUnverified = !verdict && !verifying && log.entries > 0;
  const hasAsked = useRef(false);
  useEffect(() => {
    if (!isUnverified || hasAsked.current) return;
    hasAsked.current = true;
    void verify.run({ byPerson: false });
  }, [isUnverified]);
  const canVerify = log.entries > 0 && !verifying && !verify.isBusy;
  const compareWith = async (heads: readonly FileHandle[]) => {
    if (heads.length > 0) await verify.run({ heads: [...heads] });
  };
  const compare = () => choose('log-heads').then(compareWith);
  const saveHead = async () => {
    const [folder] = await choose('output-folder');
    const saved = folder && (await save.run({ folder }));
    if (saved?.ok) announce(fill(words.log.headSaved, { fileName: saved.value.fileName }));
  };
  useCommand('verify-log', () => canVerify && void verify.run({}));
  useCommand('compare-log', () => canVerify && void compare());
  useCommand('save-head', () => canVerify && void saveHead());
  useOpened('log-heads', (heads) => void compareWith(heads));
  const fault = verify.fault ?? save.fault;
  return (
    <section className={cls('panel', 'stack')} aria-label={words.log.verification}>
      <Answer log={log} isStarting={verify.isBusy} />
      {log.origin !== undefined && (
        <p className={cls('quiet')}>
          {words.log.origin} <Mono>{log.origin}</Mono>
        </p>
      )}
      {verdict?.fault && <FaultPanel fault={verdict.fault} />}
      {verdict && (
        <div className={styles['points']}>
          <Points title={words.log.proven} sentences={verdict.proven} />
          <Points title={words.log.unproven} sentences={verdict.unproven} />
        </div>
      )}
      {fault && <FaultPanel fault={fault} />}
      {log.entries > 0 && !verifying && (
        <div className={cls('row')}>
          <Button variant="default" loading={verify.isBusy} onClick={() => void verify.run({})}>
            {verdict ? words.log.verifyAgain : words.log.verify}
          </Button>
          <Button variant="default" disabled={verify.isBusy} onClick={() => void compare()}>
            {words.log.compare}
          </Button>
          <Button variant="default" loading={save.isBusy} onClick={() => void saveHead()}>
            {words.log.saveHead}
          </Button>
        </div>
      )}
    </section>
  );
}

/** The answer in one sentence, and what it is about. */
function Answer({ log, isStarting }: { readonly log: LogView; readonly isStarting: boolean }) {
  const { verdict, verifying, entries } = log;
  useAnnounced(verdict && verdictTitle(verdict));
  if (verifying)
    return (
      <>
        <Headline tone="busy" title={words.log.verifyingTitle} />
        <LogProgress label={words.log.verification} work={verifying} />
      </>
    );
  // A file of the other store is refused before any entry is verified.
  if (verdict?.isOfOther && verdict.entries === 0)
    return <Headline tone="warn" title={verdictTitle(verdict)} />;
  if (verdict) {
    const later = entries - verdict.entries;
    return (
      <Headline
        tone={verdict.intact ? 'good' : verdict.isOfOther ? 'warn' : 'bad'}
        title={verdictTitle(verdict)}
      >
        {fill(words.log.checked, {
          entries: counted(words.log.count, verdict.entries),
          time: localTimeWithZone(verdict.checkedAt),
        })}{' '}
        {later > 0 && counted(words.log.later, later)}
      </Headline>
    );
  }
  if (isStarting) return <Waiting sentence={words.log.verifyingTitle} />;
  return <Headline tone="plain" title={entries > 0 ? words.log.notVerified : words.log.none} />;
}

function verdictTitle({ intact, isOfOther }: LogVerdict): string {
  if (intact) return words.log.intact;
  return isOfOther ? words.log.ofOther : words.log.broken;
}

interface HeadlineProps {
  readonly tone: Tone;
  readonly title: string;
  readonly children?: ReactNode;
}

function Headline({ tone, title, children }: HeadlineProps) {
  return (
    <div className={styles['answer']}>
      <span className={cls('seal', tone !== 'plain' && tone)}>
        <Icon name={toneIcons[tone]} size={36} />
      </span>
      <div>
        <Title order={2}>{title}</Title>
        {children && <p className={cls('quiet')}>{children}</p>}
      </div>
    </div>
  );
}

/** How many sentences are shown before the others are folded. */
const mostShown = 3;

function Points({ title, sentences }: { readonly title: string; readonly sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  const rest = sentences.slice(mostShown);
  return (
    <div>
      <h3>{title}</h3>
      <List sentences={sentences.slice(0, mostShown)} />
      {rest.length > 0 && (
        <Folded title={counted(words.log.more, rest.length)}>
          <List sentences={rest} />
        </Folded>
      )}
    </div>
  );
}

function List({ sentences }: { readonly sentences: readonly string[] }) {
  return (
    <ul className={cls('list')}>
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
