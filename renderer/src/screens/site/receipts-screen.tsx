import { Button } from '@mantine/core';
import { useState } from 'react';
import { useAnnounced } from '../../app/announce.tsx';
import { useOpened } from '../../app/open-files.ts';
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
  const [collected, setCollected] = useState<Collected>();
  const drives = useCall('drives.list', {}, { every: lookEvery });
  const collect = useAction('drives.collect');
  const readFiles = useAction('receipts.read');
  const chosen = drives.state === 'known' ? chosenDrive(drives.value, choice, false) : undefined;
  const title = collected && titleOf(collected);
  useAnnounced(title);
  const read = async (volume: string) => {
    const outcome = await collect.run({ volume });
    setCollected(outcome.ok ? outcome.value : undefined);
  };
  useOpened('receipts', (files) => {
    void readFiles
      .run({ files: [...files] })
      .then((outcome) => setCollected(outcome.ok ? outcome.value : undefined));
  });
  const fault = collect.fault ?? readFiles.fault;
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
      {fault && <FaultPanel fault={fault} />}
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

/** Receipts from a drive, or from files. */
type Collected = Output<'receipts.read'> & { readonly drive?: string };

function titleOf({ drive, receipts }: Collected): string {
  const proven = receipts.filter(({ kind }) => kind === 'proven').length;
  const counts = { all: count(receipts.length), proven: count(proven) };
  return drive === undefined
    ? fill(words.receipts.fileResult, counts)
    : fill(words.receipts.result, { drive, ...counts });
}
