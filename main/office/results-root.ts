import { ResultTree } from '../audit/index.ts';
import { cellText } from '../words/index.ts';
import type { PrepareReport } from './report.ts';

/**
 * The root of the tree over the results of a run, in lower-case hex. A leaf is a row of the report, in order: row, line,
 * site, serial number, state, and of a refused row the fault's code, of a made one the SHA-256 of its bundle. So it can
 * be computed again from `report.csv` and the bundles.
 */
export async function resultsRoot(
  { rows }: PrepareReport,
  digestOf: (row: number) => string | undefined,
): Promise<string> {
  const tree = new ResultTree();
  for (const [index, { row, line, siteId, serialNumber, state, fault }] of rows.entries()) {
    const bundleSha256 = state === 'made' ? digestOf(row) : undefined;
    tree.add({
      row,
      line,
      siteId: cellText(siteId),
      serialNumber: cellText(serialNumber),
      state,
      ...(bundleSha256 !== undefined && { bundleSha256 }),
      ...(fault && { fault: fault.code }),
    });
    if (index % 1_000 === 999) await new Promise((resolve) => setImmediate(resolve));
  }
  return tree.root();
}
