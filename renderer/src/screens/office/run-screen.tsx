import { Button } from '@mantine/core';
import type { RunView } from '../../../../preload/contract/index.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { useContextOf } from '../../app/context-line.ts';
import { go, useIsHere } from '../../app/use-route.ts';
import { count, fill, words } from '../../app/words.ts';
import { VerdictSentence } from '../../components/chip.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { OpenedBundlesPanel } from '../../components/opened-bundles.tsx';
import { Bar } from '../../components/progress.tsx';
import { Screen } from '../../components/screen.tsx';
import { handOver, useOpening, type Opened } from '../../components/use-opening.ts';
import { useAction, useCall } from '../../port/use-call.ts';
import { useJobList } from '../../components/job-list.ts';
import { GatedButton } from '../../components/gated-button.tsx';
import { LockedKeys } from './locked-keys.tsx';
import styles from './office.module.css';
import { ToOffice } from './prepare-screen.tsx';
import { RunFolder } from './run-folder.tsx';
import { RunRows } from './run-rows.tsx';
import {
  announcementOf,
  barLabel,
  canBeMade,
  headOf,
  isToChoose,
  isWorking,
  needed,
  pace,
  partDone,
  placeOfCheck,
  shownRun,
  unexpected,
} from './run-state.ts';

/** An inventory being turned into bundles: checking, the problems, making, the results. */
export function RunScreen({ id }: { readonly id: string }) {
  const asked = useCall('runs.get', { id }, { topics: ['runs', 'operators'] });
  return <Loaded answer={asked}>{(run) => <Run run={run} />}</Loaded>;
}

function Run({ run }: { readonly run: RunView }) {
  const { id, inventory, operator } = run;
  const stop = useAction('work.stop');
  const pause = useAction('work.setPaused');
  const folder = useAction('runs.setFolder');
  const make = useAction('runs.make');
  const again = useAction('runs.checkAgain');
  const jobs = useOpening();
  const jobList = useJobList();
  const isHere = useIsHere();
  useContextOf(fill(words.run.context, { inventory, operator }));
  useAnnounced(announcementOf(run));
  const working = isWorking(run);
  const fault = unexpected(run.fault) ?? make.fault ?? again.fault ?? pause.fault ?? stop.fault;
  const { title, lead } = headOf(run);
  const { tone } = shownRun(run);
  const makeBundles = (onlyChanged: boolean) => void make.run({ id, skipBad: run.refused > 0, onlyChanged });
  const checkAgain = async () => {
    const checked = await again.run({ id });
    if (checked.ok && isHere()) go({ kind: 'run', id: checked.value.id });
  };
  // What was refused is shown here, beside what solves it.
  const showIfAll = (opened: Opened | undefined) => {
    if (opened?.result.refused.length === 0) showJobs(opened);
  };
  const makeJobs = async () => showIfAll(await jobs.open({ runId: id }));
  const showJobs = (opened: Opened) => {
    if (!isHere()) return;
    if (opened.result.added.length > 0) jobList.showNewest();
    handOver(opened);
    go({ kind: 'site' });
  };
  const place = placeOfCheck(run);
  const checkButton = (
    <Button
      variant={place === 'bar' && !canBeMade(run) && run.locked.length === 0 ? 'filled' : 'default'}
      loading={again.isBusy}
      onClick={() => void checkAgain()}
    >
      {words.run.checkAgain}
    </Button>
  );
  return (
    <Screen
      isWide
      title={title}
      lead={lead}
      {...(!working && tone !== 'plain' && { tone })}
      secondary={
        working ? (
          <Button
            variant="default"
            loading={stop.isBusy}
            onClick={() => run.work && void stop.run({ id: run.work.id })}
          >
            {words.run.stop}
          </Button>
        ) : (
          <ToOffice />
        )
      }
      primary={
        <>
          {place === 'bar' && checkButton}
          {run.work && (
            <Button
              variant={run.work.isPaused ? 'filled' : 'default'}
              loading={pause.isBusy}
              onClick={() =>
                run.work && void pause.run({ id: run.work.id, paused: run.work.isPaused !== true })
              }
            >
              {run.work.isPaused ? words.run.goOn : words.run.pause}
            </Button>
          )}
          <RunActions
            run={run}
            isBusy={make.isBusy || jobs.isBusy || again.isBusy}
            make={makeBundles}
            makeJobs={() => void makeJobs()}
          />
        </>
      }
    >
      <div className={styles['cards']}>
        {fault && <FaultPanel fault={fault} />}
        {run.warnings.map(({ code, message }) => (
          <VerdictSentence key={code} tone="warn">
            {message}
          </VerdictSentence>
        ))}
        {jobs.fault && <FaultPanel fault={jobs.fault} />}
        {jobs.opened && (
          <OpenedBundlesPanel
            result={jobs.opened.result}
            isBusy={jobs.isBusy}
            again={() => void jobs.again().then(showIfAll)}
            showJobs={() => jobs.opened && showJobs(jobs.opened)}
          />
        )}
        {run.locked.length > 0 && (
          <NeededKeys
            run={run}
            unlocked={() =>
              canBeMade(run) && run.folder !== undefined ? makeBundles(run.onlyChanged) : void checkAgain()
            }
          />
        )}
        {working && (
          <Bar label={barLabel(run)} state={pace(run.work, run.refused)} amount={partDone(run.work)} />
        )}
        {!working && <RunFolder run={run} choice={folder} checkAgain={checkButton} />}
      </div>
      <RunRows run={run} checkAgain={place === 'rows' && checkButton} />
    </Screen>
  );
}

