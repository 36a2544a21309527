import { Button, NativeSelect, PasswordInput } from '@mantine/core';
import { useRef, useState, type SubmitEvent } from 'react';
import type { OperatorView } from '../../../../preload/contract/index.ts';
import { fill, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { useAction } from '../../port/use-call.ts';

interface UnlockProps {
  readonly operator: OperatorView;
  /** The vendors with a locked key. With several, the user chooses one. */
  readonly vendors: readonly string[];
  /** Called with the operator as it is now. */
  readonly unlocked: (operator: OperatorView) => void;
  readonly close: () => void;
}

/**
 * Asks for the passphrase of a key. It crosses to the core in one call and is kept nowhere else: React never holds it,
 * and the field is emptied in the same turn, whatever the result of the call.
 */
export function Unlock({ operator, vendors, unlocked, close }: UnlockProps) {
  const field = useRef<HTMLInputElement>(null);
  const unlock = useAction('operators.unlock');
  const [vendor = '', setVendor] = useState(vendors[0]);
  const isMistyped = unlock.fault?.code === 'passphrase-wrong';
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const input = field.current;
    if (!input || input.value === '') return input?.focus();
    const answer = unlock.run({ id: operator.id, vendor, passphrase: input.value });
    input.value = '';
    void answer.then((outcome) => {
      if (!outcome.ok) return input.focus();
      close();
      unlocked(outcome.value);
    });
  };
  const title =
    vendors.length === 1
      ? fill(words.unlock.title, { vendor })
      : fill(words.unlock.titleOfOne, { operator: operator.name });
  return (
    <Dialog title={title} cancel={words.unlock.cancel} close={close}>
      <form onSubmit={submit} className={cls('stack')}>
        {vendors.length > 1 && (
          <NativeSelect
            label={words.unlock.key}
            value={vendor}
            data={[...vendors]}
            onChange={(event) => setVendor(event.currentTarget.value)}
          />
        )}
        {unlock.fault && !isMistyped && <FaultPanel fault={unlock.fault} />}
        <PasswordInput
          ref={field}
          label={words.unlock.passphrase}
          description={operator.training && words.unlock.training}
          error={isMistyped && words.unlock.wrong}
          errorProps={{ role: 'alert' }}
          aria-invalid={isMistyped}
          autoComplete="off"
          maxLength={1024}
          data-autofocus
          visibilityToggleButtonProps={{ 'aria-label': words.unlock.show, tabIndex: 0 }}
        />
        <p className={cls('quiet', 'small')}>{words.unlock.lead}</p>
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
