import type { CheckView } from '../../../preload/contract/index.ts';
import { words } from '../app/words.ts';
import { cls } from './classes.ts';
import { Icon } from './icons.tsx';

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
