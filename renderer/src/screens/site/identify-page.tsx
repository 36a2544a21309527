import { Button } from '@mantine/core';
import { useAnnounced } from '../../app/announce.tsx';
import { go } from '../../app/use-route.ts';
import { count, fill, localTime, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { Digest, Serial } from '../../components/mono.tsx';
import { Facts, Folded, Panel, Screen } from '../../components/screen.tsx';
import { Comparison } from './comparison.tsx';
import { ToOtherEnb } from './obstacles.tsx';
import { pageAfterDelivery } from './job-pages.ts';
import type { JobContext } from './use-job-facts.ts';

/**
 * The eNB is the job's: the comparison, and the button to step 0, or to the next steps if it has the configuration. A different eNB never
 * gets this page.
 */
export function IdentifyPage({ context: { facts, wantToSend } }: { readonly context: JobContext }) {
  const { job, identity, address } = facts;
  const known = identity.state === 'known' ? identity.value : undefined;
  const sentence = words.identify.right;
  useAnnounced(known && sentence);
  if (!known || address === undefined) return null;
  const onward = () => {
    wantToSend(true);
    go({ kind: 'job', id: job.id, page: 'step-0', address });
  };
  const { serialNumber, siteId, siteName } = job;
  const isDelivered = job.state === 'receipt';
  return (
    <Screen
      title={sentence}
      lead={fill(words.identify.lead, { siteId, siteName })}
      tone="good"
      secondary={
        <>
          <ToOtherEnb id={job.id} address={address} />
          {isDelivered && (
            <Button variant="default" onClick={onward}>
              {words.identify.again}
            </Button>
          )}
        </>
      }
      primary={
        isDelivered ? (
          <Button onClick={() => go({ kind: 'job', id: job.id, page: pageAfterDelivery(job), address })}>
            {words.steps.show}
          </Button>
        ) : (
          <Button onClick={onward}>{words.identify.go}</Button>
        )
      }
    >
      <Panel>
        <p className={cls('row')}>
          {words.identify.label} <Serial>{serialNumber}</Serial>
        </p>
        <Folded title={words.identify.compared}>
          <Comparison comparisons={known.comparisons} />
        </Folded>
        <Folded title={words.identify.more}>
          <Facts
            facts={[
              [words.identify.firmware, known.firmware],
              [
                words.identify.lastSequence,
                known.lastSequence === 0 ? words.identify.noSequence : count(known.lastSequence),
              ],
              [words.identify.clock, known.clock === null ? words.identify.noClock : localTime(known.clock)],
              [words.job.vendorRoot, job.vendorRoot],
              [words.identify.certificate, <Digest key="digest" value={known.certificateSha256} />],
            ]}
          />
        </Folded>
      </Panel>
    </Screen>
  );
}
