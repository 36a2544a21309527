import { Button } from '@mantine/core';
import { useState } from 'react';
import { useAnnounced } from '../../app/announce.tsx';
import { count, fill, words } from '../../app/words.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Panel, Screen } from '../../components/screen.tsx';
import type { Output } from '../../../../preload/contract/index.ts';
import { useAction, useCall } from '../../port/use-call.ts';
import { CollectedList } from './collected-list.tsx';
import { chosenDrive, DriveList } from './drive-list.tsx';
import { ToJobs } from './obstacles.tsx';
import { lookEvery } from './use-job-facts.ts';

/** A drive came back from one eNB or several: reads the receipts on it. */
export function ReceiptsScreen() {
  const [choice, setChoice] = useState<string>();
  const [collected, setCollected] = useState<Output<'drives.collect'>>();
  const drives = useCall('drives.list', {}, { every: lookEvery });
  const collect = useAction('drives.collect');
  const chosen = drives.state === 'known' ? chosenDrive(drives.value, choice, false) : undefined;
  const title = collected && titleOf(collected);
  useAnnounced(title);
  const read = async (volume: string) => {
    const outcome = await collect.run({ volume });
    setCollected(outcome.ok ? outcome.value : undefined);
  };
  return (
    <Screen
      title={words.receipts.title}
      lead={words.receipts.lead}
      secondary={<ToJobs />}
      primary={
        chosen && (
          <Button loading={collect.isBusy} onClick={() => void read(chosen.volume)}>
            {words.receipts.read}
          </Button>
        )
      }
    >
      {collect.fault && <FaultPanel fault={collect.fault} />}
      {collected && title !== undefined && (
        <Panel title={title}>
          <CollectedList receipts={collected.receipts} />
        </Panel>
      )}
      <Loaded answer={drives}>
        {(list) => <DriveList drives={list} chosen={chosen?.volume} choose={setChoice} toWrite={false} />}
      </Loaded>
    </Screen>
  );
}

function titleOf({ drive, receipts }: Output<'drives.collect'>): string {
  const proven = receipts.filter(({ kind }) => kind === 'proven').length;
  return fill(words.receipts.result, { drive, all: count(receipts.length), proven: count(proven) });
}
