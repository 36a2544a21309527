import { Button } from '@mantine/core';
import { useState } from 'react';
import type { FileHandle, JobCounts, JobPart, JobRow } from '../../../../preload/contract/index.ts';
import { jobParts } from '../../../../preload/contract/steps.ts';
import { announce } from '../../app/announce.tsx';
import { useCommand } from '../../app/commands.ts';
import { hashOf } from '../../app/routes.ts';
import { useOpened } from '../../app/open-files.ts';
import { isAllowed, useSession } from '../../app/session.ts';
import { go } from '../../app/use-route.ts';
import { count, counted, fill, localDate, localTime, localTimeWithZone, words } from '../../app/words.ts';
import { Chip } from '../../components/chip.tsx';
import { AskName } from '../../components/ask-name.tsx';
import { cls } from '../../components/classes.ts';
import { DataTable, ListFilter, usePages, type Column } from '../../components/data-table.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { FilterChips } from '../../components/filter-chips.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Mono } from '../../components/mono.tsx';
import { OpenedBundlesPanel } from '../../components/opened-bundles.tsx';
import { Empty, Screen } from '../../components/screen.tsx';
import type { Tone } from '../../components/tone.ts';
import { TrustRoot } from '../../components/trust-root.tsx';
import { useOpening, type Opened } from '../../components/use-opening.ts';
import { choose } from '../../port/shell.ts';
import { useAction, useCall, useClient, type Answer } from '../../port/use-call.ts';
import { useJobList, type JobList, type JobSort } from '../../components/job-list.ts';
import { certificateEndWords, shownState } from './job-state.ts';
import { shownStep } from './step-state.ts';
import styles from './jobs.module.css';
import { TrainingGuide } from './training-guide.tsx';

const columns: readonly Column<JobRow, JobSort>[] = [
  {
    title: words.jobs.site,
    sort: 'siteId',
    width: 'minmax(6.5rem, 2fr)',
    lines: 2,
    cell: ({ id, siteId, siteName }) => (
      <a className={cls('link')} tabIndex={-1} href={hashOf({ kind: 'job', id })}>
        {fill(words.jobs.siteLink, { siteId, siteName })}
      </a>
    ),
  },
  {
    title: words.jobs.serial,
    sort: 'serialNumber',
    width: 'minmax(7rem, 10rem)',
    cell: ({ serialNumber }) => <Mono>{serialNumber}</Mono>,
  },
  {
    title: words.jobs.state,
    sort: 'state',
    width: 'minmax(11.5rem, 2fr)',
    lines: 2,
    cell: (job) => <State job={job} />,
  },
  { title: words.jobs.sequence, width: '5.75rem', isNumber: true, cell: ({ sequence }) => count(sequence) },
  {
    title: words.jobs.validUntil,
    width: 'minmax(4.5rem, 7rem)',
    cell: ({ validUntil }) => <time title={localTimeWithZone(validUntil)}>{localDate(validUntil)}</time>,
  },
  {
    title: words.jobs.updated,
    sort: 'updatedAt',
    width: 'minmax(5.5rem, 10.5rem)',
    cell: ({ updatedAt }) => <time title={localTimeWithZone(updatedAt)}>{localTime(updatedAt)}</time>,
  },
];

/**
 * The state of a job, whether its bundle's validity matters because it is not done, and whether it matters at all. A
 * bundle that has not been sent and is expired or superseded has nothing else to say.
 */
function State({ job }: { readonly job: JobRow }) {
  const { word, tone } = shownState(job);
  const { state, carried, isSuperseded } = job;
  const expiry = state === 'receipt' || isSuperseded ? undefined : job.expiry;
  const certificateEnd = state === 'receipt' || isSuperseded || expiry ? undefined : job.certificateEnd;
  const isUntouched = tone === 'plain' && !carried;
  const step = job.lastStep && shownStep(job.lastStep);
  return (
    <span className={cls('chips')}>
      {!(isUntouched && (expiry === 'expired' || isSuperseded)) && <Chip tone={tone}>{word}</Chip>}
      {step && <Chip tone={step.tone}>{step.word}</Chip>}
      {expiry && <Chip tone={expiryTones[expiry]}>{words.jobs.expiry[expiry]}</Chip>}
      {certificateEnd && (
        <Chip tone={certificateEnd.isOver ? 'bad' : 'warn'}>{certificateEndWords(certificateEnd)}</Chip>
      )}
      {isSuperseded && <Chip tone="plain">{words.jobs.superseded}</Chip>}
    </span>
  );
}

const expiryTones: Readonly<Record<NonNullable<JobRow['expiry']>, Tone>> = { expired: 'bad', today: 'warn' };

