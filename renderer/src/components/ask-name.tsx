import { Button, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useKept } from '../app/kept.ts';
import { useSession } from '../app/session.ts';
import { words } from '../app/words.ts';
import { useAction, useCall } from '../port/use-call.ts';
import { cls } from './classes.ts';
import { FaultPanel } from './fault-panel.tsx';
import { Panel } from './screen.tsx';

/** Asks for the name that the log shows, once, where people work. Work can start without one. Not in training. */
export function AskName() {
  const { training } = useSession().app;
  const [isLater, setLater] = useKept('name.later', false);
  const log = useCall('log.get', {}, { topics: ['log'], wait: training });
  if (training || isLater || log.state !== 'known' || log.value.isNameDeclared) return null;
  return (
    <Panel title={words.person.ask}>
      <NameForm later={() => setLater(true)} />
    </Panel>
  );
}

interface NameFormProps {
  /** Puts the question off. Absent where the user has asked for the field. */
  readonly later?: () => void;
  readonly done?: () => void;
}

/** The field for a name, empty at first, and what becomes of it. */
export function NameForm({ later, done }: NameFormProps) {
  const [name, setName] = useState('');
  const declare = useAction('log.declareName');
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if ((await declare.run({ name })).ok) done?.();
  };
  return (
    <form className={cls('stack')} onSubmit={(event) => void submit(event)}>
      <p className={cls('quiet')}>{words.person.why}</p>
      <div className={cls('row')}>
        <TextInput
          aria-label={words.person.name}
          placeholder={words.person.name}
          autoComplete="off"
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={name.trim() === ''} loading={declare.isBusy}>
          {words.person.use}
        </Button>
        {later && (
          <Button variant="subtle" onClick={later}>
            {words.person.later}
          </Button>
        )}
      </div>
      {declare.fault && <FaultPanel fault={declare.fault} />}
    </form>
  );
}
