import { Button } from '@mantine/core';
import { useState } from 'react';
import type { LogView } from '../../../../preload/contract/index.ts';
import { useCommand } from '../../app/commands.ts';
import { count, counted, fill, words } from '../../app/words.ts';
import { Loaded } from '../../components/loaded.tsx';
import { Empty, Screen } from '../../components/screen.tsx';
import { useMatchesAnnounced } from '../../components/use-matches.ts';
import { useCall } from '../../port/use-call.ts';
import { ExportDialog } from './export-dialog.tsx';
import { ExportState } from './export-state.tsx';
import { filterOf, isFilter, useFilterFields } from './log-filter.ts';
import { LogTable, useLogEntries } from './log-table.tsx';
import { LogTools } from './log-tools.tsx';
import { Verification } from './log-verdict.tsx';

/** The actions on this laptop: what verification says about them, the entries, and their export. */
export function LogScreen() {
  const log = useCall('log.get', {}, { topics: ['log'] });
  const [isExporting, setExporting] = useState(false);
  const known = log.state === 'known' ? log.value : undefined;
  const isEmpty = known?.entries === 0;
  const canExport = known !== undefined && !isEmpty && known.exporting === undefined;
  return (
    <Screen
      title={words.log.title}
      isWide
      primary={
        known &&
        !isEmpty && (
          <Button disabled={!canExport} onClick={() => setExporting(true)}>
            {words.log.export}
          </Button>
        )
      }
    >
      <Loaded answer={log}>
        {(value) => (
          <>
            <Verification log={value} />
            <ExportState log={value} />
            {!isEmpty && <Entries log={value} />}
            <ExportCommand act={() => canExport && setExporting(true)} />
            {isExporting && <ExportDialog log={value} close={() => setExporting(false)} />}
          </>
        )}
      </Loaded>
    </Screen>
  );
}

/** Exports on command, once the log is known. */
function ExportCommand({ act }: { readonly act: () => void }) {
  useCommand('export-log', act);
  return null;
}

/** The filter, and the entries that match. */
function Entries({ log: { people, entries: all } }: { readonly log: LogView }) {
  const [fields, setFields] = useFilterFields();
  const filter = filterOf(fields);
  const entries = useLogEntries(filter, JSON.stringify(people));
  const isFiltered = isFilter(filter);
  useMatchesAnnounced(isFiltered ? JSON.stringify(filter) : '', entries, words.log.noneFiltered);
  return (
    <>
      <LogTools fields={fields} setFields={setFields} people={people} />
      <Loaded answer={entries}>
        {(value) =>
          value.total === 0 ? (
            <Empty sentence={words.log.noneFiltered} />
          ) : (
            <LogTable entries={value.pages} counted={countOf(value.total, all, isFiltered)} />
          )
        }
      </Loaded>
    </>
  );
}

function countOf(total: number, all: number, isFiltered: boolean): string {
  return isFiltered
    ? fill(words.log.countOf, { count: count(total), all: count(Math.max(all, total)) })
    : counted(words.log.count, total);
}
