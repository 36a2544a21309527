import { Button } from '@mantine/core';
import { useAnnounced } from '../../app/announce.tsx';
import { go } from '../../app/use-route.ts';
import { count, fill, localTime, words } from '../../app/words.ts';
import { VerdictSentence } from '../../components/chip.tsx';
import { Digest } from '../../components/mono.tsx';
import { Facts, Panel, Screen } from '../../components/screen.tsx';
import { Comparison } from './comparison.tsx';
import { ToOtherEnb } from './obstacles.tsx';
import type { JobContext } from './use-job-facts.ts';

/** The eNB is the job's: the comparison, and the button to step 0. A different eNB never gets this page. */
export function IdentifyPage({ context: { facts, wantToSend } }: { readonly context: JobContext }) {
  const { job, identity, address } = facts;
  const known = identity.state === 'known' ? identity.value : undefined;
  const sentence = fill(words.identify.right, { serialNumber: job.serialNumber });
  useAnnounced(known && sentence);
  if (!known || address === undefined) return null;
  const onward = () => {
    wantToSend(true);
    go({ kind: 'job', id: job.id, page: 'step-0', address });
  };
  return (
    <Screen
      title={words.identify.title}
      secondary={<ToOtherEnb id={job.id} address={address} />}
      primary={<Button onClick={onward}>{words.identify.go}</Button>}
    >
      <VerdictSentence tone="good">{sentence}</VerdictSentence>
      <Panel>
        <Comparison comparisons={known.comparisons} />
      </Panel>
      <details>
        <summary>{words.identify.more}</summary>
        <Facts
          facts={[
            [words.identify.firmware, known.firmware],
            [
              words.identify.lastSequence,
              known.lastSequence === 0 ? words.identify.noSequence : count(known.lastSequence),
            ],
            [words.identify.clock, known.clock === null ? words.identify.noClock : localTime(known.clock)],
            [words.identify.certificate, <Digest key="digest" value={known.certificateSha256} />],
          ]}
        />
      </details>
    </Screen>
  );
}
