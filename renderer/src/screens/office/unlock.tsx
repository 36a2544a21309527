import { Button, PasswordInput } from '@mantine/core';
import { useRef, type SubmitEvent } from 'react';
import type { OperatorView } from '../../../../preload/contract/index.ts';
import { fill, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { useAction } from '../../port/use-call.ts';

interface UnlockProps {
  readonly operator: OperatorView;
  readonly vendor: string;
  readonly unlocked: () => void;
  readonly close: () => void;
}

/**
 * Asks for the passphrase of a key. It crosses to the core in one call and is kept nowhere else: React never holds it,
 * and the field is emptied in the same turn, whatever the result of the call.
 */
export function Unlock({ operator, vendor, unlocked, close }: UnlockProps) {
  const field = useRef<HTMLInputElement>(null);
  const unlock = useAction('operators.unlock');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const input = field.current;
    if (!input || input.value === '') return input?.focus();
    const answer = unlock.run({ id: operator.id, vendor, passphrase: input.value });
    input.value = '';
    void answer.then(({ ok }) => {
      if (!ok) return input.focus();
      unlocked();
      close();
    });
  };
  return (
    <Dialog
      title={fill(words.unlock.title, { vendor, operator: operator.name })}
      cancel={words.unlock.cancel}
      close={close}
    >
      <form onSubmit={submit} className={cls('stack')}>
        <p>{words.unlock.lead}</p>
        {operator.training && <p>{words.unlock.training}</p>}
        {unlock.fault && <FaultPanel fault={unlock.fault} />}
        <PasswordInput
          ref={field}
          label={words.unlock.passphrase}
          autoComplete="off"
          maxLength={1024}
          data-autofocus
          visibilityToggleButtonProps={{ 'aria-label': words.unlock.show, tabIndex: 0 }}
        />
        <div className={cls('faultFoot')}>
          <Button variant="default" onClick={close}>
            {words.unlock.cancel}
          </Button>
          <Button type="submit" loading={unlock.isBusy}>
            {words.unlock.unlock}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
