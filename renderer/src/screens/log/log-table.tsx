import { memo } from 'react';
import type { LogFilter, LogRow } from '../../../../preload/contract/index.ts';
import { count, fill, localTimeToSecond, localTimeWithZone, localZone, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { DataTable, pageSize, usePages, type Column, type Pages } from '../../components/data-table.tsx';
import { Mono } from '../../components/mono.tsx';
import { Facts } from '../../components/screen.tsx';
import { useCall, useClient } from '../../port/use-call.ts';
import styles from './log.module.css';

const columns: readonly Column<LogRow, never>[] = [
  {
    title: words.log.time,
    width: 'minmax(7rem, 12rem)',
    cell: ({ time }) => <time title={localTimeWithZone(time)}>{localTimeToSecond(time)}</time>,
  },
  { title: words.log.what, width: 'minmax(10rem, 1fr)', cell: ({ sentence }) => sentence },
  { title: words.log.fields.site, width: 'minmax(5.5rem, 6.5rem)', cell: ({ site }) => site },
  {
    title: words.log.fields.serialNumber,
    width: 'minmax(7rem, 7.5rem)',
    cell: ({ serialNumber }) => serialNumber && <Mono>{serialNumber}</Mono>,
  },
  {
    title: words.log.person,
    width: 'minmax(8rem, 9rem)',
    cell: ({ person }) => person ?? <span className={cls('quiet')}>{words.log.erased}</span>,
  },
];

/**
 * The entries that match a filter. The first one is at place 0, and places never change.
 *
 * @param version changes when known entries can look different, for example after a name is erased
 */
export function useLogEntries(filter: LogFilter, version: string) {
  const client = useClient();
  const newest = useCall(
    'log.list',
    { filter, descending: true, offset: 0, limit: pageSize },
    { topics: ['log'], keep: true },
  );
  return usePages(newest, {
    key: JSON.stringify(filter),
    version,
    growsOnTop: true,
    ask: (offset) => client.call('log.list', { filter, descending: false, offset, limit: pageSize }),
  });
}

interface LogTableProps {
  readonly entries: Pages<LogRow>;
  /** How many there are in words. */
  readonly counted: string;
}

/** The entries of the log, the newest on top. */
export function LogTable({ entries, counted }: LogTableProps) {
  return (
    <DataTable
      name="log"
      caption={words.log.title}
      columns={columns}
      pages={entries}
      counted={counted}
      aside={<span className={cls('quiet')}>{fill(words.log.zone, { zone: localZone() })}</span>}
      rowKey={({ sequence }) => sequence}
      detail={(entry) => <EntryFacts entry={entry} />}
      className={styles['entries']}
    />
  );
}

/** Whether it is compared character by character. */
function isDigest(value: string): boolean {
  return /^[0-9a-f]{16,}$/.test(value);
}

/** Everything that an entry says, with labels. */
const EntryFacts = memo(function EntryFacts({ entry }: { readonly entry: LogRow }) {
  const { log } = words;
  const { sequence, sentence, time, kind, person, facts } = entry;
  return (
    <Facts
      facts={[
        [log.what, sentence],
        [log.time, localTimeWithZone(time)],
        [log.person, person ?? log.erased],
        [log.fields.kind, kind && log.kinds[kind]],
        ...facts.map(({ label, value }) => [label, isDigest(value) ? <Mono>{value}</Mono> : value] as const),
        [log.sequence, count(sequence)],
      ]}
    />
  );
});
