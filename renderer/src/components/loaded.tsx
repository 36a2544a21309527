import { Button, Loader } from '@mantine/core';
import { useContext, type ReactNode } from 'react';
import type { FaultView } from '../../../preload/contract/index.ts';
import { areaOf } from '../app/routes.ts';
import { SessionContext } from '../app/session.ts';
import { go, useRoute } from '../app/use-route.ts';
import { words } from '../app/words.ts';
import type { Answer } from '../port/use-call.ts';
import { cls } from './classes.ts';
import { FaultPanel } from './fault-panel.tsx';
import { InScreen, Screen } from './screen.tsx';

/**
 * Shows an answer once it is known. Before that, it shows that the page is waiting; for a fault, a button to ask again.
 */
export function Loaded<T>({
  answer,
  children,
}: {
  readonly answer: Answer<T>;
  readonly children: (value: T) => ReactNode;
}) {
  const isInScreen = useContext(InScreen);
  switch (answer.state) {
    case 'asking': {
      const waiting = <Waiting sentence={words.frame.asking} />;
      return isInScreen ? waiting : <div className={cls('body')}>{waiting}</div>;
    }
    case 'fault': {
      const { fault, again } = answer;
      const askAgain = !isFinal(fault) && <Button onClick={again}>{words.frame.again}</Button>;
      return isInScreen ? (
        <FaultPanel fault={fault}>{askAgain}</FaultPanel>
      ) : (
        <FaultScreen fault={fault} askAgain={askAgain} />
      );
    }
    case 'known':
      return children(answer.value);
  }
}

/** Asking again does not bring back something that is gone, nor change a policy. */
function isFinal(fault: FaultView): boolean {
  return isGone(fault) || fault.code === 'forbidden-by-policy' || fault.code === 'policy-invalid';
}

function isGone({ code }: FaultView): boolean {
  return code === 'not-found';
}

/** A fault instead of a whole screen, with the way back to where the user can choose again. */
function FaultScreen({ fault, askAgain }: { readonly fault: FaultView; readonly askAgain: ReactNode }) {
  const session = useContext(SessionContext);
  const area = areaOf(useRoute());
  const back = session && (
    <Button variant={askAgain ? 'default' : 'filled'} onClick={() => go({ kind: area })}>
      {words.frame.back[area]}
    </Button>
  );
  return (
    <Screen
      title={isGone(fault) ? words.frame.notThere : words.frame.notShown}
      primary={askAgain || back}
      secondary={askAgain && back}
    >
      <FaultPanel fault={fault} />
    </Screen>
  );
}

/** Shown while something runs whose length is unknown. */
export function Waiting({ sentence }: { readonly sentence: string }) {
  return (
    <p className={cls('row')}>
      <Loader size="sm" aria-hidden="true" />
      <span>{sentence}</span>
    </p>
  );
}
