import { Button, NativeSelect } from '@mantine/core';
import { useId, useRef, useState, type Ref } from 'react';
import type { FileHandle, OperatorView } from '../../../../preload/contract/index.ts';
import { useKept } from '../../app/kept.ts';
import { useOpened } from '../../app/open-files.ts';
import { go, useIsHere } from '../../app/use-route.ts';
import { words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Icon } from '../../components/icons.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { saveText } from '../../components/save-text.ts';
import { Empty, Screen } from '../../components/screen.tsx';
import { canDrop, choose } from '../../port/shell.ts';
import { useAction, useCall } from '../../port/use-call.ts';
import { GatedButton } from '../../components/gated-button.tsx';
import { LockedKeys } from './locked-keys.tsx';
import styles from './office.module.css';

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
  const [isGenerating, setGenerating] = useState(false);
  const how = useId();
  const check = useAction('runs.check');
  useOpened('inventory', ([file]) => setInventory(file));
  const isHere = useIsHere();
  const [fileButton, checkButton] = [useRef<HTMLButtonElement>(null), useRef<HTMLButtonElement>(null)];
  const operator = operators.find(({ id }) => id === wanted) ?? operators[0];
  if (!operator) return null;
  const locked = operator.vendors.filter(({ state }) => state === 'locked').map(({ name }) => name);
  const start = async () => {
    if (!inventory) return;
    const generateCredentials = isGenerating && operator.canGenerateCredentials;
    const outcome = await check.run({ operatorId: operator.id, inventory, generateCredentials });
    if (outcome.ok && isHere()) go({ kind: 'run', id: outcome.value.id });
  };
  const unlocked = () => {
    changed();
    (inventory ? checkButton : fileButton).current?.focus();
  };
  return (
    <Screen
      title={words.prepare.title}
      lead={words.prepare.lead}
      secondary={<ToOffice />}
      primary={
        <GatedButton
          reason={whyNot(operator, inventory)}
          isBusy={check.isBusy}
          press={() => void start()}
          button={checkButton}
        >
          {words.prepare.check}
        </GatedButton>
      }
    >
      {check.fault && <FaultPanel fault={check.fault} />}
      <section className={styles['part']}>
        {operators.length === 1 ? (
          <p>
            <span className={cls('quiet')}>{words.prepare.operator}</span> <strong>{operator.name}</strong>
          </p>
        ) : (
          <NativeSelect
            label={words.prepare.operator}
            value={operator.id}
            data={operators.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
        )}
        {operator.fault && <FaultPanel fault={operator.fault} />}
        <LockedKeys operator={operator} vendors={locked} unlocked={unlocked} />
      </section>
      <Inventory file={inventory} take={setInventory} button={fileButton} />
      {operator.canGenerateCredentials && (
        <div>
          <label className={cls('entry')}>
            <input
              type="checkbox"
              aria-describedby={how}
              checked={isGenerating}
              onChange={() => setGenerating(!isGenerating)}
            />
            {words.prepare.generate}
          </label>
          <p id={how} className={cls('quiet', 'small', styles['optionHow'])}>
            {words.prepare.generateHow}
          </p>
        </div>
      )}
    </Screen>
  );
}

interface InventoryProps {
  readonly file: FileHandle | undefined;
  readonly take: (file: FileHandle) => void;
  readonly button: Ref<HTMLButtonElement>;
}

/** The place for the inventory: a file is dropped there or chosen, or a template is saved to start from. */
function Inventory({ file, take, button }: InventoryProps) {
  const template = useAction('runs.template');
  const save = async () => {
    const outcome = await template.run({});
    if (outcome.ok) saveText(words.prepare.templateName, 'text/csv', outcome.value.csv);
  };
  return (
    <section aria-label={words.prepare.inventory} className={styles['drop']} data-filled={file && true}>
      <Icon name="file" size={40} />
      <strong className={styles['dropName']}>
        {file?.name ?? (canDrop() ? words.prepare.drop : words.prepare.chooseHere)}
      </strong>
      {!file && <span className={cls('quiet')}>{words.prepare.fileForm}</span>}
      <div className={styles['dropActions']}>
        <Button
          ref={button}
          variant={file ? 'default' : 'filled'}
          onClick={() => void choose('inventory').then(([chosen]) => chosen && take(chosen))}
        >
          {file ? words.prepare.otherFile : words.prepare.chooseFile}
        </Button>
        {!file && (
          <Button variant="subtle" loading={template.isBusy} onClick={() => void save()}>
            {words.prepare.template}
          </Button>
        )}
      </div>
      {template.fault && <FaultPanel fault={template.fault} />}
    </section>
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
