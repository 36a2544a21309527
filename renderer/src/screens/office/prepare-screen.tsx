import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { FileHandle, OperatorView } from '../../../../preload/contract/index.ts';
import { useKept } from '../../app/kept.ts';
import { go } from '../../app/use-route.ts';
import { fill, words } from '../../app/words.ts';
import { cls } from '../../parts/classes.ts';
import { DropArea } from '../../parts/drop-area.tsx';
import { FaultPanel } from '../../parts/fault-panel.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Known } from '../../parts/known.tsx';
import { Empty, Panel, Screen } from '../../parts/screen.tsx';
import { choose } from '../../port/shell.ts';
import { useAction, useCall } from '../../port/use-call.ts';
import { Unlock } from './unlock.tsx';

/** What is to be prepared, for whom: an inventory and an operator. Checking makes nothing yet. */
export function PrepareScreen() {
  const operators = useCall('operators.list', {}, { topics: ['operators'] });
  return operators.state === 'known' && operators.value.length > 0 ? (
    <Prepare operators={operators.value} changed={operators.again} />
  ) : (
    <Screen title={words.prepare.title} secondary={<ToOffice />}>
      <Known asked={operators}>{() => <Empty sentence={words.office.none} />}</Known>
    </Screen>
  );
}

interface PrepareProps {
  readonly operators: readonly OperatorView[];
  readonly changed: () => void;
}

function Prepare({ operators, changed }: PrepareProps) {
  const [wanted, setWanted] = useKept<string>('operator', '');
  const [inventory, setInventory] = useState<FileHandle>();
  const [unlocking, setUnlocking] = useState<string>();
  const check = useAction('runs.check');
  const operator = operators.find(({ id }) => id === wanted) ?? operators[0];
  if (!operator) return null;
  const locked = operator.vendors.filter(({ state }) => state === 'locked');
  const start = async () => {
    if (!inventory) return;
    const outcome = await check.run({ operatorId: operator.id, inventory });
    if (outcome.ok) go({ kind: 'run', id: outcome.value.id });
  };
  return (
    <Screen
      title={words.prepare.title}
      lead={words.prepare.lead}
      secondary={<ToOffice />}
      primary={
        <Button disabled={!inventory} loading={check.isBusy} onClick={() => void start()}>
          {words.prepare.check}
        </Button>
      }
    >
      {check.fault && <FaultPanel fault={check.fault} />}
      <Panel title={words.prepare.operator}>
        <NativeSelect
          aria-label={words.prepare.operator}
          value={operator.id}
          data={operators.map(({ id, name, plmn }) => ({
            value: id,
            label: fill(words.operator.title, { name, plmn }),
          }))}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
        {locked.map(({ name }) => (
          <div key={name} className={cls('row')}>
            <Icon name="locked" />
            {fill(words.prepare.locked, { vendor: name })}
            <Button variant="default" onClick={() => setUnlocking(name)}>
              {words.operator.unlock}
            </Button>
          </div>
        ))}
      </Panel>
      <DropArea kind="inventory" take={([file]) => setInventory(file)}>
        <Panel title={words.prepare.inventory}>
          <div className={cls('row')}>
            <Button
              variant="default"
              onClick={() => void choose('inventory').then(([file]) => file && setInventory(file))}
            >
              {inventory ? words.prepare.otherFile : words.prepare.chooseFile}
            </Button>
            {inventory ? (
              <strong>{inventory.name}</strong>
            ) : (
              <span className={cls('quiet')}>{words.prepare.fileForm}</span>
            )}
          </div>
        </Panel>
      </DropArea>
      {unlocking !== undefined && (
        <Unlock
          operator={operator}
          vendor={unlocking}
          unlocked={changed}
          close={() => setUnlocking(undefined)}
        />
      )}
    </Screen>
  );
}

export function ToOffice() {
  return (
    <Button variant="default" onClick={() => go({ kind: 'office' })}>
      {words.prepare.toOffice}
    </Button>
  );
}
