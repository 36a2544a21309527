import type { ReportView } from '../../../../preload/contract/index.ts';
import { Digest } from '../../components/mono.tsx';
import { Facts } from '../../components/screen.tsx';
import { reportLines } from './report-lines.ts';

/** The report's facts, name and value, as on paper. */
export function ReportFacts({ report }: { readonly report: ReportView }) {
  return (
    <Facts
      facts={reportLines(report).map(({ name, value, isDigest }) => [
        name,
        isDigest ? <Digest value={value} /> : value,
      ])}
    />
  );
}
