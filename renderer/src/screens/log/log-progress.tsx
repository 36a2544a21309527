import { Button } from '@mantine/core';
import type { LogView } from '../../../../preload/contract/index.ts';
import { count, fill, words } from '../../app/words.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Bar } from '../../components/progress.tsx';
import { useAction } from '../../port/use-call.ts';

interface Props {
  readonly label: string;
  readonly work: NonNullable<LogView['verifying' | 'exporting']>;
}

/** How far long work with the log is, and the button that stops it. */
export function LogProgress({ label, work: { id, done, total } }: Props) {
  const stop = useAction('work.stop');
  return (
    <>
      <Bar
        label={label}
        state={fill(words.log.doneOf, { done: count(done), total: count(total) })}
        amount={total > 0 ? Math.min(1, done / total) : 'moving'}
      />
      {stop.fault && <FaultPanel fault={stop.fault} />}
      <div>
        <Button variant="default" loading={stop.isBusy} onClick={() => void stop.run({ id })}>
          {words.log.stop}
        </Button>
      </div>
    </>
  );
}
