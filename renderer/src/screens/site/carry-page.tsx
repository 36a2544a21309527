import { Button } from '@mantine/core';
import { useState } from 'react';
import type { JobView, Output } from '../../../../preload/contract/index.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { fill, localClock, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Panel, Screen } from '../../components/screen.tsx';
import { useAction } from '../../port/use-call.ts';
import { AlsoOnDrive } from './also-on-drive.tsx';
import { CollectedList } from './collected-list.tsx';
import { ToJobs } from './obstacles.tsx';

/** The drive goes to the eNB and comes back. Its receipt is the proof, and moves the job on automatically. */
export function CarryPage({ job }: { readonly job: JobView }) {
  const collect = useAction('drives.collect');
  const [collected, setCollected] = useState<Output<'drives.collect'> & { readonly at: string }>();
  const { serialNumber, siteId, siteName, carried } = job;
  const drive = carried?.drive ?? '';
  const none = collected && fill(words.carry.none, { serialNumber, drive, time: localClock(collected.at) });
  useAnnounced(none);
  if (!carried) return null;
  const read = async () => {
    const outcome = await collect.run({ volume: carried.volume });
    setCollected(outcome.ok ? { ...outcome.value, at: new Date().toISOString() } : undefined);
  };
  return (
    <Screen
      title={fill(words.carry.title, { serialNumber })}
      lead={fill(words.carry.lead, { siteId, siteName, drive })}
      secondary={<ToJobs />}
      primary={
        <Button loading={collect.isBusy} onClick={() => void read()}>
          {words.carry.read}
        </Button>
      }
    >
      {collect.fault && <FaultPanel fault={collect.fault} />}
      {none !== undefined && (
        <Panel title={none}>
          <CollectedList receipts={collected?.receipts ?? []} />
        </Panel>
      )}
      <Panel title={words.carry.how}>
        <ol className={cls('list')}>
          {words.carry.steps.map((sentence) => (
            <li key={sentence}>{fill(sentence, { serialNumber, drive })}</li>
          ))}
        </ol>
      </Panel>
      <AlsoOnDrive job={job} />
    </Screen>
  );
}
