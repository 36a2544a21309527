import { Button } from '@mantine/core';
import { useId, type ReactNode, type Ref } from 'react';
import styles from './gated-button.module.css';

interface GatedButtonProps {
  /** Why it does nothing yet. */
  readonly reason: string | undefined;
  readonly isBusy: boolean;
  /** For a button that is not the primary action. */
  readonly variant?: 'default';
  readonly press: () => void;
  readonly button?: Ref<HTMLButtonElement>;
  readonly children: ReactNode;
}

/** A button, and beside it the reason why it does nothing yet. It keeps the focus, so that the reason can be heard. */
export function GatedButton({ reason, isBusy, variant, press, button, children }: GatedButtonProps) {
  const id = useId();
  const isOff = reason !== undefined;
  return (
    <div className={styles['gated']}>
      {isOff && (
        <span id={id} className={styles['reason']}>
          {reason}
        </span>
      )}
      <Button
        {...(button && { ref: button })}
        {...(isOff && { 'aria-disabled': true, 'aria-describedby': id, 'data-disabled': true })}
        {...(variant && { variant })}
        loading={isBusy}
        onClick={() => !isOff && press()}
      >
        {children}
      </Button>
    </div>
  );
}
