import { createHash } from 'node:crypto';
import { der } from '../asn1/index.ts';
import type { EnbIdentity } from '../pki/index.ts';

/** Names that Windows keeps for devices, whatever the extension. */
const reservedName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * The name under which each eNB is known among files: its serial number, or with a mark of its identity where two would
 * clash without regard to case, or Windows reserves the name.
 */
export function enbFileNames(enbs: readonly EnbIdentity[]): readonly string[] {
  const counts = new Map<string, number>();
  const folded = enbs.map(({ serialNumber }) => serialNumber.toLowerCase());
  for (const name of folded) counts.set(name, (counts.get(name) ?? 0) + 1);
  return enbs.map((enb, index) => {
    const clashes = (counts.get(folded[index] ?? '') ?? 0) > 1 || reservedName.test(enb.serialNumber);
    return clashes ? markedEnbFileName(enb) : enb.serialNumber;
  });
}

/** The name with the mark: the first 8 hex digits of SHA-256 over the DER of hwType and the serial number's octets. */
export function markedEnbFileName({ hwType, serialNumber }: EnbIdentity): string {
  const hash = createHash('sha256').update(der.oid(hwType)).update(Buffer.from(serialNumber, 'latin1'));
  return `${serialNumber}~${hash.digest('hex').slice(0, 8)}`;
}
