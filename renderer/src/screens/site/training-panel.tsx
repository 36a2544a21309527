import { Button } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import type { TrainingView } from '../../../../preload/contract/index.ts';
import { announce } from '../../app/announce.tsx';
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
  /** The eNB of the job, if it is a page of a job. */
  readonly serialNumber?: string;
  readonly children: ReactNode;
}

/** A screen for which devices matter. In training, the panel of the simulated ones is below it. */
export function WithTrainingPanel({ serialNumber, children }: WithTrainingPanelProps) {
  const { training } = useSession().app;
  if (!training) return children;
  return (
    <div className={styles['withPanel']}>
      {children}
      <TrainingPanel own={serialNumber} />
    </div>
  );
}

/** One line, which opens to the simulated stick and the faults. */
function TrainingPanel({ own }: { readonly own: string | undefined }) {
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
          <Stick view={training.value} own={own} />
          <h2>{words.training.tried}</h2>
          <TriedList tried={training.value.tried} />
        </div>
        <Faults view={training.value} />
      </div>
    </details>
  );
}

interface StickProps {
  readonly view: TrainingView;
  readonly own: string | undefined;
}

type Place = keyof typeof words.training.places;

function placeOf({ at }: TrainingView['stick']): Place {
  return at === 'laptop' || at === 'ejected' || at === 'hand' ? at : 'inEnb';
}

function sentenceOf(stick: TrainingView['stick']): string {
  const { places, read } = words.training;
  const sentence = stick.read ? read[stick.read] : places[placeOf(stick)];
  return fill(sentence, { serialNumber: stick.at });
}

/** What a hand can do with the stick: where to move it, and the words for that. */
function movesFrom(place: Place, enbs: readonly string[]): readonly (readonly [to: string, act: string])[] {
  const { pull, plug, bringBack } = words.training;
  const back = ['laptop', bringBack] as const;
  switch (place) {
    case 'hand':
      return [...enbs.map((enb) => [enb, fill(plug, { serialNumber: enb })] as const), back];
    case 'inEnb':
      return [back];
    default:
      return [['hand', pull]];
  }
}

/** Where the stick is, and what a hand would do with it now. */
function Stick({ view: { stick, enbs }, own }: StickProps) {
  const move = useAction('training.moveStick');
  // The eNB of the job comes first.
  const others = enbs.filter((enb) => enb !== own);
  const run = async (to: string) => {
    const moved = await move.run({ to });
    if (moved.ok) announce(sentenceOf(moved.value.stick));
  };
  return (
    <>
      <h2>{words.training.stick}</h2>
      <p>{sentenceOf(stick)}</p>
      {move.fault && <FaultPanel fault={move.fault} />}
      <div className={styles['buttons']}>
        {movesFrom(placeOf(stick), own === undefined ? enbs : [own, ...others]).map(([to, act]) => (
          <Button
            key={to}
            variant={own !== undefined && others.includes(to) ? 'subtle' : 'default'}
            onClick={() => void run(to)}
          >
            {act}
          </Button>
        ))}
      </div>
    </>
  );
}

/** What to try with a fault, and what should then be seen. */
function adviceOf(fault: NonNullable<TrainingView['fault']>): readonly string[] {
  const { act, result } = words.training.kinds[fault];
  return [fill(words.training.try, { act }), fill(words.training.see, { result })];
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
    if ((await choose.run({ fault: next })).ok) announce(next ? adviceOf(next).join(' ') : normal);
    else setAsked(fault);
  };
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
      {fault && (
        <div className={styles['chosen']}>
          <div>
            {adviceOf(fault).map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
          </div>
          <Button variant="default" onClick={() => void set(null)}>
            {backToNormal}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
