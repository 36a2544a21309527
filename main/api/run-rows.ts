import type { RunRow } from '../../preload/contract/index.ts';
import type { Difference } from '../bundle/index.ts';
import { visibleText, type Fault } from '../faults/index.ts';
import type { PreparedRow, RowContents } from '../office/index.ts';
import type { RunRowRecord } from '../store/index.ts';
import { faultView } from './views.ts';

const noContents: RowContents = { siteName: '', vendor: '', outerIp: '', vlan: '', validUntil: '' };

/** The result of a row as the store keeps it. */
export function toRowRecord({ contents = noContents, ...prepared }: PreparedRow): RunRowRecord {
  const { row, line, siteId, serialNumber, state, differences, fault, value } = prepared;
  const problem = fault ? searchText(fault) : '';
  return { row, line, siteId, serialNumber, state, ...contents, differences, fault, value, problem };
}

/** What a search for a problem finds: what the row shows of it. */
function searchText(one: Fault): string {
  const { code, message, expected, found } = faultView(one);
  return [code, one.where?.field, message, expected, found].filter((text) => text !== undefined).join(' ');
}

/** The result of a row as the page shows it. */
export function toRowView(record: RunRowRecord): RunRow {
  const { row, line, siteId, serialNumber, state, differences, fault, ...contents } = record;
  const { siteName, vendor, outerIp, vlan, validUntil } = contents;
  const field = fault?.where?.field;
  return {
    row,
    line,
    siteId: visibleText(siteId),
    serialNumber: visibleText(serialNumber),
    state,
    // A store of an earlier version has no contents.
    ...(vendor !== '' && {
      contents: { siteName: visibleText(siteName), vendor: visibleText(vendor), outerIp, vlan, validUntil },
    }),
    ...(differences && { differences: differences.map(toDifferenceView) }),
    ...(field !== undefined && { field }),
    ...(fault && { fault: faultView(fault) }),
  };
}

function toDifferenceView({ field, before, after }: Difference): Difference {
  return {
    field,
    ...(before !== undefined && { before: visibleText(before) }),
    ...(after !== undefined && { after: visibleText(after) }),
  };
}
