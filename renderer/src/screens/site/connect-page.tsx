import type { Connection as Allowed } from '../../../../preload/contract/index.ts';
import { hashOf, type PageId } from '../../app/routes.ts';
import { isAllowed, useSession } from '../../app/session.ts';
import { fill, words } from '../../app/words.ts';
import { Chip } from '../../components/chip.tsx';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Screen } from '../../components/screen.tsx';
import { ConnectionDrawing, type Connection } from './connection-drawing.tsx';
import styles from './job.module.css';
import type { JobFacts } from './job-pages.ts';
import { ToJobs } from './obstacles.tsx';
import type { JobContext } from './use-job-facts.ts';

/** The pages that Connect leads to, each with its connection as the policy names it. */
const choices: readonly (readonly [page: PageId & Connection, connection: Allowed])[] = [
  ['ethernet', 'ethernet'],
  ['usb', 'usb'],
  ['drives', 'drive'],
];

/** The connections to the eNB that the policy allows: what each one needs, and what it has found already. */
export function ConnectPage({ context: { facts } }: { readonly context: JobContext }) {
  const { job, training } = facts;
  const { app } = useSession();
  const offered = choices.filter(([, connection]) => isAllowed(app, connection));
  return (
    <Screen
      title={words.connections.title}
      lead={fill(words.connections.lead, { serialNumber: job.serialNumber })}
      secondary={<ToJobs />}
    >
      {app.policy?.fault && <FaultPanel fault={app.policy.fault} />}
      <ul className={styles['connections']}>
        {offered.map(([page]) => (
          <li key={page}>
            <a href={hashOf({ kind: 'job', id: job.id, page })}>
              <ConnectionDrawing connection={page} />
              <span className={styles['choiceText']}>
                <span className={cls('row')}>
                  <strong>{words.connections[page].name}</strong>
                  {training && (
                    <Chip tone="plain" icon="training">
                      {words.training.simulated}
                    </Chip>
                  )}
                </span>
                <span>{words.connections[page].needs}</span>
              </span>
              <span className={styles['there']} role="status">
                {foundBy(page, facts)}
              </span>
            </a>
          </li>
        ))}
      </ul>
      {offered.length < choices.length && !app.policy?.fault && (
        <p>{offered.length > 0 ? words.connections.limited : words.connections.forbidden}</p>
      )}
    </Screen>
  );
}

/** The eNBs that a connection has found, by their own names for themselves. */
function foundBy(page: PageId, { found = [] }: JobFacts): string {
  const labels = found.filter(({ kind }) => kind === page).map(({ label }) => label);
  return labels.length > 0 ? fill(words.connections.found, { labels: labels.join(', ') }) : '';
}