/** The keys that the run waits for. Once they are unlocked, it continues automatically. */
function NeededKeys({ run, unlocked }: { readonly run: RunView; readonly unlocked: () => void }) {
  const operators = useCall('operators.list', {}, { topics: ['operators'] });
  return (
    <Loaded answer={operators}>
      {(known) => {
        const operator = known.find(({ id }) => id === run.operatorId);
        return (
          operator && <LockedKeys operator={operator} vendors={run.locked} unlocked={unlocked} areNext />
        );
      }}
    </Loaded>
  );
}

interface RunActionsProps {
  readonly run: RunView;
  readonly isBusy: boolean;
  readonly make: (onlyChanged: boolean) => void;
  readonly makeJobs: () => void;
}

/** What a button says that makes every good row, or continues. */
function makeWords(run: RunView): string {
  const { state, refused } = run;
  if (state === 'stopped') return words.run.goOn;
  if (isToChoose(run)) return words.run.makeEvery;
  return refused > 0 ? words.run.makeGood : words.run.makeAll;
}

/** What to do next, the most likely last. A stopped run can also be turned into jobs, as far as it got. */
function RunActions({ run, isBusy, make, makeJobs }: RunActionsProps) {
  const { made, refused, rows, folder, locked } = run;
  if (isWorking(run)) return null;
  const canMake = canBeMade(run);
  // Some eNBs need no bundle, and the user chooses whether to make those too.
  const isCompared = isToChoose(run);
  const offersNeeded = canMake && isCompared && needed(run) > 0;
  const reason =
    locked.length > 0 ? words.run.unlockFirst : folder === undefined ? words.run.folderFirst : undefined;
  return (
    <>
      {made > 0 && (
        <Button variant={canMake ? 'default' : 'filled'} loading={isBusy} onClick={makeJobs}>
          {words.run.makeJobs}
        </Button>
      )}
      {canMake && (!offersNeeded || reason === undefined) && (
        <GatedButton
          {...(isCompared && { variant: 'default' })}
          reason={reason}
          isBusy={isBusy}
          press={() => make(!isCompared && run.onlyChanged)}
        >
          {fill(makeWords(run), { good: count(rows - refused) })}
        </GatedButton>
      )}
      {offersNeeded && (
        <GatedButton reason={reason} isBusy={isBusy} press={() => make(true)}>
          {fill(words.run.makeNeeded, { needed: count(needed(run)) })}
        </GatedButton>
      )}
    </>
  );
}
