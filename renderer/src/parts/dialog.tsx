import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';

interface DialogProps {
  readonly title: string;
  readonly size?: 'lg' | 'xl';
  /** What leaving it is called; its cross is named so. */
  readonly cancel: string;
  readonly close: () => void;
  readonly children: ReactNode;
}

/** A dialog, open as long as it is there. Escape and its cross leave it. */
export function Dialog({ title, size = 'lg', cancel, close, children }: DialogProps) {
  return (
    <Modal opened onClose={close} size={size} title={title} closeButtonProps={{ 'aria-label': cancel }}>
      {children}
    </Modal>
  );
}
