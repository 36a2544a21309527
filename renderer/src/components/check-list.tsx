import type { CheckView } from '../../../preload/contract/index.ts';
import { count, fill, words } from '../app/words.ts';
import { cls } from './classes.ts';
import { Icon } from './icons.tsx';

/** "15 of 16 checks passed, 1 not checked". */
export function checksSummary(checks: readonly CheckView[]): string {
  const { passed, all, failed, notMade } = words.checks.summary;
  const number = (wanted: boolean | null) => checks.filter(({ ok }) => ok === wanted).length;
  const values = { passed: count(number(true)), all: count(checks.length) };
  const rest = [
    [failed, number(false)],
    [notMade, number(null)],
  ] as const;
  const said = number(true) === checks.length ? all : passed;
  return [
    fill(said, values),
    ...rest.flatMap(([sentence, of]) => (of > 0 ? [fill(sentence, { count: count(of) })] : [])),
  ].join(', ');
}

/** The eNB's checks by name: passed, failed, or skipped and why. */
export function CheckList({ checks }: { readonly checks: readonly CheckView[] }) {
  return (
    <ul className={cls('checks')}>
      {checks.map(({ code, sentence, ok, why }) => (
        <li key={code}>
          <span className={cls(ok === null ? 'quiet' : ok ? 'goodInk' : 'badInk')}>
            <Icon name={ok === null ? 'waiting' : ok ? 'good' : 'bad'} />
          </span>
          <span>
            {sentence}
            <span className={cls('quiet', 'small')}>
              {': '}
              {why ?? (ok === null ? words.checks.notMade : ok ? words.checks.passed : words.checks.failed)}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}