/** The jobs on this laptop, one row per site. */
export function JobsScreen() {
  const { list, part, choose: chooseShown, showNewest } = useJobList();
  const client = useClient();
  const input = { ...list.input, show: part };
  const jobs = usePages(useCall('jobs.list', input, { topics: ['jobs'], keep: true }), {
    key: JSON.stringify(input),
    ask: (offset) => client.call('jobs.list', { ...input, offset }),
  });
  const opening = useOpening({ takesOver: true });
  const { opened } = opening;
  const [isTrusting, setTrusting] = useState(false);
  const isFiltered = list.place.filter !== '';
  // After the search was cleared or another part chosen, the old result says nothing about the new one.
  const isOld = jobs.state === 'known' && jobs.isOld === true && !isFiltered;
  const { app } = useSession();
  const { training } = app;
  const show = (now: Opened | undefined) => {
    if (now && now.result.added.length > 0) showNewest();
  };
  const openFiles = async (files: readonly FileHandle[]) => {
    if (files.length > 0) show(await opening.open({ files }));
  };
  const chooseFiles = () => void choose('bundles').then(openFiles);
  useCommand('open-bundles', chooseFiles);
  useOpened('bundles', (files) => void openFiles(files));
  const openButton = (
    <Button loading={opening.isBusy} onClick={chooseFiles}>
      {words.jobs.open}
    </Button>
  );
  return (
    <Screen
      isWide
      title={words.jobs.title}
      lead={words.jobs.lead}
      primary={openButton}
      secondary={
        <>
          {/* The lab brings its own root. */}
          {!training && (
            <Button variant="default" onClick={() => setTrusting(true)}>
              {words.trust.open}
            </Button>
          )}
          {isAllowed(app, 'drive') && (
            <Button variant="default" onClick={() => go({ kind: 'receipts' })}>
              {words.receipts.open}
            </Button>
          )}
        </>
      }
    >
      {training && <TrainingGuide />}
      <AskName />
      {opening.fault && <FaultPanel fault={opening.fault} />}
      {opened && (
        <OpenedBundlesPanel
          result={opened.result}
          isBusy={opening.isBusy}
          close={opening.clear}
          again={() => void opening.again().then(show)}
        />
      )}
      <Loaded answer={jobs}>
        {({ total, counts, pages }) => (
          <>
            {(counts.active + counts['put-away'] > 0 || isFiltered || isOld) && (
              <JobTools place={{ list, part, choose: chooseShown }} counts={counts} answer={jobs} />
            )}
            {total > 0 ? (
              <DataTable
                name="jobs"
                caption={words.jobs.title}
                columns={columns}
                pages={pages}
                counted={counted(words.jobs.count, total)}
                list={list}
                rowKey={({ id }) => id}
                rowHref={({ id }) => hashOf({ kind: 'job', id })}
              />
            ) : (
              !isOld && <NoJobs isFiltered={isFiltered} part={part} counts={counts} />
            )}
          </>
        )}
      </Loaded>
      {isTrusting && <TrustRoot close={() => setTrusting(false)} />}
    </Screen>
  );
}

interface JobToolsProps {
  readonly place: Omit<JobList, 'showNewest'>;
  readonly counts: JobCounts;
  readonly answer: Answer<{ readonly total: number }>;
}

/** What the list shows, how many jobs that are, and how many are done. */
function JobTools({ place: { list, part, choose: chooseShown }, counts, answer }: JobToolsProps) {
  return (
    <>
      <div className={cls('tools')}>
        <ListFilter label={words.jobs.filter} list={list} answer={answer} none={words.jobs.noneFiltered} />
        <strong className={styles['progress']}>
          {fill(words.jobs.doneOf, { done: count(counts.done), all: count(counts.active) })}
        </strong>
      </div>
      <FilterChips
        label={words.jobs.shown}
        choices={jobParts.map((id) => ({ id, label: words.jobs.parts[id], count: counts[id] }))}
        chosen={part}
        choose={chooseShown}
      />
      {part === 'done' && counts.done > 0 && <PutAwayDone filter={list.place.filter} done={counts.done} />}
    </>
  );
}

/** Puts away what is done, as far as it matches the search. */
function PutAwayDone({ filter, done }: { readonly filter: string; readonly done: number }) {
  const putAway = useAction('jobs.archiveDone');
  const run = async () => {
    const outcome = await putAway.run({ filter });
    if (outcome.ok) announce(counted(words.jobs.wasPutAway, outcome.value.archived));
  };
  return (
    <>
      {putAway.fault && <FaultPanel fault={putAway.fault} />}
      <div>
        <Button variant="default" loading={putAway.isBusy} onClick={() => void run()}>
          {fill(words.jobs.putAwayDone, { count: count(done) })}
        </Button>
      </div>
    </>
  );
}

interface NoJobsProps {
  readonly isFiltered: boolean;
  readonly part: JobPart;
  readonly counts: JobCounts;
}

function NoJobs({ isFiltered, part, counts }: NoJobsProps) {
  const { training } = useSession().app;
  if (isFiltered) return <Empty sentence={words.jobs.noneFiltered} />;
  if (part !== 'active') return <Empty sentence={words.jobs.noneIn[part]} />;
  if (counts['put-away'] > 0) return <Empty sentence={words.jobs.allPutAway} />;
  if (!training) return <Empty sentence={words.jobs.none} />;
  return (
    <Empty sentence={words.jobs.noneTraining}>
      <Button variant="default" onClick={() => go({ kind: 'prepare' })}>
        {words.office.prepare}
      </Button>
    </Empty>
  );
}
