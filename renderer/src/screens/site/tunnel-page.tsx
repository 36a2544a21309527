import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { JobView, StepView } from '../../../../preload/contract/index.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { go } from '../../app/use-route.ts';
import { fill, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { GatedButton } from '../../components/gated-button.tsx';
import { Facts, Folded, Panel, Screen } from '../../components/screen.tsx';
import { useAction } from '../../port/use-call.ts';
import { IpsecKind } from './ipsec-kind.tsx';
import { enbAddress } from './job-pages.ts';
import { PathPanel } from './path-panel.tsx';
import { firstGateways, pathSummary } from './path-state.ts';
import { PathTable } from './path-table.tsx';
import { leftBy, timesOf } from './step-state.ts';
import { Milestones, TunnelProgress } from './tunnel-progress.tsx';
import { tunnelOutcome, tunnelStep, tunnelTones, type TunnelOutcome } from './tunnel-state.ts';
import type { JobContext } from './use-job-facts.ts';
import { usePathCheck } from './use-path-check.ts';

/** Step 0.5: the path to the security gateway is checked, then the eNB sets up its first tunnel. */
export function TunnelPage({ context: { facts } }: { readonly context: JobContext }) {
  const { job } = facts;
  const address = enbAddress(facts.address);
  const outcome = tunnelOutcome(job.steps);
  if (address === undefined && outcome !== 'done') return <Away job={job} />;
  return <Tunnel job={job} address={address} outcome={outcome} />;
}

interface TunnelProps {
  readonly job: JobView;
  readonly address: string | undefined;
  readonly outcome: TunnelOutcome | undefined;
}

function Tunnel({ job, address, outcome }: TunnelProps) {
  const { id, steps, path } = job;
  const step = tunnelStep(steps);
  const follow = useAction('jobs.follow');
  const stop = useAction('work.stop');
  const check = usePathCheck(job, address, outcome === undefined);
  const run = (isStart: boolean) =>
    address !== undefined && void follow.run({ id, address, ...(isStart && { start: 'initial-ipsec' }) });
  const fault = steps.work ? undefined : (steps.fault ?? follow.fault ?? stop.fault);
  // The path says nothing new about a tunnel that is on its way.
  const isUnderWay = outcome === 'starting' || step?.state === 'running';
  const { title, lead } = outcome ? words.tunnel.outcomes[outcome] : words.tunnel;
  const values = { serialNumber: job.serialNumber, fixer: step?.fault?.mendedBy ?? '' };
  // While it runs, each event is announced instead.
  useAnnounced(outcome && !steps.work ? fill(title, values) : undefined);
  return (
    <Screen
      title={fill(title, values)}
      lead={fill(lead, values)}
      {...(outcome && { tone: tunnelTones[outcome] })}
      secondary={
        steps.work ? (
          <Button variant="default" onClick={() => steps.work && void stop.run({ id: steps.work.id })}>
            {words.tunnel.stop}
          </Button>
        ) : (
          outcome !== 'done' && <ToFinish job={job} address={address} isSkipping />
        )
      }
      primary={primaryOf({
        job,
        address,
        outcome,
        run,
        isChecking: check.isBusy,
        isBusy: follow.isBusy || steps.work !== undefined,
      })}
    >
      {fault && <FaultPanel fault={fault} />}
      {outcome && step && <Outcome job={job} step={step} outcome={outcome} />}
      {outcome === 'done'
        ? path && (
            <Folded title={words.tunnel.checks} isOpen={pathSummary(path) === 'troubled'}>
              <PathTable path={path} />
            </Folded>
          )
        : !isUnderWay && <PathPanel path={path} check={check} told={step?.fault?.code} />}
      <IpsecKind steps={steps} />
    </Screen>
  );
}

/** What became of the step: live while it runs, then how it ended and why. */
function Outcome({
  job,
  step,
  outcome,
}: {
  readonly job: JobView;
  readonly step: StepView;
  readonly outcome: TunnelOutcome;
}) {
  const left = leftBy(step);
  switch (outcome) {
    case 'starting':
      return <TunnelProgress id={job.id} step={{ step: step.step, state: 'waiting', isSigned: false }} />;
    case 'running':
      return <TunnelProgress id={job.id} step={step} />;
    case 'done':
      return (
        <Panel>
          <Facts
            facts={[
              [words.tunnel.when, timesOf(step)],
              [words.tunnel.proof, words.tunnel.proofs[step.isSigned ? 'signed' : 'reported']],
            ]}
          />
        </Panel>
      );
    case 'gone':
    case 'failed':
    case 'failedElsewhere':
      return (
        <>
          {step.fault && <FaultPanel fault={step.fault} />}
          <Panel title={words.tunnel.reached}>
            <Milestones step={step} isLost={outcome === 'gone'} />
            <Facts facts={[[words.tunnel.gateway, gatewaysOf(job, step)]]} />
            {left !== undefined && <p className={cls('quiet')}>{left}</p>}
          </Panel>
        </>
      );
  }
}

/** The gateways that the eNB has asked, unless the fault names the one. */
function gatewaysOf({ path }: JobView, { fault }: StepView): string | undefined {
  return fault?.where === undefined ? firstGateways(path).join(', ') || undefined : undefined;
}

interface PrimaryProps extends TunnelProps {
  /** Asks the eNB to start the step, or only how it is. */
  readonly run: (isStart: boolean) => void;
  readonly isChecking: boolean;
  readonly isBusy: boolean;
}

/** The one action that helps now. While the step runs, nothing but time does. */
function primaryOf({ job, address, outcome, run, isChecking, isBusy }: PrimaryProps): ReactNode {
  switch (outcome) {
    case 'starting':
    case 'running':
      return undefined;
    case 'gone':
      return (
        <Button loading={isBusy} onClick={() => run(false)}>
          {words.steps.look}
        </Button>
      );
    case 'done':
      return <ToFinish job={job} address={address} />;
    default:
      return (
        <GatedButton
          reason={isChecking ? words.tunnel.waitForChecks : undefined}
          isBusy={isBusy}
          press={() => run(true)}
        >
          {words.tunnel[outcome === undefined ? 'go' : 'again']}
        </GatedButton>
      );
  }
}

function ToFinish({
  job: { id, steps },
  address,
  isSkipping,
}: Pick<TunnelProps, 'job' | 'address'> & { readonly isSkipping?: true }) {
  const finish = () => go({ kind: 'job', id, page: 'finish', ...(address !== undefined && { address }) });
  return (
    <Button {...(isSkipping && { variant: 'default' })} onClick={finish}>
      {words.tunnel[isSkipping ? (steps.needsTunnel ? 'later' : 'skip') : 'finish']}
    </Button>
  );
}

/** The configuration came on a drive, or nobody knows where the eNB is: without a cable, it cannot be asked. */
function Away({ job }: { readonly job: JobView }) {
  const { title, lead, what, steps } = words.tunnel.away;
  return (
    <Screen
      title={title}
      lead={lead}
      secondary={<ToFinish job={job} address={undefined} isSkipping />}
      primary={
        <Button onClick={() => go({ kind: 'job', id: job.id, page: 'connect' })}>
          {words.job.toConnect}
        </Button>
      }
    >
      <Panel title={what}>
        <ol className={cls('list')}>
          {steps.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ol>
      </Panel>
      <IpsecKind steps={job.steps} />
    </Screen>
  );
}
