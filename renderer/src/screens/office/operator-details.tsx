import { Button } from '@mantine/core';
import { useState } from 'react';
import type { OperatorView } from '../../../../preload/contract/index.ts';
import { fill, localClock, localDate, words } from '../../app/words.ts';
import { Chip } from '../../components/chip.tsx';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Digest, Mono } from '../../components/mono.tsx';
import { Facts } from '../../components/screen.tsx';
import { useAction } from '../../port/use-call.ts';
import { CertificateImport } from './certificate-import.tsx';
import styles from './office.module.css';

interface OperatorDetailsProps {
  readonly operator: OperatorView;
  /** Called after a call that changed it. */
  readonly changed: () => void;
}

/** What an operator profile holds: for each vendor its key, what the key may configure and until when. */
export function OperatorDetails({ operator, changed }: OperatorDetailsProps) {
  return (
    <>
      {operator.vendors.map((vendor) => (
        <Vendor key={vendor.name} vendor={vendor} />
      ))}
      <CertificateImport operator={operator} />
      <Remove operator={operator} changed={changed} />
    </>
  );
}

function Vendor({ vendor }: { readonly vendor: OperatorView['vendors'][number] }) {
  const { name, keyFile, state, unlockedUntil, scope, until, rootFingerprints } = vendor;
  return (
    <section className={cls('stack')} aria-label={name}>
      <h3 className={styles['vendor']}>
        {name}
        <Chip tone={state === 'locked' ? 'plain' : 'good'} icon={state}>
          {unlockedUntil === undefined
            ? words.operator.keyStates[state]
            : fill(words.operator.unlockedUntil, { time: localClock(unlockedUntil) })}
        </Chip>
      </h3>
      <Facts
        facts={[
          [words.operator.scope, scope ? scope.join('; ') : words.operator.scopeUnknown],
          [words.operator.until, until === undefined ? undefined : localDate(until)],
          [words.operator.keyFile, <Mono key="file">{keyFile}</Mono>],
          [
            words.operator.roots,
            <div key="roots" className={cls('stack')}>
              {rootFingerprints.map((fingerprint) => (
                <Digest key={fingerprint} value={fingerprint} />
              ))}
            </div>,
          ],
        ]}
      />
    </section>
  );
}

/** Removes the profile from this laptop's list, after a second press. Its files stay where they are. */
function Remove({ operator, changed }: OperatorDetailsProps) {
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
      <div>
        <Button
          variant="subtle"
          autoFocus={wasAsked}
          aria-label={fill(words.operator.removeOf, { name: operator.name })}
          onClick={() => ask(true)}
        >
          {words.operator.remove}
        </Button>
      </div>
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
      {remove.fault && <FaultPanel fault={remove.fault} />}
    </div>
  );
}
