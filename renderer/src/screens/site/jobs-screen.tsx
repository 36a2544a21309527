import { Button } from '@mantine/core';
import type { FileHandle, JobRow, Output } from '../../../../preload/contract/index.ts';
import { useState } from 'react';
import { useCommand } from '../../app/commands.ts';
import { hashOf } from '../../app/routes.ts';
import { go } from '../../app/use-route.ts';
import { useSession } from '../../app/session.ts';
import { count, fill, localDate, localTime, localTimeWithZone, words } from '../../app/words.ts';
import { Chip } from '../../components/chip.tsx';
import { cls } from '../../components/classes.ts';
import { DataTable, ListFilter, useList, type Column } from '../../components/data-table.tsx';
import { DropArea } from '../../components/drop-area.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Mono } from '../../components/mono.tsx';
import { Empty, Panel, Screen } from '../../components/screen.tsx';
import type { Tone } from '../../components/tone.ts';
import { TrustRoot } from '../../components/trust-root.tsx';
import { choose } from '../../port/shell.ts';
import { useAction, useCall } from '../../port/use-call.ts';
import { shownState } from './job-state.ts';

type Sort = 'updatedAt' | 'siteId' | 'serialNumber' | 'state';

const newestFirst = { sort: 'updatedAt', descending: true } as const;

const columns: readonly Column<JobRow, Sort>[] = [
  {
    title: words.jobs.site,
    sort: 'siteId',
    cell: ({ id, siteId, siteName }) => (
      <a className={cls('link')} href={hashOf({ kind: 'job', id })}>
        {fill(words.jobs.siteLink, { siteId, siteName })}
      </a>
    ),
  },
  { title: words.jobs.serial, sort: 'serialNumber', cell: ({ serialNumber }) => <Mono>{serialNumber}</Mono> },
  { title: words.jobs.state, sort: 'state', cell: (job) => <State job={job} /> },
  { title: words.jobs.sequence, isNumber: true, cell: ({ sequence }) => count(sequence) },
  {
    title: words.jobs.validUntil,
    cell: ({ validUntil }) => <time title={localTimeWithZone(validUntil)}>{localDate(validUntil)}</time>,
  },
  {
    title: words.jobs.updated,
    sort: 'updatedAt',
    cell: ({ updatedAt }) => <time title={localTimeWithZone(updatedAt)}>{localTime(updatedAt)}</time>,
  },
];

/** The state of a job, and whether its bundle's validity matters because it is not done. */
function State({ job }: { readonly job: JobRow }) {
  const { word, tone } = shownState(job);
  const expiry = job.state === 'receipt' ? undefined : job.expiry;
  return (
    <span className={cls('chips')}>
      {/* An expired bundle that has not been sent cannot be used any more, so its state does not matter. */}
      {!(expiry === 'expired' && tone === 'plain' && !job.carried) && <Chip tone={tone}>{word}</Chip>}
      {expiry && <Chip tone={expiryTones[expiry]}>{words.jobs.expiry[expiry]}</Chip>}
    </span>
  );
}

const expiryTones: Readonly<Record<NonNullable<JobRow['expiry']>, Tone>> = { expired: 'bad', today: 'warn' };

/** The jobs on this laptop, one row per site. */
export function JobsScreen() {
  const list = useList<Sort>('jobs', newestFirst.sort, newestFirst.descending);
  const jobs = useCall('jobs.list', list.input, { topics: ['jobs'], keep: true });
  const open = useAction('jobs.open');
  const [opened, setOpened] = useState<Output<'jobs.open'>>();
  const [isTrusting, setTrusting] = useState(false);
  // After the search was cleared, its old result says nothing about all the jobs.
  const isFiltered = list.place.filter !== '' || (jobs.state === 'known' && jobs.isOld === true);
  const { training } = useSession().app;
  const openFiles = async (files: readonly FileHandle[]) => {
    if (files.length === 0) return;
    const outcome = await open.run({ files: [...files] });
    setOpened(outcome.ok ? outcome.value : undefined);
    // Shows all, newest first, so that the opened jobs are visible.
    if (outcome.ok && outcome.value.added.length > 0) list.move({ filter: '', ...newestFirst });
  };
  const chooseFiles = () => void choose('bundles').then(openFiles);
  useCommand('open-bundles', chooseFiles);
  const openButton = (
    <Button loading={open.isBusy} onClick={chooseFiles}>
      {words.jobs.open}
    </Button>
  );
  return (
    <Screen
      title={words.jobs.title}
      lead={words.jobs.lead}
      primary={openButton}
      secondary={
        // The lab brings its own root, and its eNBs have no drives.
        !training && (
          <>
            <Button variant="default" onClick={() => setTrusting(true)}>
              {words.trust.open}
            </Button>
            <Button variant="default" onClick={() => go({ kind: 'receipts' })}>
              {words.receipts.open}
            </Button>
          </>
        )
      }
    >
      {open.fault && <FaultPanel fault={open.fault} />}
      {opened && (
        <Opened
          result={opened}
          close={() => setOpened(undefined)}
          trust={training ? undefined : () => setTrusting(true)}
        />
      )}
      <DropArea kind="bundles" take={(files) => void openFiles(files)}>
        <Loaded answer={jobs}>
          {({ total, rows }) => (
            <>
              {(total > 0 || isFiltered) && (
                <div className={cls('tools')}>
                  <ListFilter label={words.jobs.filter} list={list} />
                  <span className={cls('quiet')}>{fill(words.jobs.count, { count: count(total) })}</span>
                </div>
              )}
              {total > 0 ? (
                <DataTable
                  caption={words.jobs.title}
                  columns={columns}
                  rows={rows}
                  total={total}
                  list={list}
                  rowKey={({ id }) => id}
                />
              ) : (
                <NoJobs isFiltered={isFiltered} />
              )}
            </>
          )}
        </Loaded>
      </DropArea>
      {isTrusting && <TrustRoot close={() => setTrusting(false)} />}
    </Screen>
  );
}

function NoJobs({ isFiltered }: { readonly isFiltered: boolean }) {
  const { training } = useSession().app;
  if (isFiltered) return <Empty sentence={words.jobs.noneFiltered} />;
  if (!training) return <Empty sentence={words.jobs.none} />;
  return (
    <Empty sentence={words.jobs.noneTraining}>
      <Button variant="default" onClick={() => go({ kind: 'prepare' })}>
        {words.office.prepare}
      </Button>
    </Empty>
  );
}

interface OpenedProps {
  readonly result: Output<'jobs.open'>;
  readonly close: () => void;
  /** Absent where no root can be trusted. */
  readonly trust: (() => void) | undefined;
}

/** The result of opening files: how many are jobs now, and for each of the others the reason. */
function Opened({ result: { added, refused }, close, trust }: OpenedProps) {
  const hide = (
    <Button variant="subtle" onClick={close}>
      {words.jobs.hide}
    </Button>
  );
  return (
    <Panel
      title={fill(words.jobs.opened, { added: count(added.length), refused: count(refused.length) })}
      aside={hide}
    >
      {refused.map(({ name, fault }, place) => (
        <details key={place} open={refused.length === 1}>
          <summary>
            <Mono>{name}</Mono> {fault.message}
          </summary>
          <FaultPanel fault={fault}>
            {trust && (
              <Button variant="default" onClick={trust}>
                {words.trust.open}
              </Button>
            )}
          </FaultPanel>
        </details>
      ))}
    </Panel>
  );
}
