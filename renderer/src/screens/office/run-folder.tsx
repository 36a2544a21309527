import { Button, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { RunView } from '../../../../preload/contract/index.ts';
import { counted, fill, listed, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Icon } from '../../components/icons.tsx';
import { Mono } from '../../components/mono.tsx';
import { Folded } from '../../components/screen.tsx';
import { choose } from '../../port/shell.ts';
import { useAction, type Action } from '../../port/use-call.ts';
import styles from './office.module.css';
import { canBeMade, needed } from './run-state.ts';

/**
 * Where the bundles go, or where they are and what to do with them next. The folder can change only until the run has
 * made bundles: in another folder the same eNBs would get new sequence numbers.
 */
export function RunFolder({
  run,
  choice,
  checkAgain,
}: {
  readonly run: RunView;
  readonly choice: Action<'runs.setFolder'>;
  /** A button that checks the inventory again. */
  readonly checkAgain: ReactNode;
}) {
  if (run.made > 0) {
    return run.state === 'done' ? <HandOver run={run} /> : <PartlyMade run={run} checkAgain={checkAgain} />;
  }
  if (!canBeMade(run)) return null;
  const chooseFolder = async () => {
    const [folder] = await choose('output-folder');
    if (folder) await choice.run({ id: run.id, folder });
  };
  const { folder } = run;
  return (
    <section className={styles['part']} aria-label={words.run.out}>
      <div className={styles['folder']}>
        {folder !== undefined && (
          <>
            <Icon name="folder" />
            <Mono>{folder}</Mono>
          </>
        )}
        <Button
          variant={folder === undefined && needed(run) > 0 ? 'filled' : 'default'}
          loading={choice.isBusy}
          onClick={() => void chooseFolder()}
        >
          {folder === undefined ? words.run.chooseFolder : words.run.otherFolder}
        </Button>
        {folder === undefined && <span className={cls('quiet')}>{words.run.outLead}</span>}
      </div>
      {choice.fault && <FaultPanel fault={choice.fault} />}
    </section>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={styles['part']}>
      <Title order={2}>{title}</Title>
      {children}
    </section>
  );
}

/** The path of the folder, and a button that shows it in the system's file manager. */
function Folder({ run: { id, folder } }: { readonly run: RunView }) {
  const open = useAction('runs.openFolder');
  if (folder === undefined) return null;
  return (
    <>
      <div className={styles['folder']}>
        <Icon name="folder" />
        <Mono>{folder}</Mono>
        <Button variant="default" loading={open.isBusy} onClick={() => void open.run({ id })}>
          {words.run.openFolder}
        </Button>
      </div>
      {open.fault && <FaultPanel fault={open.fault} />}
    </>
  );
}

/** The folder of a run that has made only some of its bundles. */
function PartlyMade({ run, checkAgain }: { readonly run: RunView; readonly checkAgain: ReactNode }) {
  return (
    <Part title={words.run.bundlesTitle}>
      <Folder run={run} />
      {run.generateCredentials && handOverOfCredentials(run).map((step) => <p key={step}>{step}</p>)}
      {canBeMade(run) && (
        <>
          <p>{words.run.sameFolder}</p>
          <Folded title={words.run.startOver}>
            <div className={cls('stack')}>
              <p>{words.run.startOverHow}</p>
              <div>{checkAgain}</div>
            </div>
          </Folded>
        </>
      )}
    </Part>
  );
}

/** Where the credentials are: in the inventory, or in the registrations. */
function handOverOfCredentials({ generateCredentials, registrations }: RunView): readonly string[] {
  if (!generateCredentials) return [words.run.handOverInventory];
  if (registrations.length === 0) return [];
  const sentence = counted(words.run.handOverRegistrations, registrations.length);
  return [fill(sentence, { files: listed(registrations) })];
}

function HandOver({ run }: { readonly run: RunView }) {
  return (
    <Part title={words.run.handOver}>
      <Folder run={run} />
      <ul className={cls('list', 'quiet')}>
        {[...words.run.handOverSteps, ...handOverOfCredentials(run)].map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ul>
    </Part>
  );
}
