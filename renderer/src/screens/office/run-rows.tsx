import { Button } from '@mantine/core';
import { useState } from 'react';
import type { FaultView, RunRow, RunView } from '../../../../preload/contract/index.ts';
import { useKept } from '../../app/kept.ts';
import { count, fill, words } from '../../app/words.ts';
import { Chip } from '../../components/chip.tsx';
import type { Tone } from '../../components/tone.ts';
import { cls } from '../../components/classes.ts';
import { DataTable, ListFilter, useList, type Column } from '../../components/data-table.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Mono } from '../../components/mono.tsx';
import { saveText } from '../../components/save-text.ts';
import { Panel } from '../../components/screen.tsx';
import { useCall, useClient } from '../../port/use-call.ts';
import { isWorking } from './run-state.ts';

type Sort = 'row' | 'siteId' | 'serialNumber' | 'state';

const tones: Readonly<Record<RunRow['state'], Tone>> = { made: 'good', refused: 'bad', skipped: 'plain' };

const who: readonly Column<RunRow, Sort>[] = [
  { title: words.rows.row, sort: 'row', isNumber: true, cell: ({ row }) => count(row) },
  { title: words.rows.line, isNumber: true, cell: ({ line }) => count(line) },
  { title: words.rows.site, sort: 'siteId', cell: ({ siteId }) => siteId },
  { title: words.rows.serial, sort: 'serialNumber', cell: ({ serialNumber }) => <Mono>{serialNumber}</Mono> },
];

const result: Column<RunRow, Sort> = {
  title: words.rows.state,
  sort: 'state',
  cell: ({ state }) => <Chip tone={tones[state]}>{words.rows.states[state]}</Chip>,
};

const problem: readonly Column<RunRow, Sort>[] = [
  { title: words.rows.field, cell: ({ field }) => field !== undefined && <Value text={field} /> },
  { title: words.rows.problem, cell: ({ fault }) => fault && <Problem fault={fault} /> },
  {
    title: words.rows.found,
    cell: ({ fault }) => fault?.found !== undefined && <Value text={fault.found} />,
  },
];

/**
 * When only refused rows are shown, the result column says nothing. When no row is refused, there are no problems to
 * show.
 */
function columnsFor(onlyRefused: boolean, refused: number): readonly Column<RunRow, Sort>[] {
  if (onlyRefused) return [...who, ...problem];
  return refused > 0 ? [...who, result, ...problem] : [...who, result];
}

/** A short value stays on one line; a long one would push the other columns out of sight. */
function Value({ text }: { readonly text: string }) {
  return (
    <span className={cls(text.length <= 24 && 'nowrap')}>
      <Mono>{text}</Mono>
    </span>
  );
}

function Problem({ fault }: { readonly fault: FaultView }) {
  return (
    <details>
      <summary>{fault.message}</summary>
      <FaultPanel fault={fault} />
    </details>
  );
}

/** The rows of a run: the problems first, and all rows on demand. */
export function RunRows({ run }: { readonly run: RunView }) {
  const [showsAll, setShowsAll] = useKept(`rows.all.${run.id}`, false);
  // Without problems, all rows are shown.
  const onlyRefused = !showsAll && run.refused > 0;
  const list = useList<Sort>(`rows.${run.id}`, 'row');
  const rows = useCall(
    'runs.rows',
    { id: run.id, show: onlyRefused ? 'refused' : 'all', ...list.input },
    { topics: ['runs'], keep: true },
  );
  const isFiltered = list.place.filter !== '';
  // Until the run has made bundles and ended, a row has nothing to show but its problem.
  const hasResults = run.made > 0 && run.endedAt !== undefined;
  if (run.refused === 0 && !hasResults) return null;
  return (
    <Panel
      title={onlyRefused ? fill(words.rows.problems, { refused: count(run.refused) }) : words.rows.all}
      aside={run.refused > 0 && !isWorking(run) && <ExportProblems run={run} />}
    >
      <div className={cls('tools')}>
        <ListFilter label={words.rows.filter} list={list} answer={rows} none={words.rows.noneFiltered} />
        {hasResults && run.refused > 0 && (
          <Button variant="default" aria-pressed={showsAll} onClick={() => setShowsAll(!showsAll)}>
            {showsAll ? words.rows.showProblems : words.rows.showAll}
          </Button>
        )}
      </div>
      <Loaded answer={rows}>
        {({ total, rows: shown }) =>
          total === 0 ? (
            <p>{isFiltered ? words.rows.noneFiltered : words.rows.none}</p>
          ) : (
            <>
              {onlyRefused && !isFiltered && total < run.refused && (
                <p>{fill(words.rows.firstOnly, { count: count(total) })}</p>
              )}
              <DataTable
                caption={words.rows.all}
                columns={columnsFor(onlyRefused, run.refused)}
                rows={shown}
                total={total}
                list={list}
                rowKey={({ row }) => row}
              />
            </>
          )
        }
      </Loaded>
    </Panel>
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
