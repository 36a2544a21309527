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
import { isWorking } from './run-state.ts';

type Sort = 'row' | 'siteId' | 'serialNumber' | 'state';
type RowColumn = Column<RunRow, Sort>;

const tones: Readonly<Record<RunRow['state'], Tone>> = { made: 'good', refused: 'bad', skipped: 'good' };

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

const columns: Readonly<Record<RowKind, readonly RowColumn[]>> = {
  refused: [...who, problem],
  good: [...who, vendor, ...compared, state],
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

/** All that is known of a good row, in full. */
function RowFacts({ row }: { readonly row: RunRow }) {
  const shown = [...who, vendor, ...compared, state];
  return <Facts facts={shown.map(({ title, cell }) => [title, cell(row)] as const)} />;
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
  const [wanted, setWanted] = useKept<RowKind>(`rows.show.${run.id}`, 'refused');
  const show = run.refused > 0 ? wanted : 'good';
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
        {run.refused > 0 && !isWorking(run) && (
          <div className={cls('row')}>
            <ExportProblems run={run} />
            {checkAgain}
          </div>
        )}
      </div>
      <div className={cls('tools')}>
        {run.refused > 0 && (
          <FilterChips
            label={words.rows.show}
            chosen={show}
            choose={choose}
            choices={[
              { id: 'refused', label: kinds.refused, count: counts?.refused },
              { id: 'good', label: run.state === 'done' ? kinds.made : kinds.good, count: counts?.good },
              { id: 'all', label: kinds.all, count: counts?.all },
            ]}
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
                detail={(row) =>
                  row.fault ? <FaultPanel fault={row.fault} isDetail /> : <RowFacts row={row} />
                }
              />
            </>
          )
        }
      </Loaded>
    </section>
  );
}

/** Saves all problems, not only the page shown, for the person who corrects the inventory. */
function ExportProblems({ run }: { readonly run: RunView }) {
  const client = useClient();
  const [fault, setFault] = useState<FaultView>();
  const [isBusy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    setFault(undefined);
    const problems = await client.call('runs.problems', { id: run.id });
    if (problems.ok) {
      const name = fill(words.rows.fileName, { inventory: run.inventory });
      saveText(name, 'text/csv', problems.value.csv);
    } else setFault(problems.fault);
    setBusy(false);
  };
  return (
    <>
      <Button variant="default" loading={isBusy} onClick={() => void save()}>
        {words.rows.export}
      </Button>
      {fault && <FaultPanel fault={fault} />}
    </>
  );
}
