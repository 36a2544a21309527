import { Button } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import type { TrainingView } from '../../../../preload/contract/index.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { useKept } from '../../app/kept.ts';
import { useSession } from '../../app/session.ts';
import { fill, words } from '../../app/words.ts';
import { Chip } from '../../components/chip.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Icon } from '../../components/icons.tsx';
import { useAction, useCall } from '../../port/use-call.ts';
import styles from './training.module.css';
import { TriedList } from './training-tried.tsx';

interface WithTrainingPanelProps {
  /** The eNB of the job. */
  readonly serialNumber: string;
  readonly children: ReactNode;
}

/** A page of a job. In training, the panel of the simulated devices is below it. */
export function WithTrainingPanel({ serialNumber, children }: WithTrainingPanelProps) {
  const { training } = useSession().app;
  if (!training) return children;
  return (
    <div className={styles['withPanel']}>
      {children}
      <TrainingPanel serialNumber={serialNumber} />
    </div>
  );
}

/** One line, which opens to the simulated stick and the faults. */
function TrainingPanel({ serialNumber }: { readonly serialNumber: string }) {
  const training = useCall('training.get', {}, { topics: ['training', 'jobs'] });
  const [isOpen, setOpen] = useKept('trainingPanel', false);
  if (training.state !== 'known') return null;
  const { fault } = training.value;
  return (
    <details
      className={styles['panel']}
      open={isOpen}
      onToggle={({ currentTarget: panel }) => {
        if (panel.open && !isOpen) panel.scrollIntoView({ block: 'end' });
        setOpen(panel.open);
      }}
    >
      <summary>
        <span className={styles['fold']}>
          <Icon name="fold" size={16} />
        </span>
        <Icon name="training" />
        {words.training.summary}
        {fault && (
          <Chip tone="warn">{fill(words.training.active, { fault: words.training.kinds[fault].name })}</Chip>
        )}
      </summary>
      <div className={styles['parts']}>
        <div className={styles['part']}>
          <Stick view={training.value} own={serialNumber} />
          <h2>{words.training.tried}</h2>
          <TriedList tried={training.value.tried} />
        </div>
        <Faults view={training.value} />
      </div>
    </details>
  );
}

/** Where the stick is, and what a hand would do with it now. */
function Stick({ view: { stick, enbs }, own }: { readonly view: TrainingView; readonly own: string }) {
  const move = useAction('training.moveStick');
  const { places, read, pull, plug, bringBack } = words.training;
  const { at } = stick;
  const place = at === 'laptop' || at === 'ejected' || at === 'hand' ? at : 'inEnb';
  const sentence = fill(stick.read ? read[stick.read] : places[place], { serialNumber: at });
  useAnnounced(sentence);
  // The eNB of the job comes first.
  const others = enbs.filter((enb) => enb !== own);
  const moves: readonly (readonly [to: string, label: string])[] =
    place === 'hand'
      ? [
          ...[own, ...others].map((enb) => [enb, fill(plug, { serialNumber: enb })] as const),
          ['laptop', bringBack],
        ]
      : place === 'inEnb'
        ? [['laptop', bringBack]]
        : [['hand', pull]];
  return (
    <>
      <h2>{words.training.stick}</h2>
      <p>{sentence}</p>
      {move.fault && <FaultPanel fault={move.fault} />}
      <div className={styles['buttons']}>
        {moves.map(([to, label]) => (
          <Button
            key={to}
            variant={others.includes(to) ? 'subtle' : 'default'}
            onClick={() => void move.run({ to })}
          >
            {label}
          </Button>
        ))}
      </div>
    </>
  );
}

/** The faults that the simulated devices can have: one at a time, with what to try and what to expect. */
function Faults({ view: { fault, faults } }: { readonly view: TrainingView }) {
  const choose = useAction('training.setFault');
  const { kinds, normal, only, backToNormal } = words.training;
  // A radio button shows at once what the user has chosen, and not when the core has answered.
  const [asked, setAsked] = useState(fault);
  useEffect(() => setAsked(fault), [fault]);
  const set = async (next: TrainingView['fault']) => {
    setAsked(next);
    if (!(await choose.run({ fault: next })).ok) setAsked(fault);
  };
  const chosen = fault && kinds[fault];
  const attempt = chosen && fill(words.training.try, { act: chosen.act });
  const result = chosen && fill(words.training.see, { result: chosen.result });
  useAnnounced(chosen ? `${attempt} ${result}` : undefined);
  return (
    <fieldset className={styles['part']}>
      <legend>{words.training.faults}</legend>
      <p>{only}</p>
      {choose.fault && <FaultPanel fault={choose.fault} />}
      <div className={styles['faults']}>
        {[null, ...faults].map((one) => (
          <label key={one}>
            <input type="radio" name="fault" checked={asked === one} onChange={() => void set(one)} />
            {one ? kinds[one].name : normal}
          </label>
        ))}
      </div>
      {chosen && (
        <div className={styles['chosen']}>
          <div>
            <p>{attempt}</p>
            <p>{result}</p>
          </div>
          <Button variant="default" onClick={() => void set(null)}>
            {backToNormal}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
