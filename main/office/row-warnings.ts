import { isReachedThrough, values } from '../bundle/index.ts';
import { warningCodes, type RowWarning, type RunWarning, type WarningCode } from '../faults/index.ts';
import { nameFromText, toSeconds, type Certificate } from '../pki/index.ts';
import { securityGateways } from './gateways.ts';
import type { RowCells } from './inventory.ts';
import { enrolmentNames, type Profile, type UnlockedVendor } from './profile.ts';

const none: readonly RowWarning[] = [];

/** The warnings about a good row. */
export function rowWarnings(
  cells: RowCells,
  profile: Profile,
  { listEnd }: Pick<UnlockedVendor, 'listEnd'>,
  certificate: Pick<Certificate, 'notAfter'> | undefined,
): readonly RowWarning[] {
  const until = new Date(cells.valid_until);
  const endsFirst = (end: Date | undefined) => (end && end < until ? toSeconds(end) : false);
  /** Whether each applies, or from when. */
  const applies: Readonly<Record<WarningCode, boolean | string>> = {
    'ra-outside-traffic': isRaOutsideTraffic(cells, profile),
    'ike-identity-not-requested': !requestsIkeIdentity(cells, profile),
    'enb-certificate-ends-first': endsFirst(certificate?.notAfter),
    'list-ends-first': endsFirst(listEnd),
  };
  const warnings = warningCodes.flatMap((code) => {
    const from = applies[code];
    return from === false ? [] : [{ code, ...(typeof from === 'string' && { from }) }];
  });
  return warnings.length === 0 ? none : warnings;
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

/** How many rows have each warning, and from when the first of them has it. Leaves out warnings that no row has. */
export function countWarnings(rows: Iterable<readonly RowWarning[]>): readonly RunWarning[] {
  const counts = new Map<WarningCode, RunWarning>();
  for (const warnings of rows)
    for (const { code, from } of warnings) {
      const known = counts.get(code);
      const first = [known?.from, from].filter((one) => one !== undefined).sort()[0];
      counts.set(code, { code, rows: (known?.rows ?? 0) + 1, ...(first !== undefined && { from: first }) });
    }
  return warningCodes.flatMap((code) => counts.get(code) ?? []);
}
