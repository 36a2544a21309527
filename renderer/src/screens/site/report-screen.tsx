import { Button } from '@mantine/core';
import type { JobView, LogHead, ReportView } from '../../../../preload/contract/index.ts';
import { useCommand } from '../../app/commands.ts';
import { useContextOf } from '../../app/context-line.ts';
import { go } from '../../app/use-route.ts';
import { fill, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { CheckList } from '../../components/check-list.tsx';
import { Mark } from '../../components/icons.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { saveText } from '../../components/save-text.ts';
import { Screen } from '../../components/screen.tsx';
import { useCall, type Answer } from '../../port/use-call.ts';
import { HeadOnPaper } from './head-on-paper.tsx';
import { ReportFacts } from './report-facts.tsx';
import { reportHtml } from './report-html.ts';
import { pathLines } from './path-state.ts';
import { reportFoot } from './report-lines.ts';
import styles from './report.module.css';
import { useSaveReceipt } from './save-receipt.ts';

/** The one page of proof, to print or to save. */
export function ReportScreen({ id }: { readonly id: string }) {
  const asked = useCall('jobs.report', { id }, { topics: ['jobs'] });
  const receipt = useSaveReceipt(id);
  const head = useCall('log.head', {});
  const report = asked.state === 'known' ? asked.value : undefined;
  useContextOf(
    report && fill(words.job.context, { siteId: report.job.siteId, siteName: report.job.siteName }),
  );
  useCommand('print', () => report && window.print());
  // Without a report there is nothing to save or to print.
  if (asked.state === 'fault') return <Loaded answer={asked}>{() => null}</Loaded>;
  return (
    <Screen
      title={words.report.screen}
      secondary={
        <Button variant="default" onClick={() => go({ kind: 'job', id, page: 'finish' })}>
          {words.report.back}
        </Button>
      }
      primary={
        <>
          {report?.job.receipt && (
            <Button variant="default" loading={receipt.isBusy} onClick={receipt.save}>
              {words.finish.saveReceipt}
            </Button>
          )}
          <Button
            variant="default"
            disabled={!report}
            onClick={() => report && save(report, head.state === 'known' ? head.value : undefined)}
          >
            {words.report.save}
          </Button>
          <Button disabled={!report} onClick={() => window.print()}>
            {words.report.print}
          </Button>
        </>
      }
    >
      {receipt.fault && <FaultPanel fault={receipt.fault} />}
      <Loaded answer={asked}>{(value) => <Paper report={value} head={head} />}</Loaded>
    </Screen>
  );
}

function save(report: ReportView, head: LogHead | undefined) {
  const { siteId, serialNumber } = report.job;
  saveText(fill(words.report.fileName, { siteId, serialNumber }), 'text/html', reportHtml(report, head));
}

/** The sheet as it is printed. */
function Paper({ report, head }: { readonly report: ReportView; readonly head: Answer<LogHead> }) {
  const { job, training } = report;
  return (
    <article className={styles['paper']}>
      <header className={styles['head']}>
        <Mark size={36} />
        <h2>{fill(words.report.title, { siteId: job.siteId, siteName: job.siteName })}</h2>
        {training && <strong className={styles['training']}>{words.report.training}</strong>}
      </header>
      <div className={styles['withHead']}>
        <ReportFacts report={report} />
        <section>
          <h3>{words.logHead.title}</h3>
          <Loaded answer={head}>{(value) => <HeadOnPaper head={value} />}</Loaded>
        </section>
      </div>
      {job.verdict && (
        <section>
          <h3>{words.report.checks}</h3>
          <CheckList checks={job.verdict.checks} />
        </section>
      )}
      <PathSection path={job.path} />
      <p className={styles['foot']}>{reportFoot(report)}</p>
    </article>
  );
}

/** The checks of the path, by place, with the time. */
function PathSection({ path }: Pick<JobView, 'path'>) {
  const places = pathLines(path);
  if (places.length === 0) return null;
  return (
    <section>
      <h3>{words.report.path}</h3>
      <div className={styles['places']}>
        {places.map(({ title, lines }) => (
          <div key={title}>
            <p>{title}</p>
            <ul className={cls('list')}>
              {lines.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </section>
  );
}
