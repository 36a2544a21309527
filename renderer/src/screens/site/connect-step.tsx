import { hashOf, type StepId } from '../../app/routes.ts';
import { fill, words } from '../../app/words.ts';
import { Icon, type IconName } from '../../parts/icons.tsx';
import { Screen } from '../../parts/screen.tsx';
import styles from './job.module.css';
import type { JobFacts } from './job-steps.ts';
import { ToJobs } from './obstacles.tsx';
import type { JobContext } from './use-job-facts.ts';

interface Way {
  readonly step: StepId & keyof typeof words.ways;
  readonly icon: IconName;
  readonly inTraining: boolean;
}

const ways: readonly Way[] = [
  { step: 'ethernet', icon: 'ethernet', inTraining: true },
  { step: 'usb', icon: 'usb', inTraining: false },
  { step: 'drives', icon: 'drive', inTraining: false },
];

/** How the eNB is reached: each way with what it needs, and what is there already. */
export function ConnectStep({ context: { facts } }: { readonly context: JobContext }) {
  const { job, training } = facts;
  return (
    <Screen
      title={words.ways.title}
      lead={fill(words.ways.lead, { serialNumber: job.serialNumber })}
      secondary={<ToJobs />}
    >
      <ul className={styles['ways']}>
        {ways
          .filter(({ inTraining }) => inTraining || !training)
          .map(({ step, icon }) => (
            <li key={step}>
              <a href={hashOf({ kind: 'job', id: job.id, step })}>
                <Icon name={icon} size={40} />
                <span className={styles['choiceText']}>
                  <strong>{words.ways[step].name}</strong>
                  <span>{words.ways[step].needs}</span>
                </span>
                <span className={styles['there']} role="status">
                  {foundBy(step, facts)}
                </span>
              </a>
            </li>
          ))}
      </ul>
    </Screen>
  );
}

/** Which eNBs are there by a way already, by the names that they give themselves. */
function foundBy(step: StepId, { found = [] }: JobFacts): string {
  const labels = found.filter(({ kind }) => kind === step).map(({ label }) => label);
  return labels.length > 0 ? fill(words.ways.found, { labels: labels.join(', ') }) : '';
}
