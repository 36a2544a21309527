import { Button, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { FaultView, RowKind, RunRow, RunView } from '../../../../preload/contract/index.ts';
import { useKept } from '../../app/kept.ts';
import { count, counted, fill, localDate, localTimeWithZone, words } from '../../app/words.ts';
import { Chip } from '../../components/chip.tsx';
import { cls } from '../../components/classes.ts';
import { DataTable, ListFilter, useList, usePages, type Column } from '../../components/data-table.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { FilterChips } from '../../components/filter-chips.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Mono } from '../../components/mono.tsx';
import { Facts } from '../../components/screen.tsx';
import { saveText } from '../../components/save-text.ts';
import type { Tone } from '../../components/tone.ts';
import { useCall, useClient } from '../../port/use-call.ts';
import styles from './office.module.css';
import { problemParts } from './problem.ts';
import { Changes, ChangesDetail } from './run-changes.tsx';
import { isWorking, needed } from './run-state.ts';

type Sort = 'row' | 'siteId' | 'serialNumber' | 'state';
type RowColumn = Column<RunRow, Sort>;

const tones: Readonly<Record<RunRow['state'], Tone>> = {
  made: 'good',
  refused: 'bad',
  skipped: 'good',
  unchanged: 'plain',
};

const who: readonly RowColumn[] = [
  { title: words.rows.row, sort: 'row', width: '4.25rem', isNumber: true, cell: ({ row }) => count(row) },
  { title: words.rows.site, sort: 'siteId', width: 'minmax(6rem, 2fr)', cell: (row) => <Site row={row} /> },
  {
    title: words.rows.serial,
    sort: 'serialNumber',
    width: 'minmax(7rem, 9.5rem)',
    cell: ({ serialNumber }) => <Mono>{serialNumber}</Mono>,
  },
];

const vendor: RowColumn = {
  title: words.rows.vendor,
  width: 'minmax(5rem, 1.5fr)',
  cell: ({ contents }) => contents?.vendor,
};

/** What is compared before it is signed. */
const compared: readonly RowColumn[] = [
  {
    title: words.rows.outerIp,
    width: 'minmax(6rem, 11rem)',
    cell: ({ contents }) => contents && <Mono>{contents.outerIp}</Mono>,
  },
  {
    title: words.rows.vlan,
    width: '3.5rem',
    isNumber: true,
    cell: ({ contents }) => contents && (contents.vlan || words.rows.untagged),
  },
  {
    title: words.rows.validUntil,
    width: 'minmax(4.5rem, 7rem)',
    cell: ({ contents }) =>
      contents && (
        <time title={localTimeWithZone(contents.validUntil)}>{localDate(contents.validUntil)}</time>
      ),
  },
];

const state: RowColumn = {
  title: words.rows.state,
  width: '7rem',
  sort: 'state',
  cell: ({ state: one }) => <Chip tone={tones[one]}>{words.rows.states[one]}</Chip>,
};

const problem: RowColumn = {
  title: words.rows.problem,
  width: 'minmax(12rem, 6fr)',
  lines: 2,
  cell: (row) => <Problem row={row} />,
};

const change: RowColumn = {
  title: words.rows.change,
  width: 'minmax(12rem, 6fr)',
  lines: 2,
  cell: (row) => <Changes row={row} />,
};

const columns: Readonly<Record<RowKind, readonly RowColumn[]>> = {
  refused: [...who, problem],
  good: [...who, vendor, ...compared, state],
  changed: [...who, change, state],
  unchanged: [...who, vendor, ...compared],
  all: [...who, state, problem],
};

/** What is wrong with a row, where it stands. */
function Problem({ row }: { readonly row: RunRow }) {
  return (
    <span>
      {problemParts(row).map(({ text, isValue }, place) =>
        isValue ? (
          <strong key={place} className={styles['value']}>
            {text}
          </strong>
        ) : (
          text
        ),
      )}
    </span>
  );
}

function Site({ row: { siteId, contents } }: { readonly row: RunRow }) {
  return (
    <>
      {siteId} {contents && <span className={cls('quiet')}>{contents.siteName}</span>}
    </>
  );
}

/** What a row hides until it is opened. */
function RowDetail({ row }: { readonly row: RunRow }) {
  const { fault, differences = [] } = row;
  if (fault) return <FaultPanel fault={fault} isDetail />;
  return (
    <div className={cls('stack')}>
      {differences.length > 0 && <ChangesDetail differences={differences} />}
      <RowFacts row={row} />
    </div>
  );
}

