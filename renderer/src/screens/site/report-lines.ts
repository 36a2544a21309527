import type { ReportView, StepsView } from '../../../../preload/contract/index.ts';
import { count, fill, localDate, localTimeWithZone, words } from '../../app/words.ts';
import { shownState } from './job-state.ts';
import { stepLine } from './step-state.ts';

/** One fact of the report. `digest`: hexadecimal, to be shown in groups. */
export interface ReportLine {
  readonly name: string;
  readonly value: string;
  readonly isDigest?: true;
}

/** The report as facts, in the order of the page: the same on the screen, on paper and in the saved file. */
export function reportLines({ job, by }: ReportView): readonly ReportLine[] {
  const { report } = words;
  const { receipt } = job;
  return [
    { name: report.site, value: fill(words.jobs.siteLink, { siteId: job.siteId, siteName: job.siteName }) },
    { name: report.operator, value: job.operator },
    { name: report.serial, value: job.serialNumber },
    { name: report.vendor, value: fill(report.vendorAndType, { vendor: job.vendor, hwType: job.hwType }) },
    { name: report.sequence, value: count(job.sequence) },
    {
      name: report.valid,
      value: fill(words.job.fromUntil, { from: localDate(job.validFrom), until: localDate(job.validUntil) }),
    },
    { name: report.outcome, value: shownState(job).word },
    ...(receipt
      ? [
          { name: report.receivedAt, value: localTimeWithZone(receipt.receivedAt) },
          { name: report.firmware, value: receipt.firmware },
          { name: report.receiptNumber, value: count(receipt.number) },
          { name: report.receiptFile, value: receipt.fileName },
          { name: report.receiptDigest, value: receipt.sha256, isDigest: true as const },
        ]
      : [{ name: report.receiptNumber, value: report.noReceipt }]),
    { name: report.bundleDigest, value: job.bundleSha256, isDigest: true },
    ...stepLines(job.steps),
    { name: report.by, value: fill(report.byDeclared, { by }) },
    { name: report.asOf, value: localTimeWithZone(job.updatedAt) },
  ];
}

/** The eNB's steps after step 0, as far as it has reported them. */
function stepLines({ list, reportedAt, ipsecKind }: StepsView): readonly ReportLine[] {
  if (reportedAt === undefined) return [];
  return [
    ...list.map((step) => ({ name: words.steps.names[step.step], value: stepLine(step) })),
    {
      name: words.report.stepsAt,
      value: fill(words.report.stepsFrom, { time: localTimeWithZone(reportedAt) }),
    },
    ...(ipsecKind ? [{ name: words.report.tunnels, value: words.tunnel.kinds[ipsecKind] }] : []),
  ];
}

/** How to verify what the report says: with the receipt, which is a separate file. */
export function reportFoot({ job: { receipt } }: ReportView): string {
  return receipt ? fill(words.report.foot, { fileName: receipt.fileName }) : words.report.footWithout;
}

/** A digest in groups of four. */
export function grouped(digest: string): string {
  return (digest.match(/.{1,4}/g) ?? []).join(' ');
}

/** What a screen reader says instead of the QR code of the log's head. The text beside the code says the same. */
export function headAlternative(size: number): string {
  return fill(words.logHead.alternative, { size: count(size) });
}
