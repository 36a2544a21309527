import type { JobView } from '../../../../preload/contract/index.ts';
import { words } from '../../app/words.ts';
import { Icon } from '../../components/icons.tsx';
import { Panel } from '../../components/screen.tsx';
import styles from './later-steps.module.css';

/** What is done and what the eNB has yet to do, so that nobody leaves too early. */
export function LaterSteps({ job: { laterSteps } }: { readonly job: JobView }) {
  if (laterSteps.length === 0) return null;
  return (
    <Panel title={words.later.title}>
      <p>{words.later.lead}</p>
      <ol className={styles['steps']}>
        <li data-done>
          <Icon name="good" />
          <span>{words.later.names['step-0']}</span>
          <span className={styles['state']}>{words.later.done}</span>
        </li>
        {laterSteps.map((step) => (
          <li key={step}>
            <Icon name="waiting" />
            <span>{words.later.names[step]}</span>
            <span className={styles['state']}>{words.later.notSeen}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
