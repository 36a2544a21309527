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
  const [out, setOut] = useState<FileHandle>();
  const { inventory, operator } = run;
  useContextOf(fill(words.run.context, { inventory, operator }));
  const working = isWorking(run);
  useAnnounced(working ? quarterDone(run) : words.runStates[run.state]);
  const good = run.rows - run.refused;
  const fault = run.fault ?? make.fault ?? stop.fault;
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
          isBusy={make.isBusy}
          make={() => out && void make.run({ id: run.id, out, skipBad: run.refused > 0 })}
        />
      }
    >
      {fault && <FaultPanel fault={fault} />}
      {working ? (
        <Bar
          label={words.run.bars[run.state === 'making' ? 'making' : 'checking']}
          state={pace(run)}
          amount={partDone(run)}
        />
      ) : (
        <VerdictSentence tone={shownRun(run).tone}>{outcomeOf(run, good)}</VerdictSentence>
      )}
      {run.state === 'checked' && good > 0 && (
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

interface RunActionProps {
  readonly run: RunView;
  readonly good: number;
  readonly out: FileHandle | undefined;
  readonly isBusy: boolean;
  readonly make: () => void;
}

/** The one thing to do next. */
function RunAction({ run, good, out, isBusy, make }: RunActionProps) {
  if (run.state === 'checked' && good > 0) {
    return (
      <Button disabled={!out} loading={isBusy} onClick={make}>
        {fill(run.refused > 0 ? words.run.makeGood : words.run.makeAll, { good: count(good) })}
      </Button>
    );
  }
  if ((run.state === 'done' || run.state === 'stopped') && run.made > 0) return <MakeJobs run={run} />;
  return null;
}

function MakeJobs({ run }: { readonly run: RunView }) {
  const open = useAction('jobs.openRun');
  const makeJobs = async () => {
    if ((await open.run({ runId: run.id })).ok) go({ kind: 'site' });
  };
  return (
    <>
      {open.fault && <FaultPanel fault={open.fault} />}
      <Button loading={open.isBusy} onClick={() => void makeJobs()}>
        {words.run.makeJobs}
      </Button>
    </>
  );
}
