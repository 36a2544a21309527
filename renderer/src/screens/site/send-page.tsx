import { Button } from '@mantine/core';
import { useState } from 'react';
import { useSession } from '../../app/session.ts';
import { go } from '../../app/use-route.ts';
import { count, fill, localDate, words } from '../../app/words.ts';
import { VerdictSentence } from '../../components/chip.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Digest } from '../../components/mono.tsx';
import { Facts, Folded, Panel, Screen } from '../../components/screen.tsx';
import { useAction } from '../../port/use-call.ts';
import { ConfirmSend } from './confirm-send.tsx';
import { Delivery, provenSentence } from './delivery.tsx';
import styles from './job.module.css';
import { showsDelivery } from './job-pages.ts';
import { certificateEndWords } from './job-state.ts';
import type { JobContext } from './use-job-facts.ts';

/** Step 0: what will be sent to whom, the confirmation, then the delivery itself. */
export function SendPage({ context }: { readonly context: JobContext }) {
  const { facts, wantToSend } = context;
  const { job, address } = facts;
  const send = useAction('jobs.send');
  if (showsDelivery(facts)) {
    return (
      <Delivery
        job={job}
        fault={send.fault}
        sendAgain={address === undefined ? undefined : () => wantToSend(true)}
      />
    );
  }
  if (address === undefined) return null;
  // The job itself reports the result, so that a reload in the middle loses nothing.
  const confirmed = async () => {
    await send.run({ id: job.id, address, confirmedSerialNumber: job.serialNumber });
    // It can finish before the page has seen it run.
    wantToSend(false);
  };
  return (
    <Ready
      context={context}
      address={address}
      isSending={send.isBusy}
      send={() => void confirmed()}
      fault={send.fault}
    />
  );
}

interface ReadyProps {
  readonly context: JobContext;
  readonly address: string;
  readonly isSending: boolean;
  readonly send: () => void;
  readonly fault: ReturnType<typeof useAction>['fault'];
}

function Ready({ context: { facts }, address, isSending, send, fault }: ReadyProps) {
  const { job } = facts;
  const { training } = useSession().app;
  const [isAsking, setAsking] = useState(false);
  const isUsb = address.startsWith('usb:');
  const sentence = training ? words.send.inTraining : isUsb ? words.send.overUsb : words.send.overEthernet;
  const summary = fill(words.send.summary, {
    sequence: count(job.sequence),
    siteId: job.siteId,
    siteName: job.siteName,
    connection: fill(sentence, { address }),
  });
  const [before, after] = summary.split('{serialNumber}');
  return (
    <Screen
      title={words.send.title}
      lead={words.send.lead}
      secondary={
        <Button variant="default" onClick={() => go({ kind: 'job', id: job.id, page: 'identify', address })}>
          {words.send.back}
        </Button>
      }
      primary={
        <Button loading={isSending} onClick={() => setAsking(true)}>
          {words.send.go}
        </Button>
      }
    >
      {job.receipt?.accepted === true && (
        <VerdictSentence tone="warn">
          {fill(words.send.already, { proven: provenSentence(job, job.receipt) })}
        </VerdictSentence>
      )}
      {fault && <FaultPanel fault={fault} />}
      <p className={styles['summary']}>
        {before}
        <strong>{job.serialNumber}</strong>
        {after}
      </p>
      <Panel>
        <Facts
          facts={[
            [words.job.operator, job.operator],
            [words.job.vendor, job.vendor],
            [
              words.job.valid,
              fill(words.job.fromUntil, { from: localDate(job.validFrom), until: localDate(job.validUntil) }),
            ],
            ...(job.certificateEnd
              ? [[words.job.certificate, certificateEndWords(job.certificateEnd)] as const]
              : []),
          ]}
        />
        <Folded title={words.job.more}>
          <Facts
            facts={[
              [words.job.hwType, job.hwType],
              [words.job.vendorRoot, job.vendorRoot],
              [words.job.bundle, <Digest key="digest" value={job.bundleSha256} />],
            ]}
          />
        </Folded>
      </Panel>
      {isAsking && (
        <ConfirmSend
          serialNumbers={[job.serialNumber]}
          place={fill(words.job.context, { siteId: job.siteId, siteName: job.siteName })}
          words={words.send}
          cancel={() => setAsking(false)}
          confirm={() => {
            setAsking(false);
            send();
          }}
        />
      )}
    </Screen>
  );
}
