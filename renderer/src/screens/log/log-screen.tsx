import type { LogRow } from '../../../../preload/contract/index.ts';
import { count, fill, localTime, localTimeWithZone, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { DataTable, ListFilter, useList, type Column } from '../../components/data-table.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Mono } from '../../components/mono.tsx';
import { Empty, Facts, Screen } from '../../components/screen.tsx';
import { useCall } from '../../port/use-call.ts';

const columns: readonly Column<LogRow, 'sequence'>[] = [
  { title: words.log.sequence, sort: 'sequence', isNumber: true, cell: ({ sequence }) => count(sequence) },
  {
    title: words.log.time,
    cell: ({ time }) => <time title={localTimeWithZone(time)}>{localTime(time)}</time>,
  },
  { title: words.log.actor, cell: ({ person }) => <span className={cls('nowrap')}>{person}</span> },
  { title: words.log.what, cell: ({ sentence }) => sentence },
];

/** What an entry says beside its sentence. */
function EntryFacts({ row: { action, facts } }: { readonly row: LogRow }) {
  const shown = [
    [words.log.action, action] as const,
    ...facts.map(({ label, value }) => [label, value] as const),
  ];
  return <Facts facts={shown.map(([name, value]) => [name, <Mono key={name}>{value}</Mono>])} />;
}

/** The actions on this laptop, entry by entry. */
export function LogScreen() {
  const list = useList<'sequence'>('log', 'sequence', true);
  const { limit, offset, descending, filter } = list.input;
  const log = useCall(
    'log.list',
    { filter: { text: filter }, descending, offset, limit },
    { topics: ['log'], keep: true },
  );
  const isFiltered = list.place.filter !== '';
  return (
    <Screen title={words.log.title} lead={words.log.lead} isWide>
      <Loaded answer={log}>
        {({ total, rows }) => (
          <>
            <div className={cls('tools')}>
              <ListFilter label={words.log.filter} list={list} answer={log} none={words.log.noneFiltered} />
              <span className={cls('quiet')}>{fill(words.log.count, { count: count(total) })}</span>
            </div>
            {total === 0 ? (
              <Empty sentence={isFiltered ? words.log.noneFiltered : words.log.none} />
            ) : (
              <DataTable
                caption={words.log.title}
                columns={columns}
                rows={rows}
                total={total}
                list={list}
                rowKey={({ sequence }) => sequence}
                detail={(row) => <EntryFacts row={row} />}
              />
            )}
          </>
        )}
      </Loaded>
    </Screen>
  );
}
