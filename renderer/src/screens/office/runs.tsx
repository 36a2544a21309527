import { Title } from '@mantine/core';
import type { RunView } from '../../../../preload/contract/index.ts';
import { hashOf } from '../../app/routes.ts';
import { count, counted, localTime, localTimeWithZone, words } from '../../app/words.ts';
import { Chip } from '../../components/chip.tsx';
import { cls } from '../../components/classes.ts';
import { DataTable, useList, usePages, type Column } from '../../components/data-table.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { useCall, useClient } from '../../port/use-call.ts';
import styles from './office.module.css';
import { shownRun } from './run-state.ts';

const columns: readonly Column<RunView, 'startedAt'>[] = [
  {
    title: words.runs.inventory,
    width: 'minmax(9rem, 2fr)',
    lines: 2,
    cell: ({ id, inventory }) => (
      <a className={cls('link')} tabIndex={-1} href={hashOf({ kind: 'run', id })}>
        {inventory}
      </a>
    ),
  },
  { title: words.runs.operator, width: 'minmax(7rem, 1fr)', cell: ({ operator }) => operator },
  { title: words.runs.state, width: 'minmax(7rem, 10rem)', cell: (run) => <RunChip run={run} /> },
  { title: words.runs.made, width: '5.5rem', isNumber: true, cell: ({ made }) => count(made) },
  { title: words.runs.refused, width: '5.5rem', isNumber: true, cell: ({ refused }) => count(refused) },
  {
    title: words.runs.startedAt,
    sort: 'startedAt',
    width: 'minmax(6rem, 10.5rem)',
    cell: ({ startedAt }) => <time title={localTimeWithZone(startedAt)}>{localTime(startedAt)}</time>,
  },
];

/** The state of a run in a word. */
export function RunChip({ run }: { readonly run: RunView }) {
  const { word, tone } = shownRun(run);
  return <Chip tone={tone}>{word}</Chip>;
}

/** The runs so far. Before the first, says how to start one, except on a first visit, which starts with a profile. */
export function Runs({ isFirstVisit }: { readonly isFirstVisit: boolean }) {
  const list = useList<'startedAt'>('runs', 'startedAt', true);
  const client = useClient();
  const { input } = list;
  const runs = usePages(useCall('runs.list', input, { topics: ['runs'], keep: true }), {
    key: JSON.stringify(input),
    ask: (offset) => client.call('runs.list', { ...input, offset }),
  });
  if (runs.state === 'known' && runs.value.total === 0) {
    return isFirstVisit ? null : <p className={cls('quiet')}>{words.runs.none}</p>;
  }
  return (
    <section className={styles['part']}>
      <Title order={2}>{words.runs.title}</Title>
      <Loaded answer={runs}>
        {({ pages }) => (
          <DataTable
            name="runs"
            caption={words.runs.title}
            columns={columns}
            pages={pages}
            counted={counted(words.runs.count, pages.total)}
            list={list}
            rowKey={({ id }) => id}
            rowHref={({ id }) => hashOf({ kind: 'run', id })}
          />
        )}
      </Loaded>
    </section>
  );
}
