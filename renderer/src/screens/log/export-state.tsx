import { Button } from '@mantine/core';
import type { LogView } from '../../../../preload/contract/index.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { useKept } from '../../app/kept.ts';
import { counted, fill, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Icon } from '../../components/icons.tsx';
import { Mono } from '../../components/mono.tsx';
import { Panel } from '../../components/screen.tsx';
import { LogProgress } from './log-progress.tsx';

/** The export that runs, or the end of the last one until the user puts it away. */
export function ExportState({ log: { exporting, exported } }: { readonly log: LogView }) {
  const [seen, setSeen] = useKept('log.exportSeen', '');
  const end = exported && JSON.stringify(exported);
  if (exporting)
    return (
      <Panel title={words.export.running}>
        <LogProgress label={words.export.title} work={exporting} />
      </Panel>
    );
  if (!exported || end === seen) return null;
  return <Ended end={exported} close={() => setSeen(end ?? '')} />;
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
