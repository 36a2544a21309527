import { Button } from '@mantine/core';
import { useState } from 'react';
import type { FileHandle, RunView } from '../../../../preload/contract/index.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { useContextOf } from '../../app/context-line.ts';
import { go } from '../../app/use-route.ts';
import { count, fill, words } from '../../app/words.ts';
import { VerdictSentence } from '../../parts/chip.tsx';
import { cls } from '../../parts/classes.ts';
import { FaultPanel } from '../../parts/fault-panel.tsx';
import { Known } from '../../parts/known.tsx';
import { Bar } from '../../parts/progress.tsx';
import { Panel, Screen } from '../../parts/screen.tsx';
import { TrustRoot } from '../../parts/trust-root.tsx';
import { choose } from '../../port/shell.ts';
import { useAction, useCall } from '../../port/use-call.ts';
import { ToOffice } from './prepare-screen.tsx';
import { RunRows } from './run-rows.tsx';
import { isWorking, pace, partDone, quarterDone, shownRun } from './run-state.ts';

/** An inventory on its way to bundles: checking, the problems, making, the results. */
export function RunScreen({ id }: { readonly id: string }) {
  const asked = useCall('runs.get', { id }, { topics: ['runs'] });
  return <Known asked={asked}>{(run) => <Run run={run} />}</Known>;
}

function Run({ run }: { readonly run: RunView }) {
  const stop = useAction('runs.stop');
  const make = useAction('runs.make');
  const jobs = useAction('jobs.openRun');
  const [isTrusting, setTrusting] = useState(false);
  const [out, setOut] = useState<FileHandle>();
  const { inventory, operator } = run;
  useContextOf(fill(words.run.context, { inventory, operator }));
  const working = isWorking(run);
  useAnnounced(working ? quarterDone(run) : words.runStates[run.state]);
  const good = run.rows - run.refused;
  const fault = run.fault ?? make.fault ?? stop.fault;
  const makeJobs = async () => {
    if ((await jobs.run({ runId: run.id })).ok) go({ kind: 'site' });
  };
  return (
    <Screen
      title={words.run.titles[run.state]}
      secondary={
        working ? (
          <Button variant="default" loading={stop.isBusy} onClick={() => void stop.run({ id: run.id })}>
            {words.run.stop}
          </Button>
        ) : (
          <ToOffice />
        )
      }
      primary={
        <RunAction
          run={run}
          good={good}
          out={out}
          isBusy={make.isBusy || jobs.isBusy}
          make={() => out && void make.run({ id: run.id, out, skipBad: run.refused > 0 })}
          makeJobs={() => void makeJobs()}
        />
      }
    >
      {fault && <FaultPanel fault={fault} />}
      {jobs.fault && (
        <FaultPanel fault={jobs.fault}>
          <Button variant="default" onClick={() => setTrusting(true)}>
            {words.trust.open}
          </Button>
        </FaultPanel>
      )}
      {working ? (
        <Bar
          label={words.run.bars[run.state === 'making' ? 'making' : 'checking']}
          state={pace(run)}
          amount={partDone(run)}
        />
      ) : (
        <VerdictSentence tone={shownRun(run).tone}>{outcomeOf(run, good)}</VerdictSentence>
      )}
      {canBeMade(run) && (
        <Panel title={words.run.out}>
          <div className={cls('row')}>
            <Button
              variant="default"
              onClick={() => void choose('output-folder').then(([folder]) => folder && setOut(folder))}
            >
              {out ? words.run.otherFolder : words.run.chooseFolder}
            </Button>
            {out ? <strong>{out.name}</strong> : <span className={cls('quiet')}>{words.run.outLead}</span>}
          </div>
        </Panel>
      )}
      <RunRows run={run} />
      {isTrusting && <TrustRoot close={() => setTrusting(false)} trusted={jobs.clear} />}
    </Screen>
  );
}

/** What came of it, in one sentence. */
function outcomeOf(run: RunView, good: number): string {
  const values = {
    good: count(good),
    made: count(run.made),
    refused: count(run.refused),
    rows: count(run.rows),
  };
  switch (run.state) {
    case 'checked':
      return fill(
        run.refused === 0 ? words.run.allGood : good === 0 ? words.run.noneGood : words.run.someGood,
        values,
      );
    case 'done':
      return fill(run.refused === 0 ? words.run.allMade : words.run.someMade, values);
    case 'stopped':
      return fill(words.run.stopped, values);
    default:
      return words.runStates[run.state];
  }
}

/** Whether there are rows that still can be made: after checking, and also after a run that came to no good end. */
function canBeMade({ state, rows, refused }: RunView): boolean {
  return (state === 'checked' || state === 'stopped' || state === 'failed') && rows > refused;
}

interface RunActionProps {
  readonly run: RunView;
  readonly good: number;
  readonly out: FileHandle | undefined;
  readonly isBusy: boolean;
  readonly make: () => void;
  readonly makeJobs: () => void;
}

/** The one thing to do next; jobs can be made of what there is of a run that was stopped, too. */
function RunAction({ run, good, out, isBusy, make, makeJobs }: RunActionProps) {
  const canMake = canBeMade(run);
  const hasBundles = run.made > 0 && (run.state === 'done' || run.state === 'stopped');
  const makeWords =
    run.state === 'stopped' ? words.run.goOn : run.refused > 0 ? words.run.makeGood : words.run.makeAll;
  return (
    <>
      {hasBundles && (
        <Button variant={canMake ? 'default' : 'filled'} loading={isBusy} onClick={makeJobs}>
          {words.run.makeJobs}
        </Button>
      )}
      {canMake && (
        <Button disabled={!out} loading={isBusy} onClick={make}>
          {fill(makeWords, { good: count(good) })}
        </Button>
      )}
    </>
  );
}
