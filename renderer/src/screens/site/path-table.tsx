import { Fragment } from 'react';
import type { PathView } from '../../../../preload/contract/index.ts';
import { pathChecks } from '../../../../preload/contract/steps.ts';
import { fill, localClock, words } from '../../app/words.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Icon, type IconName } from '../../components/icons.tsx';
import {
  failuresOf,
  pathGroups,
  shownFigure,
  type PathCell,
  type PathCellState,
  type PathGroup,
  type PathRow,
} from './path-state.ts';
import styles from './tunnel.module.css';

interface PathTableProps {
  readonly path: PathView | undefined;
  /** The code of a fault that the screen shows already. */
  readonly told?: string | undefined;
}

/** Each check by name, and beside it what the laptop and the eNB found. What failed is opened below, in full width. */
export function PathTable({ path, told }: PathTableProps) {
  const groups = pathGroups(path);
  const hasSeveral = groups.filter(({ gateway }) => gateway !== undefined).length > 1;
  return (
    <table role="table" className={styles['path']}>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader">{words.path.check}</th>
          {pathChecks.places.map((place) => (
            <th key={place} role="columnheader">
              <span className={styles['place']}>
                {words.path.places[place]}
                <CheckedAt time={path?.places.find((one) => one.place === place)?.checkedAt} />
              </span>
            </th>
          ))}
        </tr>
      </thead>
      {groups.map((group) => (
        <Group key={group.gateway ?? ''} group={group} isNamed={hasSeveral} told={told} />
      ))}
    </table>
  );
}

function CheckedAt({ time }: { readonly time: string | undefined }) {
  return time === undefined ? null : (
    <span className={styles['figure']}>{fill(words.path.at, { time: localClock(time) })}</span>
  );
}

function Group({
  group: { gateway, rows },
  isNamed,
  told,
}: Pick<PathTableProps, 'told'> & {
  readonly group: PathGroup;
  readonly isNamed: boolean;
}) {
  return (
    <tbody role="rowgroup">
      {isNamed && (
        <tr role="row" className={styles['gateway']}>
          <th role="rowheader" colSpan={3}>
            {gateway === undefined ? words.path.general : fill(words.path.gateway, { name: gateway })}
          </th>
        </tr>
      )}
      {rows.map((row) => (
        <Row key={row.check} row={row} told={told} />
      ))}
    </tbody>
  );
}

function Row({ row, told }: Pick<PathTableProps, 'told'> & { readonly row: PathRow }) {
  const failures = failuresOf(row).filter(({ view }) => view?.fault?.code !== told);
  return (
    <Fragment>
      <tr role="row">
        <th role="rowheader">{words.path.names[row.check]}</th>
        {row.cells.map((cell) => (
          <td key={cell.place} role="cell" data-title={words.path.places[cell.place]}>
            <Cell cell={cell} />
          </td>
        ))}
      </tr>
      {failures.map(
        ({ place, view }) =>
          view?.fault && (
            <tr key={place} role="row" className={styles['failure']}>
              <td role="cell" colSpan={3}>
                <FaultPanel fault={view.fault} isDetail />
              </td>
            </tr>
          ),
      )}
    </Fragment>
  );
}

const icons: Readonly<Record<PathCellState, IconName>> = {
  passed: 'good',
  failed: 'bad',
  'not-possible': 'none',
  skipped: 'skipped',
  checking: 'moving',
  waiting: 'waiting',
};

function Cell({ cell: { state, view } }: { readonly cell: PathCell }) {
  const small = (view && shownFigure(view)) ?? (state === 'not-possible' ? view?.fault?.message : undefined);
  return (
    <div className={styles['cell']} data-state={state}>
      <Icon name={icons[state]} />
      <span>
        {words.path.outcomes[state]}
        {small !== undefined && <span className={styles['figure']}>{small}</span>}
      </span>
    </div>
  );
}
