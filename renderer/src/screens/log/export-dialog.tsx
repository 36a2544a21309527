import { useEffect, useState, type ReactNode } from 'react';
import type { LogView } from '../../../../preload/contract/index.ts';
import { logFormats, type LogFormat } from '../../../../preload/contract/log-kinds.ts';
import { useKept } from '../../app/kept.ts';
import { count, counted, fill, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { GatedButton } from '../../components/gated-button.tsx';
import { choose } from '../../port/shell.ts';
import { useAction, useCall } from '../../port/use-call.ts';
import { filterOf, filterSentence, isFilter, useFilterFields } from './log-filter.ts';
import styles from './log.module.css';

/** The most entries that a PDF holds. */
const mostInPdf = 10_000;

interface ExportDialogProps {
  readonly log: LogView;
  readonly close: () => void;
}

/** Asks what to export, for whom, and where to. */
export function ExportDialog({ log, close }: ExportDialogProps) {
  const [fields] = useFilterFields();
  const shown = filterOf(fields);
  const hasFilter = isFilter(shown);
  const [isAll, setAll] = useState(!hasFilter);
  const [format, setFormat] = useKept<LogFormat>('log.format', 'csv');
  const filter = isAll ? {} : shown;
  const matching = useCall('log.list', { filter, limit: 1 });
  const total = matching.state === 'known' ? matching.value.total : undefined;
  const start = useAction('log.export');
  // The call ends with the export. The screen shows its progress and its end.
  const isRunning = log.exporting !== undefined;
  useEffect(() => {
    if (isRunning) close();
  }, [isRunning]);
  const run = async () => {
    const [folder] = await choose('output-folder');
    if (folder && (await start.run({ format, filter, folder })).ok) close();
  };
  return (
    <Dialog title={words.export.title} size="xl" cancel={words.export.cancel} close={close}>
      <div className={cls('stack')}>
        {hasFilter ? (
          <fieldset className={styles['formats']}>
            <legend>{words.export.what}</legend>
            <Choice name="what" isChosen={!isAll} choose={() => setAll(false)}>
              {fill(words.export.filtered, { filter: filterSentence(fields, log.people) })}
            </Choice>
            <Choice name="what" isChosen={isAll} choose={() => setAll(true)}>
              {words.export.all}
            </Choice>
          </fieldset>
        ) : (
          <p>{words.export.noFilter}</p>
        )}
        {total !== undefined && (
          <strong>{counted(words.log.count, format === 'proof' ? Math.min(total, 1) : total)}</strong>
        )}
        <fieldset className={styles['formats']}>
          <legend>{words.export.format}</legend>
          {logFormats.map((one) => (
            <Choice key={one} name="format" isChosen={format === one} choose={() => setFormat(one)}>
              <strong>{words.export.formats[one].name}</strong>{' '}
              <span className={cls('quiet')}>{words.export.formats[one].who}</span>
            </Choice>
          ))}
        </fieldset>
        <p className={cls('quiet')}>{isAll ? words.export.wholeProves : words.export.partProves}</p>
        {start.fault && <FaultPanel fault={start.fault} />}
        <div className={cls('faultFoot')}>
          <span />
          <GatedButton
            reason={reasonAgainst(format, total, filter.site)}
            isBusy={start.isBusy}
            press={() => void run()}
          >
            {words.export.start}
          </GatedButton>
        </div>
      </div>
    </Dialog>
  );
}

/** Why this cannot be exported as it stands. */
function reasonAgainst(
  format: LogFormat,
  total: number | undefined,
  site: string | undefined,
): string | undefined {
  if (total === undefined) return words.frame.asking;
  if (total === 0) return words.log.noneFiltered;
  if (format === 'pdf' && total > mostInPdf) return fill(words.export.pdfTooLong, { most: count(mostInPdf) });
  if (format === 'proof' && site === undefined) return words.export.proofNeedsSite;
  return undefined;
}

interface ChoiceProps {
  readonly name: string;
  readonly isChosen: boolean;
  readonly choose: () => void;
  readonly children: ReactNode;
}

function Choice({ name, isChosen, choose: take, children }: ChoiceProps) {
  return (
    <label className={styles['format']}>
      <input type="radio" name={name} checked={isChosen} onChange={take} />
      <span>{children}</span>
    </label>
  );
}
