import { Button } from '@mantine/core';
import { useId, useState } from 'react';
import type { OperatorView } from '../../../../preload/contract/index.ts';
import { count, fill, localClock, localDate, words } from '../../app/words.ts';
import { Chip } from '../../components/chip.tsx';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Icon } from '../../components/icons.tsx';
import { useAction } from '../../port/use-call.ts';
import { OperatorDetails } from './operator-details.tsx';
import styles from './office.module.css';
import { Unlock } from './unlock.tsx';

interface OperatorLineProps {
  readonly operator: OperatorView;
  /** Called after a call that changed it. */
  readonly changed: () => void;
  /** Called when the last of its keys was unlocked. */
  readonly allUnlocked: () => void;
}

/** An operator profile in one line: its name, and the state of its keys. Everything else is folded behind it. */
export function OperatorLine({ operator, changed, allUnlocked }: OperatorLineProps) {
  const [isOpen, setOpen] = useState(false);
  const [isUnlocking, setUnlocking] = useState(false);
  const lock = useAction('operators.lock');
  const details = useId();
  const { id, name, plmn, vendors, fault } = operator;
  const locked = vendors.filter(({ state }) => state === 'locked').map((vendor) => vendor.name);
  const lockKeys = async () => {
    await lock.run({ id });
    changed();
  };
  return (
    <li className={styles['operator']}>
      <div className={styles['operatorLine']}>
        <button
          type="button"
          className={styles['fold']}
          aria-expanded={isOpen}
          aria-controls={isOpen ? details : undefined}
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="more" />
          <strong>{name}</strong>
          {plmn !== '' && <span className={cls('quiet')}>{fill(words.operator.plmn, { plmn })}</span>}
        </button>
        <div className={styles['keys']}>
          <KeyState operator={operator} />
          {locked.length < vendors.length && (
            <Button
              variant="default"
              loading={lock.isBusy}
              aria-label={fill(words.operator.lockOf, { name })}
              onClick={() => void lockKeys()}
            >
              {words.operator.lock}
            </Button>
          )}
          {locked.length > 0 && (
            <Button
              variant="default"
              aria-label={
                locked.length === 1
                  ? fill(words.operator.unlockOf, { vendor: locked[0] ?? '' })
                  : fill(words.operator.unlockOneOf, { name })
              }
              onClick={() => setUnlocking(true)}
            >
              {words.operator.unlock}
            </Button>
          )}
        </div>
      </div>
      {lock.fault && <FaultPanel fault={lock.fault} />}
      {fault && <FaultPanel fault={fault} />}
      {isOpen && (
        <div id={details} className={styles['operatorDetails']}>
          <OperatorDetails operator={operator} changed={changed} />
        </div>
      )}
      {isUnlocking && (
        <Unlock
          operator={operator}
          vendors={locked}
          unlocked={(now) => {
            changed();
            if (now.vendors.every(({ state }) => state === 'unlocked')) allUnlocked();
          }}
          close={() => setUnlocking(false)}
        />
      )}
    </li>
  );
}

/** Whether the keys are locked, and a key that ends soon. */
function KeyState({ operator: { fault, vendors } }: { readonly operator: OperatorView }) {
  if (fault) return <Chip tone="bad">{words.operator.unusable}</Chip>;
  const untils = vendors.flatMap(({ unlockedUntil }) => unlockedUntil ?? []).sort();
  const [first] = untils;
  return (
    <>
      {vendors.map(
        ({ name, expiry, until }) =>
          expiry !== undefined &&
          until !== undefined && (
            <Chip key={name} tone={expiry === 'expired' ? 'bad' : 'warn'}>
              {fill(words.operator.expiry[expiry], { date: localDate(until) })}
            </Chip>
          ),
      )}
      {first === undefined ? (
        <Chip tone="plain" icon="locked">
          {words.operator.keyStates.locked}
        </Chip>
      ) : (
        <Chip tone="good" icon="unlocked">
          {untils.length === vendors.length
            ? fill(words.operator.unlockedUntil, { time: localClock(first) })
            : fill(words.operator.someUnlocked, {
                unlocked: count(untils.length),
                all: count(vendors.length),
              })}
        </Chip>
      )}
    </>
  );
}