/** All that is known of a good row, in full. */
function RowFacts({ row }: { readonly row: RunRow }) {
  const shown = [...who, vendor, ...compared, state];
  return <Facts facts={shown.map(({ title, cell }) => [title, cell(row)] as const)} />;
}

/** The kinds of rows to choose from; none if there is one kind only. */
function offeredKinds({ refused, changed, unchanged }: RunView): readonly RowKind[] {
  if (refused + changed + unchanged === 0) return [];
  return [
    ...(refused > 0 ? ['refused' as const] : []),
    'good',
    ...(changed > 0 ? ['changed' as const] : []),
    ...(unchanged > 0 ? ['unchanged' as const] : []),
    'all',
  ];
}

/** What the user is likely to look at first. */
function firstShown(run: RunView): RowKind {
  if (run.refused > 0) return 'refused';
  if (run.changed > 0) return 'changed';
  return needed(run) > 0 ? 'good' : 'unchanged';
}

/** The rows of a run: the problems, those that are ready, or all. Without problems, all are ready. */
export function RunRows({
  run,
  checkAgain,
}: {
  readonly run: RunView;
  /** A button that checks the inventory again, for when the problems are fixed. */
  readonly checkAgain: ReactNode;
}) {
  const [wanted, setWanted] = useKept<RowKind | ''>(`rows.show.${run.id}`, '');
  const offered = offeredKinds(run);
  const show = offered.find((kind) => kind === wanted) ?? firstShown(run);
  const list = useList<Sort>(`rows.${run.id}`, 'row');
  const client = useClient();
  const input = { id: run.id, show, ...list.input };
  const rows = usePages(useCall('runs.rows', input, { topics: ['runs'], keep: true }), {
    key: JSON.stringify(input),
    ask: (offset) => client.call('runs.rows', { ...input, offset }),
  });
  const isFiltered = list.place.filter !== '';
  if (run.rows === 0) return null;
  const counts = rows.state === 'known' ? rows.value.counts : undefined;
  const { kinds } = words.rows;
  const choose = (kind: RowKind) => {
    setWanted(kind);
    list.move({});
  };
  return (
    <section className={styles['part']}>
      <div className={cls('panelHead')}>
        <Title order={2}>{words.rows.title}</Title>
        {!isWorking(run) && (
          <div className={cls('row')}>
            {run.changed > 0 && <Export run={run} what="changes" />}
            {run.refused > 0 && <Export run={run} what="problems" />}
            {run.refused > 0 && checkAgain}
          </div>
        )}
      </div>
      <div className={cls('tools')}>
        {offered.length > 0 && (
          <FilterChips
            label={words.rows.show}
            chosen={show}
            choose={choose}
            choices={offered.map((id) => ({
              id,
              label: id === 'good' && run.state === 'done' ? kinds.made : kinds[id],
              count: counts?.[id],
            }))}
          />
        )}
        <ListFilter label={words.rows.filter} list={list} answer={rows} none={words.rows.noneFiltered} />
      </div>
      <Loaded answer={rows}>
        {({ total, pages, counts: { [show]: whole } }) =>
          total === 0 ? (
            <p>{isFiltered ? words.rows.noneFiltered : words.rows.none[show]}</p>
          ) : (
            <>
              {total < whole && <p>{fill(words.rows.firstOnly, { count: count(total) })}</p>}
              <DataTable
                name={`rows.${run.id}`}
                caption={words.rows.title}
                columns={columns[show]}
                pages={pages}
                counted={counted(words.rows.count, total)}
                list={list}
                rowKey={({ row }) => row}
                detail={(row) => <RowDetail row={row} />}
              />
            </>
          )
        }
      </Loaded>
    </section>
  );
}

/** Saves all problems or changes, not only those in sight, for the person who corrects the inventory or decides. */
function Export({ run, what }: { readonly run: RunView; readonly what: 'problems' | 'changes' }) {
  const client = useClient();
  const [fault, setFault] = useState<FaultView>();
  const [isBusy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    setFault(undefined);
    const saved = await client.call(`runs.${what}`, { id: run.id });
    if (saved.ok) {
      const name = fill(words.rows.fileNames[what], { inventory: run.inventory });
      saveText(name, 'text/csv', saved.value.csv);
    } else setFault(saved.fault);
    setBusy(false);
  };
  return (
    <>
      <Button variant="default" loading={isBusy} onClick={() => void save()}>
        {words.rows.exports[what]}
      </Button>
      {fault && <FaultPanel fault={fault} />}
    </>
  );
}
