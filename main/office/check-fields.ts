import { isGatewayOf, isReachedThrough } from '../bundle/index.ts';
import { ok, refuse, type Fault, type Result } from '../faults/index.ts';
import { toSeconds } from '../pki/index.ts';
import { securityGateways } from './gateways.ts';
import { maximum } from './inventory-columns.ts';
import { foundIn, type InventoryRow } from './inventory.ts';
import type { Profile } from './profile.ts';

/** Refuses with `field-invalid` and what was found, by default the cell's text, if that may be shown. */
export function invalid(
  row: InventoryRow,
  field: keyof InventoryRow['cells'],
  rule: NonNullable<Fault['rule']>,
  { expected, found = row.cells[field] }: Pick<Fault, 'expected' | 'found'> = {},
): Result<never, 'field-invalid'> {
  return refuse('field-invalid', {
    rule,
    where: { field },
    ...(expected !== undefined && { expected }),
    ...foundIn(field, found),
  });
}

/** Checks that involve several cells, the profile, the signer's end or the current time. */
export function checkFields(
  row: InventoryRow,
  profile: Profile,
  signerEnd: Date,
  now: Date,
): Result<void, 'field-invalid'> {
  const { cells } = row;
  const { plmn } = profile.document;
  if (cells.plmn !== plmn) return invalid(row, 'plmn', 'plmn-of-profile', { expected: plmn });
  if (cells.outer_ip === 'dhcp') {
    if (cells.outer_gateway !== '') return invalid(row, 'outer_gateway', 'gateway-dhcp');
  } else if (!isGatewayOf(cells.outer_gateway, cells.outer_ip)) {
    return invalid(row, 'outer_gateway', 'gateway');
  }
  const from = new Date(cells.valid_from);
  const until = new Date(cells.valid_until);
  if (until <= from) return invalid(row, 'valid_until', 'validity-order');
  if (until < now) return invalid(row, 'valid_until', 'validity-past');
  if (until > signerEnd) {
    return invalid(row, 'valid_until', 'validity-signer', { expected: toSeconds(signerEnd) });
  }
  return checkGateways(row, profile);
}

function checkGateways(row: InventoryRow, profile: Profile): Result<void, 'field-invalid'> {
  const { cells } = row;
  const { required } = profile.document.initialIpsec;
  const gateways = securityGateways(profile, cells);
  const initial = gateways.filter(({ role }) => role === 'initial');
  if (required && initial.length === 0) return invalid(row, 'seg_initial', 'initial-gateway');
  if (gateways.length > maximum.gateways) return invalid(row, 'seg_traffic', 'gateways');
  const open = initial.find(({ remoteSubnets }) => remoteSubnets.length === 0);
  if (open) return invalid(row, 'seg_initial', 'initial-subnets', { found: open.address });
  if (cells.inner_ip !== '' && initial.length === gateways.length)
    return invalid(row, 'inner_ip', 'inner-without-gateway');
  if (required && !isReachedThrough(cells.ra_url, initial))
    return invalid(row, 'ra_url', 'ra-outside-tunnel');
  return ok(undefined);
}
