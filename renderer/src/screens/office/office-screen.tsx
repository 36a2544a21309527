import { Button, Title } from '@mantine/core';
import { useRef } from 'react';
import type { FileHandle } from '../../../../preload/contract/index.ts';
import { useCommand } from '../../app/commands.ts';
import { useOpened } from '../../app/open-files.ts';
import { go } from '../../app/use-route.ts';
import { words } from '../../app/words.ts';
import { AskName } from '../../components/ask-name.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Screen } from '../../components/screen.tsx';
import { choose } from '../../port/shell.ts';
import { useAction, useCall } from '../../port/use-call.ts';
import { OperatorLine } from './operator-line.tsx';
import styles from './office.module.css';
import { Runs } from './runs.tsx';

/** The runs, and the operators with their keys. */
export function OfficeScreen() {
  const operators = useCall('operators.list', {}, { topics: ['operators'] });
  const add = useAction('operators.add');
  const prepare = useRef<HTMLButtonElement>(null);
  const addFile = async (file: FileHandle | undefined) => {
    if (file && (await add.run({ file })).ok) operators.again();
  };
  const addProfile = async () => {
    const [file] = await choose('operator-profile');
    await addFile(file);
  };
  useOpened('operator-profile', ([file]) => void addFile(file));
  useCommand('add-operator', () => void addProfile());
  const hasNone = operators.state === 'known' && operators.value.length === 0;
  const addButton = (
    <Button variant={hasNone ? 'filled' : 'default'} loading={add.isBusy} onClick={() => void addProfile()}>
      {words.office.add}
    </Button>
  );
  const prepareButton = (
    <Button ref={prepare} onClick={() => go({ kind: 'prepare' })}>
      {words.office.prepare}
    </Button>
  );
  return (
    <Screen
      title={words.office.title}
      primary={hasNone ? addButton : prepareButton}
      secondary={!hasNone && addButton}
    >
      <AskName />
      {add.fault && <FaultPanel fault={add.fault} />}
      {hasNone && (
        <section className={styles['first']}>
          <Title order={2}>{words.office.none}</Title>
          <p>{words.office.noneHow}</p>
        </section>
      )}
      <Runs isFirstVisit={hasNone} />
      {!hasNone && (
        <section className={styles['part']}>
          <Title order={2}>{words.operators.title}</Title>
          <Loaded answer={operators}>
            {(known) => (
              <ul className={styles['operators']}>
                {known.map((operator) => (
                  <OperatorLine
                    key={operator.id}
                    operator={operator}
                    changed={operators.again}
                    allUnlocked={() => prepare.current?.focus()}
                  />
                ))}
              </ul>
            )}
          </Loaded>
        </section>
      )}
    </Screen>
  );
}
