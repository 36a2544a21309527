import { Button } from '@mantine/core';
import type { LogView } from '../../../../preload/contract/index.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { useKept } from '../../app/kept.ts';
import { count, counted, fill, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Icon } from '../../components/icons.tsx';
import { Mono } from '../../components/mono.tsx';
import { Bar } from '../../components/progress.tsx';
import { Panel } from '../../components/screen.tsx';
import { useAction } from '../../port/use-call.ts';

/** The export that runs, or the end of the last one until the user puts it away. */
export function ExportState({ log: { exporting, exported } }: { readonly log: LogView }) {
  const [seen, setSeen] = useKept('log.exportSeen', '');
  const end = exported && JSON.stringify(exported);
  if (exporting) return <Running work={exporting} />;
  if (!exported || end === seen) return null;
  return <Ended end={exported} close={() => setSeen(end ?? '')} />;
}

function Running({ work: { id, done, total } }: { readonly work: NonNullable<LogView['exporting']> }) {
  const stop = useAction('work.stop');
  return (
    <Panel title={words.export.running}>
      <Bar
        label={words.export.title}
        state={fill(words.log.doneOf, { done: count(done), total: count(total) })}
        amount={total > 0 ? Math.min(1, done / total) : 'moving'}
      />
      {stop.fault && <FaultPanel fault={stop.fault} />}
      <div>
        <Button variant="default" loading={stop.isBusy} onClick={() => void stop.run({ id })}>
          {words.log.stop}
        </Button>
      </div>
    </Panel>
  );
}

interface EndedProps {
  readonly end: NonNullable<LogView['exported']>;
  readonly close: () => void;
}

function Ended({ end: { format, entries, files, fault }, close }: EndedProps) {
  const title = fault
    ? words.export.failed
    : fill(words.export.done, {
        entries: counted(words.log.count, entries),
        format: words.export.formats[format].name,
      });
  useAnnounced(title);
  return (
    <Panel
      title={title}
      aside={
        <Button variant="default" onClick={close}>
          {words.export.close}
        </Button>
      }
    >
      {fault && <FaultPanel fault={fault} />}
      {files.length > 0 && (
        <ul className={cls('checks')} aria-label={words.export.files}>
          {files.map((name) => (
            <li key={name}>
              <Icon name="file" />
              <Mono>{name}</Mono>
            </li>
          ))}
        </ul>
      )}
      {!fault && <p className={cls('quiet')}>{words.export.keepTogether}</p>}
    </Panel>
  );
}
