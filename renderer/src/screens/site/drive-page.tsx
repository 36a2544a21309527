import { useCall, useAction } from '../../port/use-call.ts';
import { DriveOutcome } from './drive-outcome.tsx';
import { DriveReady } from './drive-ready.tsx';
import { DriveWorking } from './drive-working.tsx';
import { showsDrive, volumeOf } from './job-pages.ts';
import type { JobContext } from './use-job-facts.ts';

/** The drive: what will be written, the work on it, and the result. */
export function DrivePage({ context }: { readonly context: JobContext }) {
  const { facts, wantToSend } = context;
  const { carried } = facts.job;
  const volume = volumeOf(facts.address);
  const write = useAction('drives.write');
  const drives = useCall('drives.list', {});
  if (carried?.work) return <DriveWorking carried={carried} work={carried.work} />;
  if (carried && showsDrive(facts)) return <DriveOutcome job={facts.job} carried={carried} />;
  if (volume === undefined) return null;
  const drive = drives.state === 'known' && drives.value.find((one) => one.volume === volume);
  // The jobs themselves report the result, so that a reload in the middle loses nothing.
  const confirmed = async (jobIds: string[], confirmedSerialNumbers: string[]) => {
    await write.run({ volume, jobIds, confirmedSerialNumbers });
    // It can finish before the page has seen it run.
    wantToSend(false);
  };
  return (
    <DriveReady
      job={facts.job}
      drive={drive ? drive.name : volume}
      isWriting={write.isBusy}
      fault={write.fault}
      write={(jobs) =>
        void confirmed(
          jobs.map(({ id }) => id),
          jobs.map(({ serialNumber }) => serialNumber),
        )
      }
    />
  );
}
