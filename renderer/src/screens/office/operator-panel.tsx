import { Button } from '@mantine/core';
import { useState } from 'react';
import type { OperatorView } from '../../../../preload/contract/index.ts';
import { fill, localClock, localDate, words } from '../../app/words.ts';
import { Chip } from '../../components/chip.tsx';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Digest, Mono } from '../../components/mono.tsx';
import { Facts, Panel } from '../../components/screen.tsx';
import { useAction } from '../../port/use-call.ts';

interface OperatorPanelProps {
  readonly operator: OperatorView;
  /** Called after a call that changed it. */
  readonly changed: () => void;
  readonly unlock: (vendor: string) => void;
}

/** An operator profile: its vendors, the state of each key, what each may configure and until when. */
export function OperatorPanel({ operator, changed, unlock }: OperatorPanelProps) {
  const lock = useAction('operators.lock');
  const isUnlocked = operator.vendors.some(({ state }) => state === 'unlocked');
  const lockKeys = async () => {
    await lock.run({ id: operator.id });
    changed();
  };
  return (
    <Panel
      title={fill(words.operator.title, { name: operator.name, plmn: operator.plmn })}
      aside={
        <div className={cls('row')}>
          {isUnlocked && (
            <Button variant="default" loading={lock.isBusy} onClick={() => void lockKeys()}>
              {words.operator.lock}
            </Button>
          )}
          <Remove operator={operator} changed={changed} />
        </div>
      }
    >
      {operator.fault && <FaultPanel fault={operator.fault} />}
      {lock.fault && <FaultPanel fault={lock.fault} />}
      {operator.vendors.map((vendor) => (
        <Vendor key={vendor.name} vendor={vendor} unlock={() => unlock(vendor.name)} />
      ))}
    </Panel>
  );
}

function Vendor({
  vendor,
  unlock,
}: {
  readonly vendor: OperatorView['vendors'][number];
  readonly unlock: () => void;
}) {
  const { name, keyFile, state, unlockedUntil, scope, until, rootFingerprints } = vendor;
  const isLocked = state === 'locked';
  return (
    <section className={cls('stack')} aria-label={name}>
      <div className={cls('panelHead')}>
        <div className={cls('row')}>
          <strong>{name}</strong>
          <Chip tone={isLocked ? 'plain' : 'good'} icon={state}>
            {unlockedUntil === undefined
              ? words.operator.keyStates[state]
              : fill(words.operator.unlockedUntil, { time: localClock(unlockedUntil) })}
          </Chip>
        </div>
        {isLocked && (
          <Button
            variant="default"
            onClick={unlock}
            aria-label={fill(words.operator.unlockOf, { vendor: name })}
          >
            {words.operator.unlock}
          </Button>
        )}
      </div>
      <Facts
        facts={[
          [words.operator.keyFile, <Mono key="file">{keyFile}</Mono>],
          [words.operator.scope, scope ? <Scope scope={scope} /> : words.operator.scopeUnknown],
          [words.operator.until, until === undefined ? undefined : localDate(until)],
        ]}
      />
      <details>
        <summary>{words.operator.roots}</summary>
        <div className={cls('stack')}>
          {rootFingerprints.map((fingerprint) => (
            <Digest key={fingerprint} value={fingerprint} />
          ))}
        </div>
      </details>
    </section>
  );
}

function Scope({ scope }: { readonly scope: readonly string[] }) {
  const [first, ...rest] = scope;
  if (rest.length < 3) return <>{scope.join('; ')}</>;
  return (
    <details>
      <summary>{fill(words.operator.scopeAndMore, { first: first ?? '', more: rest.length })}</summary>
      <ul className={cls('list')}>
        {scope.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </details>
  );
}

/** Removes the profile from this laptop's list, after a second press. Its files stay where they are. */
function Remove({ operator, changed }: Pick<OperatorPanelProps, 'operator' | 'changed'>) {
  const remove = useAction('operators.remove');
  const [isAsking, setAsking] = useState(false);
  const [wasAsked, setAsked] = useState(false);
  const ask = (asks: boolean) => {
    setAsking(asks);
    setAsked(true);
  };
  const removeNow = async () => {
    await remove.run({ id: operator.id });
    setAsking(false);
    changed();
  };
  if (!isAsking) {
    return (
      <Button
        variant="subtle"
        autoFocus={wasAsked}
        aria-label={fill(words.operator.removeOf, { name: operator.name })}
        onClick={() => ask(true)}
      >
        {words.operator.remove}
      </Button>
    );
  }
  return (
    <div className={cls('row')}>
      <span>{words.operator.removeLeaves}</span>
      <Button variant="stop" loading={remove.isBusy} onClick={() => void removeNow()}>
        {words.operator.removeNow}
      </Button>
      <Button variant="default" autoFocus onClick={() => ask(false)}>
        {words.operator.keep}
      </Button>
    </div>
  );
}
