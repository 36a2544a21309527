import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';

interface DialogProps {
  readonly title: string;
  readonly size?: 'lg' | 'xl';
  /** The words for leaving it; they also name its cross. */
  readonly cancel: string;
  readonly close: () => void;
  readonly children: ReactNode;
}

/** A dialog that is open while it is mounted. Escape and its cross close it. */
export function Dialog({ title, size = 'lg', cancel, close, children }: DialogProps) {
  return (
    <Modal opened onClose={close} size={size} title={title} closeButtonProps={{ 'aria-label': cancel }}>
      {children}
    </Modal>
  );
}
