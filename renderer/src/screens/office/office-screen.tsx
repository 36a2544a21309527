import { Button } from '@mantine/core';
import { useState } from 'react';
import type { OperatorView } from '../../../../preload/contract/index.ts';
import { useCommand } from '../../app/commands.ts';
import { go } from '../../app/use-route.ts';
import { words } from '../../app/words.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Empty, Screen } from '../../components/screen.tsx';
import { choose } from '../../port/shell.ts';
import { useAction, useCall } from '../../port/use-call.ts';
import { OperatorPanel } from './operator-panel.tsx';
import { Runs } from './runs.tsx';
import { Unlock } from './unlock.tsx';

interface Unlocking {
  readonly operator: OperatorView;
  readonly vendor: string;
}

/** The operators with their keys, and the runs. */
export function OfficeScreen() {
  const operators = useCall('operators.list', {}, { topics: ['operators'] });
  const add = useAction('operators.add');
  const [unlocking, setUnlocking] = useState<Unlocking>();
  const addProfile = async () => {
    const [file] = await choose('operator-profile');
    if (file && (await add.run({ file })).ok) operators.again();
  };
  useCommand('add-operator', () => void addProfile());
  const hasNone = operators.state === 'known' && operators.value.length === 0;
  const addButton = (
    <Button variant={hasNone ? 'filled' : 'default'} loading={add.isBusy} onClick={() => void addProfile()}>
      {words.office.add}
    </Button>
  );
  const prepareButton = <Button onClick={() => go({ kind: 'prepare' })}>{words.office.prepare}</Button>;
  return (
    <Screen
      title={words.office.title}
      lead={words.office.lead}
      primary={hasNone ? addButton : prepareButton}
      secondary={!hasNone && addButton}
    >
      {add.fault && <FaultPanel fault={add.fault} />}
      <Loaded answer={operators}>
        {(known) =>
          known.length === 0 ? (
            <Empty sentence={words.office.none} />
          ) : (
            known.map((operator) => (
              <OperatorPanel
                key={operator.id}
                operator={operator}
                changed={operators.again}
                unlock={(vendor) => setUnlocking({ operator, vendor })}
              />
            ))
          )
        }
      </Loaded>
      <Runs />
      {unlocking && (
        <Unlock {...unlocking} unlocked={operators.again} close={() => setUnlocking(undefined)} />
      )}
    </Screen>
  );
}
