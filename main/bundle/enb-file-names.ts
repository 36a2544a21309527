import { createHash } from 'node:crypto';
import { der } from '../asn1/index.ts';
import type { EnbIdentity } from '../pki/index.ts';

/** Names that Windows reserves for devices, with any extension. */
const reservedName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * The file name of each eNB: its serial number. A mark of its identity is added where two names would differ only in
 * case, or where Windows reserves the name.
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

/**
 * The name with its mark: the first 8 hex digits of SHA-256 over the DER of hwType and the bytes of the serial number.
 */
export function markedEnbFileName({ hwType, serialNumber }: EnbIdentity): string {
  const hash = createHash('sha256').update(der.oid(hwType)).update(Buffer.from(serialNumber, 'latin1'));
  return `${serialNumber}~${hash.digest('hex').slice(0, 8)}`;
}
