import { Button } from '@mantine/core';
import type { JobView, ReportView } from '../../../../preload/contract/index.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { go } from '../../app/use-route.ts';
import { count, fill, localTime, words } from '../../app/words.ts';
import { CheckList, checksSummary } from '../../components/check-list.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Facts, Folded, Panel, Screen } from '../../components/screen.tsx';
import { useCall } from '../../port/use-call.ts';
import { LaterSteps } from './later-steps.tsx';
import { ReportFacts } from './report-facts.tsx';
import { useSaveReceipt } from './save-receipt.ts';

/** The result of the job, what still has to happen, the report, and the next job. */
export function FinishPage({ job }: { readonly job: JobView }) {
  const report = useCall('jobs.report', { id: job.id }, { topics: ['jobs'] });
  const receipt = useSaveReceipt(job.id);
  const isGood = job.state === 'receipt';
  const { serialNumber } = job;
  const { title, lead } = words.finish[isGood ? 'done' : 'refused'];
  const values = { serialNumber, sequence: count(job.sequence) };
  useAnnounced(isGood ? words.later.lead : undefined);
  return (
    <Screen
      title={fill(title, values)}
      lead={lead}
      tone={isGood ? 'good' : 'bad'}
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
      {receipt.fault && <FaultPanel fault={receipt.fault} />}
      {isGood && <LaterSteps job={job} />}
      {!isGood && job.deliveryFault && <FaultPanel fault={job.deliveryFault} />}
      <Loaded answer={report}>{(value) => <Summary report={value} />}</Loaded>
    </Screen>
  );
}

/** The few facts that matter on site; everything else is folded. */
function Summary({ report }: { readonly report: ReportView }) {
  const { job } = report;
  const { receipt, verdict, siteId, siteName } = job;
  return (
    <Panel>
      <Facts
        facts={[
          [words.report.site, fill(words.jobs.siteLink, { siteId, siteName })],
          [words.report.operator, job.operator],
          [words.finish.proven, receipt && localTime(receipt.receivedAt)],
        ]}
      />
      {verdict && (
        <Folded title={checksSummary(verdict.checks)} isOpen={!verdict.accepted}>
          <CheckList checks={verdict.checks} />
        </Folded>
      )}
      <Folded title={words.finish.details}>
        <ReportFacts report={report} />
      </Folded>
    </Panel>
  );
}
