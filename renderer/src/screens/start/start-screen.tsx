import { Title } from '@mantine/core';
import { useState } from 'react';
import { homeOf } from '../../app/routes.ts';
import { isAllowed, useSession } from '../../app/session.ts';
import { go } from '../../app/use-route.ts';
import { words } from '../../app/words.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Icon, Mark } from '../../components/icons.tsx';
import { Waiting } from '../../components/loaded.tsx';
import { useScreen } from '../../components/screen.tsx';
import { useAction } from '../../port/use-call.ts';
import { choices, type Mode } from './choices.ts';
import styles from './start.module.css';

/** The start screen: what Siteseal is, and what the user does with it. Setup leads back here. */
export function StartScreen() {
  const { app, again } = useSession();
  const enter = useAction('app.enter');
  const [chosen, setChosen] = useState<Mode>();
  const heading = useScreen(words.start.title);
  const hasTraining = isAllowed(app, 'training');
  const offered = choices.filter(({ mode }) => mode !== 'training' || hasTraining);
  const open = async (mode: Mode) => {
    if (enter.isBusy) return;
    setChosen(mode);
    const outcome = await enter.run({ mode });
    if (!outcome.ok) return;
    go(homeOf(mode), true);
    again();
  };
  return (
    <div className={styles['start']}>
      <header className={styles['welcome']}>
        <Mark size={72} />
        <Title order={1} ref={heading} tabIndex={-1} className={styles['title']}>
          {words.start.title}
        </Title>
        <p className={styles['lead']}>{words.start.lead}</p>
      </header>
      {enter.fault && <FaultPanel fault={enter.fault} />}
      <div className={styles['choices']}>
        {offered.map((choice) => (
          <button
            key={choice.mode}
            type="button"
            className={styles[choice.isQuiet ? 'quiet' : 'choice']}
            aria-disabled={enter.isBusy}
            onClick={() => void open(choice.mode)}
          >
            <Icon name={choice.icon} size={choice.isQuiet ? 24 : 40} />
            <span className={styles['text']}>
              <span className={styles['name']}>{words.start[choice.mode].name}</span>
              <span className={styles['what']}>{words.start[choice.mode].what}</span>
            </span>
          </button>
        ))}
      </div>
      {app.policy?.fault && <FaultPanel fault={app.policy.fault} />}
      <div className={styles['foot']}>
        {enter.isBusy ? (
          <Waiting sentence={chosen === 'training' ? words.start.startingLab : words.start.entering} />
        ) : (
          words.start.later
        )}
        {!hasTraining && !app.policy?.fault && <span>{words.start.trainingOff}</span>}
      </div>
    </div>
  );
}
