import type { IdentifiedView } from '../../../../preload/contract/index.ts';
import { words } from '../../app/words.ts';
import { Chip } from '../../components/chip.tsx';
import styles from './job.module.css';

/** The core names what it compares; the words are the page's. */
const subjects: Readonly<Record<string, string>> = words.identify.subjects;

/** On the left what the job expects, on the right what the eNB proved, line by line, equal or not. */
export function Comparison({ comparisons }: Pick<IdentifiedView, 'comparisons'>) {
  return (
    <table className={styles['compare']}>
      <thead>
        <tr>
          <th scope="col">{words.identify.subject}</th>
          <th scope="col">{words.identify.expected}</th>
          <th scope="col">{words.identify.proved}</th>
          <th scope="col">{words.identify.result}</th>
        </tr>
      </thead>
      <tbody>
        {comparisons.map(({ subject, expected, found, isEqual }) => (
          <tr key={subject}>
            <th scope="row">{subjects[subject] ?? subject}</th>
            <td>{expected}</td>
            <td>{found}</td>
            <td>
              <Chip tone={isEqual ? 'good' : 'bad'}>
                {isEqual ? words.identify.equal : words.identify.different}
              </Chip>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
