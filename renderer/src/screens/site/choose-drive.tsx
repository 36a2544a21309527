import { Button } from '@mantine/core';
import { useState } from 'react';
import { go } from '../../app/use-route.ts';
import { fill, words } from '../../app/words.ts';
import { Loaded } from '../../components/loaded.tsx';
import { Screen } from '../../components/screen.tsx';
import { useCall } from '../../port/use-call.ts';
import { chosenDrive, DriveList } from './drive-list.tsx';
import { driveAddress } from './job-pages.ts';
import { ToConnections } from './obstacles.tsx';
import { lookEvery, type JobContext } from './use-job-facts.ts';

/** Which drive should carry the bundle. */
export function ChooseDrive({ context: { facts, wantToSend } }: { readonly context: JobContext }) {
  const { job } = facts;
  const [choice, setChoice] = useState<string>();
  const drives = useCall('drives.list', {}, { every: lookEvery });
  const chosen = drives.state === 'known' ? chosenDrive(drives.value, choice, true) : undefined;
  const onward = ({ volume }: { readonly volume: string }) => {
    wantToSend(true);
    go({ kind: 'job', id: job.id, page: 'drive', address: driveAddress(volume) });
  };
  return (
    <Screen
      title={words.drives.title}
      lead={fill(words.drives.lead, { serialNumber: job.serialNumber })}
      secondary={<ToConnections id={job.id} />}
      primary={chosen && <Button onClick={() => onward(chosen)}>{words.drives.go}</Button>}
    >
      <Loaded answer={drives}>
        {(list) => <DriveList drives={list} chosen={chosen?.volume} choose={setChoice} toWrite />}
      </Loaded>
    </Screen>
  );
}
