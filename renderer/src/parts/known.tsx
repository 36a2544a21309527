import { Button, Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import { words } from '../app/words.ts';
import type { Asked } from '../port/use-call.ts';
import { cls } from './classes.ts';
import { FaultPanel } from './fault-panel.tsx';

/** Shows an answer once it is known; before, that it is asked for, and a fault with a way to ask again. */
export function Known<T>({
  asked,
  children,
}: {
  readonly asked: Asked<T>;
  readonly children: (value: T) => ReactNode;
}) {
  switch (asked.state) {
    case 'asking':
      return <Waiting sentence={words.frame.asking} />;
    case 'fault':
      return (
        <FaultPanel fault={asked.fault}>
          <Button onClick={asked.again}>{words.frame.again}</Button>
        </FaultPanel>
      );
    case 'known':
      return children(asked.value);
  }
}

/** Something is under way whose end nobody knows. */
export function Waiting({ sentence }: { readonly sentence: string }) {
  return (
    <p className={cls('row')}>
      <Loader size="sm" aria-hidden="true" />
      <span>{sentence}</span>
    </p>
  );
}
