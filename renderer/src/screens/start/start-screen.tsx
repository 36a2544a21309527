import { useState } from 'react';
import { choices, type Door } from './choices.ts';
import { useSession } from '../../app/session.ts';
import { go } from '../../app/use-route.ts';
import { words } from '../../app/words.ts';
import { FaultPanel } from '../../parts/fault-panel.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Waiting } from '../../parts/loaded.tsx';
import { Screen } from '../../parts/screen.tsx';
import { useAction } from '../../port/use-call.ts';
import styles from './start.module.css';

/** The start screen: three choices. Setup leads back here. */
export function StartScreen() {
  const { again } = useSession();
  const enter = useAction('app.enter');
  const [chosen, setChosen] = useState<Door>();
  const open = async (door: Door) => {
    if (enter.isBusy) return;
    setChosen(door);
    const outcome = await enter.run({ door });
    if (!outcome.ok) return;
    go({ kind: door === 'office' ? 'office' : 'site' }, true);
    again();
  };
  return (
    <Screen title={words.doors.title} lead={words.doors.lead}>
      {enter.fault && <FaultPanel fault={enter.fault} />}
      <div className={styles['choices']}>
        {choices.map(({ door, icon }) => (
          <button
            key={door}
            type="button"
            className={styles['choice']}
            aria-disabled={enter.isBusy}
            onClick={() => void open(door)}
          >
            <Icon name={icon} size={40} />
            <span className={styles['name']}>{words.doors[door].name}</span>
            <span>{words.doors[door].what}</span>
            <span className={styles['needs']}>{words.doors[door].needs}</span>
          </button>
        ))}
      </div>
      {enter.isBusy && (
        <Waiting sentence={chosen === 'training' ? words.doors.startingLab : words.doors.entering} />
      )}
    </Screen>
  );
}
