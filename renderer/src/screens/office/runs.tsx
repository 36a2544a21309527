import { Title } from '@mantine/core';
import type { RunView } from '../../../../preload/contract/index.ts';
import { hashOf } from '../../app/routes.ts';
import { count, localTime, localTimeWithZone, words } from '../../app/words.ts';
import { Chip } from '../../components/chip.tsx';
import { cls } from '../../components/classes.ts';
import { DataTable, useList, type Column } from '../../components/data-table.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { useCall } from '../../port/use-call.ts';
import styles from './office.module.css';
import { shownRun } from './run-state.ts';

const columns: readonly Column<RunView, 'startedAt'>[] = [
  {
    title: words.runs.inventory,
    cell: ({ id, inventory }) => (
      <a className={cls('link')} href={hashOf({ kind: 'run', id })}>
        {inventory}
      </a>
    ),
  },
  { title: words.runs.operator, cell: ({ operator }) => operator },
  { title: words.runs.state, cell: (run) => <RunChip run={run} /> },
  { title: words.runs.made, isNumber: true, cell: ({ made }) => count(made) },
  { title: words.runs.refused, isNumber: true, cell: ({ refused }) => count(refused) },
  {
    title: words.runs.startedAt,
    sort: 'startedAt',
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
  const runs = useCall('runs.list', list.input, { topics: ['runs'], keep: true });
  if (runs.state === 'known' && runs.value.total === 0) {
    return isFirstVisit ? null : <p className={cls('quiet')}>{words.runs.none}</p>;
  }
  return (
    <section className={styles['part']}>
      <Title order={2}>{words.runs.title}</Title>
      <Loaded answer={runs}>
        {({ total, rows }) => (
          <DataTable
            caption={words.runs.title}
            columns={columns}
            rows={rows}
            total={total}
            list={list}
            rowKey={({ id }) => id}
            rowHref={({ id }) => hashOf({ kind: 'run', id })}
          />
        )}
      </Loaded>
    </section>
  );
}
