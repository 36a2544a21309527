import { isReachedThrough, values } from '../bundle/index.ts';
import { warningCodes, type RunWarning, type WarningCode } from '../faults/index.ts';
import { nameFromText } from '../pki/index.ts';
import { securityGateways } from './gateways.ts';
import type { RowCells } from './inventory.ts';
import { enrolmentNames, type Profile } from './profile.ts';

const none: readonly WarningCode[] = [];

/** The warnings about a good row. */
export function rowWarnings(cells: RowCells, profile: Profile): readonly WarningCode[] {
  const applies: Readonly<Record<WarningCode, boolean>> = {
    'ra-outside-traffic': isRaOutsideTraffic(cells, profile),
    'ike-identity-not-requested': !requestsIkeIdentity(cells, profile),
  };
  const codes = warningCodes.filter((code) => applies[code]);
  return codes.length === 0 ? none : codes;
}

/** Whether the RA/CA's address is behind no traffic gateway. The eNB renews its certificate through those. */
function isRaOutsideTraffic(cells: RowCells, profile: Profile): boolean {
  const traffic = securityGateways(profile, cells).filter(({ role }) => role === 'traffic');
  return traffic.length > 0 && !isReachedThrough(cells.ra_url, traffic);
}

/** Whether the eNB requests a certificate that contains its IKE identity. The RA/CA decides what it issues. */
function requestsIkeIdentity(
  { ike_identity: identity, enb_serial: serialNumber }: RowCells,
  profile: Profile,
) {
  if (identity === '') return true;
  const { subject, subjectAltNames } = enrolmentNames(profile, serialNumber);
  const requested = subjectAltNames.map((name) => name.slice(name.indexOf(':') + 1));
  if (requested.some((name) => values.canonicalHost(name) === values.canonicalHost(identity))) return true;
  const [own, asked] = [nameFromText(identity), nameFromText(subject)];
  return own.ok && asked.ok && own.value.key === asked.value.key;
}

/** How many rows have each warning. Leaves out warnings that no row has. */
export function countWarnings(rows: Iterable<readonly WarningCode[]>): readonly RunWarning[] {
  const counts = new Map<WarningCode, number>();
  for (const codes of rows) for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  return warningCodes.flatMap((code) => {
    const count = counts.get(code);
    return count === undefined ? [] : [{ code, rows: count }];
  });
}
