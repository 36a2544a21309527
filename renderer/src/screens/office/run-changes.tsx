import type { RunRow } from '../../../../preload/contract/index.ts';
import { counted, fill, words } from '../../app/words.ts';
import { nameOf } from './change-names.ts';
import styles from './office.module.css';

type Difference = NonNullable<RunRow['differences']>[number];

/** How many changes a row of the table shows; its detail has all. */
const maximumShown = 3;

/** What the bundle of a row changes for its eNB, in a line: "VLAN: 101 → 102". */
export function Changes({ row: { differences } }: { readonly row: RunRow }) {
  if (!differences) return null;
  if (differences.length === 0) return words.changes.unknown;
  const more = differences.length - maximumShown;
  const shown = differences
    .slice(0, maximumShown)
    .map((one) => fill(words.changes.beforeAndAfter, { name: nameOf(one.field), ...values(one) }));
  return [...shown, ...(more > 0 ? [counted(words.changes.more, more)] : [])].join(', ');
}

/** All that the bundle of a row changes, value by value. */
export function ChangesDetail({ differences }: { readonly differences: readonly Difference[] }) {
  const { changes } = words;
  return (
    <table className={styles['compared']}>
      <thead>
        <tr>
          <th scope="col">{changes.field}</th>
          <th scope="col">{changes.before}</th>
          <th scope="col">{changes.after}</th>
        </tr>
      </thead>
      <tbody>
        {differences.map((one) => {
          const { before, after } = values(one);
          return (
            <tr key={one.field}>
              <th scope="row">{nameOf(one.field)}</th>
              <td>{before}</td>
              <td>{after}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function values({ before, after }: Difference): { readonly before: string; readonly after: string } {
  const shown = (value: string | undefined) =>
    value === undefined || value === '' ? words.changes.none : value;
  return { before: shown(before), after: shown(after) };
}
