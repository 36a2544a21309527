import { useState } from 'react';
import { choices, type Mode } from './choices.ts';
import { homeOf } from '../../app/routes.ts';
import { useSession } from '../../app/session.ts';
import { go } from '../../app/use-route.ts';
import { words } from '../../app/words.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Icon } from '../../components/icons.tsx';
import { Waiting } from '../../components/loaded.tsx';
import { Screen } from '../../components/screen.tsx';
import { useAction } from '../../port/use-call.ts';
import styles from './start.module.css';

/** The start screen: what people do with Siteseal. Setup leads back here. */
export function StartScreen() {
  const { again } = useSession();
  const enter = useAction('app.enter');
  const [chosen, setChosen] = useState<Mode>();
  const open = async (mode: Mode) => {
    if (enter.isBusy) return;
    setChosen(mode);
    const outcome = await enter.run({ mode });
    if (!outcome.ok) return;
    go(homeOf(mode), true);
    again();
  };
  return (
    <Screen title={words.start.title} lead={words.start.lead}>
      {enter.fault && <FaultPanel fault={enter.fault} />}
      <div className={styles['choices']}>
        {choices.map(({ mode, icon }) => (
          <button
            key={mode}
            type="button"
            className={styles['choice']}
            aria-disabled={enter.isBusy}
            onClick={() => void open(mode)}
          >
            <Icon name={icon} size={40} />
            <span className={styles['name']}>{words.start[mode].name}</span>
            <span>{words.start[mode].what}</span>
            <span className={styles['needs']}>{words.start[mode].needs}</span>
          </button>
        ))}
      </div>
      {enter.isBusy && (
        <Waiting sentence={chosen === 'training' ? words.start.startingLab : words.start.entering} />
      )}
    </Screen>
  );
}
