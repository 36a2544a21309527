import { Button } from '@mantine/core';
import type { StepsView, StepView } from '../../../../preload/contract/index.ts';
import { isRequired } from '../../../../preload/contract/steps.ts';
import { fill, localTime, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Waiting } from '../../components/loaded.tsx';
import { Panel } from '../../components/screen.tsx';
import styles from './later-steps.module.css';
import { IpsecKind } from './ipsec-kind.tsx';
import { StepRow } from './step-row.tsx';
import { amountOf, hasEnded, leftBy, startedBy, startingStep, stateWords, timesOf } from './step-state.ts';

interface LaterStepsProps {
  readonly steps: StepsView;
  /** Asks the eNB again. Absent where that is the screen's primary action. */
  readonly look: { readonly word: string; readonly run: () => void } | undefined;
  /** Ends the connection that follows the steps. */
  readonly stop: () => void;
}

/** The eNB's steps, live while it is followed: what is done, what runs, what failed and why. */
export function LaterSteps({ steps, look, stop }: LaterStepsProps) {
  const { list, needsTunnel, reportedAt, isFromReceipt, work } = steps;
  const started = startedBy(work);
  return (
    <Panel
      title={words.steps.title}
      aside={
        work ? (
          <Button variant="default" onClick={stop}>
            {words.steps.stop}
          </Button>
        ) : (
          look && (
            <Button variant="default" onClick={look.run}>
              {look.word}
            </Button>
          )
        )
      }
    >
      <ol className={styles['steps']}>
        <StepRow
          state="done"
          name={words.steps.stepZero}
          said={words.steps.states.done}
          more={words.steps.signed}
        />
        {list.map((step) => (
          <Step
            key={step.step}
            step={step.step === started ? startingStep(started) : step}
            isFollowed={work !== undefined}
            isStarting={step.step === started}
            isKnown={reportedAt !== undefined || started !== undefined}
            isRequired={isRequired(step.step, needsTunnel)}
          />
        ))}
      </ol>
      {work?.phase === 'connecting' && <Waiting sentence={words.steps.connecting} />}
      <p className={cls('quiet', 'small')}>
        {reportedAt === undefined
          ? words.steps.notAsked
          : fill(words.steps[isFromReceipt ? 'sourceReceipt' : 'source'], { time: localTime(reportedAt) })}
        {!isFromReceipt &&
          list.some((step) => hasEnded(step) && step.isSigned) &&
          ` ${words.steps.sourceSigned}`}
      </p>
      <IpsecKind steps={steps} />
    </Panel>
  );
}

interface StepProps {
  readonly step: StepView;
  readonly isFollowed: boolean;
  /** The eNB is asked to start it, and nothing of it moves yet. */
  readonly isStarting: boolean;
  /** The eNB has reported it. */
  readonly isKnown: boolean;
  /** The configuration requires it before the next one. */
  readonly isRequired: boolean;
}

function Step({ step, isFollowed, isStarting, isKnown, isRequired }: StepProps) {
  const name = words.steps.names[step.step];
  const times = timesOf(step);
  const standing = hasEnded(step) ? words.steps[step.isSigned ? 'signed' : 'reported'] : undefined;
  const more = [times, standing].filter((part) => part !== undefined).join(', ');
  const isLost = step.state === 'running' && !isFollowed;
  const isSkipped = step.state === 'waiting' && !isRequired;
  const said = isSkipped
    ? words.steps.notRequired
    : isLost
      ? fill(words.steps.lastSeen, { state: stateWords(step) })
      : stateWords(step);
  const left = step.state === 'failed' || isLost ? leftBy(step) : undefined;
  return (
    <>
      <StepRow
        state={step.state}
        name={name}
        said={isKnown || isSkipped ? said : words.steps.unknown}
        more={more}
        bar={step.state === 'running' && isFollowed && !isStarting ? amountOf(step) : undefined}
      />
      {(step.fault !== undefined || left !== undefined) && (
        <li className={styles['under']}>
          {step.fault && <FaultPanel fault={step.fault} />}
          {left !== undefined && <p>{left}</p>}
        </li>
      )}
    </>
  );
}
