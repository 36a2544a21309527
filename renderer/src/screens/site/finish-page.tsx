import { Button } from '@mantine/core';
import { go } from '../../app/use-route.ts';
import { fill, words } from '../../app/words.ts';
import { CheckList } from '../../components/check-list.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { VerdictSentence } from '../../components/chip.tsx';
import { Panel, Screen } from '../../components/screen.tsx';
import { useCall } from '../../port/use-call.ts';
import type { JobView } from '../../../../preload/contract/index.ts';
import { ReportFacts } from './report-facts.tsx';
import { useSaveReceipt } from './save-receipt.ts';

/** What was done, by whom and when; the report; the next job. */
export function FinishPage({ job }: { readonly job: JobView }) {
  const report = useCall('jobs.report', { id: job.id }, { topics: ['jobs'] });
  const receipt = useSaveReceipt(job.id);
  const isGood = job.state === 'receipt';
  const { siteId, siteName, serialNumber, sequence } = job;
  return (
    <Screen
      title={isGood ? words.finish.title : words.finish.titleRefused}
      secondary={
        <>
          <Button variant="default" onClick={() => go({ kind: 'report', id: job.id })}>
            {words.finish.report}
          </Button>
          {job.receipt && (
            <Button variant="default" loading={receipt.isBusy} onClick={receipt.save}>
              {words.finish.saveReceipt}
            </Button>
          )}
        </>
      }
      primary={<Button onClick={() => go({ kind: 'site' })}>{words.finish.next}</Button>}
    >
      <VerdictSentence tone={isGood ? 'good' : 'bad'}>
        {fill(isGood ? words.finish.done : words.finish.refused, {
          siteId,
          siteName,
          serialNumber,
          sequence,
        })}
      </VerdictSentence>
      {receipt.fault && <FaultPanel fault={receipt.fault} />}
      {!isGood && job.deliveryFault && <FaultPanel fault={job.deliveryFault} />}
      {!isGood && job.verdict && (
        <Panel title={words.delivery.checks}>
          <CheckList checks={job.verdict.checks} />
        </Panel>
      )}
      <Panel title={words.finish.what}>
        <Loaded answer={report}>{(value) => <ReportFacts report={value} />}</Loaded>
      </Panel>
    </Screen>
  );
}
