import { Button } from '@mantine/core';
import { useState } from 'react';
import type { OperatorView } from '../../../../preload/contract/index.ts';
import { fill, words } from '../../app/words.ts';
import { Icon } from '../../components/icons.tsx';
import styles from './office.module.css';
import { Unlock } from './unlock.tsx';

interface LockedKeysProps {
  readonly operator: OperatorView;
  readonly vendors: readonly string[];
  /** Called after a key was unlocked. */
  readonly unlocked: () => void;
  /** Nothing else can be done before. */
  readonly areNext?: true;
}

/** The vendors whose keys are locked, each with a button to unlock it. */
export function LockedKeys({ operator, vendors, unlocked, areNext }: LockedKeysProps) {
  const [unlocking, setUnlocking] = useState<string>();
  return (
    <>
      {vendors.map((vendor) => (
        <div key={vendor} className={styles['lockedKey']}>
          <Icon name="locked" />
          <span>{fill(words.prepare.locked, { vendor })}</span>
          <Button
            variant={areNext ? 'filled' : 'default'}
            onClick={() => setUnlocking(vendor)}
            aria-label={fill(words.operator.unlockOf, { vendor })}
          >
            {words.operator.unlock}
          </Button>
        </div>
      ))}
      {unlocking !== undefined && (
        <Unlock
          operator={operator}
          vendors={[unlocking]}
          unlocked={unlocked}
          close={() => setUnlocking(undefined)}
        />
      )}
    </>
  );
}
