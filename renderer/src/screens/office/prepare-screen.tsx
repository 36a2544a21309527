import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { FileHandle, OperatorView } from '../../../../preload/contract/index.ts';
import { useKept } from '../../app/kept.ts';
import { go } from '../../app/use-route.ts';
import { fill, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { DropArea } from '../../components/drop-area.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Empty, Panel, Screen } from '../../components/screen.tsx';
import { choose } from '../../port/shell.ts';
import { useAction, useCall } from '../../port/use-call.ts';
import { LockedKeys } from './locked-keys.tsx';
import { WhyNot } from './why-not.tsx';

/** What to prepare, and for whom: an inventory and an operator. Checking makes nothing yet. */
export function PrepareScreen() {
  const operators = useCall('operators.list', {}, { topics: ['operators'] });
  return operators.state === 'known' && operators.value.length > 0 ? (
    <Prepare operators={operators.value} changed={operators.again} />
  ) : (
    <Screen title={words.prepare.title} secondary={<ToOffice />}>
      <Loaded answer={operators}>{() => <Empty sentence={words.office.none} />}</Loaded>
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
  const check = useAction('runs.check');
  const operator = operators.find(({ id }) => id === wanted) ?? operators[0];
  if (!operator) return null;
  const locked = operator.vendors.filter(({ state }) => state === 'locked').map(({ name }) => name);
  const reason = whyNot(operator, inventory);
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
        <WhyNot reason={reason}>
          <Button disabled={reason !== undefined} loading={check.isBusy} onClick={() => void start()}>
            {words.prepare.check}
          </Button>
        </WhyNot>
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
        {operator.fault && <FaultPanel fault={operator.fault} />}
        <LockedKeys operator={operator} vendors={locked} unlocked={changed} />
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
    </Screen>
  );
}

/** Why nothing can be checked yet. With several keys, only the rows of an inventory show which it needs. */
function whyNot({ fault, vendors }: OperatorView, inventory: FileHandle | undefined): string | undefined {
  if (fault) return words.prepare.profileFirst;
  if (!inventory) return words.prepare.fileFirst;
  return vendors.every(({ state }) => state === 'locked') ? words.run.unlockFirst : undefined;
}

/** A button that leads back to the office. */
export function ToOffice() {
  return (
    <Button variant="default" onClick={() => go({ kind: 'office' })}>
      {words.prepare.toOffice}
    </Button>
  );
}
