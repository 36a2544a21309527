import { values } from '../bundle/index.ts';
import type { Rule } from '../faults/index.ts';
import { fields } from '../json/index.ts';
import { nameFromText, serialNumberPattern } from '../pki/index.ts';

/** A column of the inventory that is judged by its own text alone. */
interface Column {
  /** Whether the inventory may be without it. */
  readonly isOptional?: true;
  readonly rule?: Rule;
  readonly isValid?: (text: string) => boolean;
}

/** Judges each of several values, separated by semicolons; nothing is none. */
function each(isValid: (text: string) => boolean) {
  return (text: string) => splitList(text).every(isValid);
}

/** The values of a cell that may hold several. */
export function splitList(text: string): readonly string[] {
  return text === '' ? [] : text.split(';').map((item) => item.trim());
}

function isEmptyOr(isValid: (text: string) => boolean) {
  return (text: string) => text === '' || isValid(text);
}

function isNumber(isValid: (value: number) => boolean) {
  return (text: string) => /^(0|[1-9]\d{0,5})$/.test(text) && isValid(Number(text));
}

const isTime = (text: string) => fields.time.safeParse(text).success;

/** The columns in the order in which a row is judged. What depends on more than one cell is judged after them. */
export const columns = {
  site_id: { rule: 'site-id', isValid: values.isSiteId },
  site_name: { rule: 'label', isValid: values.isLabel },
  vendor: {},
  enb_serial: { rule: 'serial-number', isValid: (text) => serialNumberPattern.test(text) },
  enb_certificate: {},
  plmn: { rule: 'plmn', isValid: values.isPlmn },
  ra_url: { rule: 'enrolment-url', isValid: values.isEnrolmentUrl },
  ra_name: { rule: 'distinguished-name', isValid: (text) => nameFromText(text).ok },
  seg_initial: { rule: 'host-one', isValid: values.isHost },
  seg_traffic: { rule: 'hosts', isValid: each(values.isHost) },
  outer_ip: { rule: 'outer-ip', isValid: (text) => text === 'dhcp' || values.isAddressWithPrefix(text) },
  outer_gateway: { rule: 'gateway', isValid: isEmptyOr(values.isAddress) },
  vlan: { rule: 'vlan', isValid: isEmptyOr(isNumber(values.isVlan)) },
  mtu: { rule: 'mtu', isValid: isNumber(values.isMtu) },
  dns: { rule: 'addresses', isValid: each(values.isAddress) },
  ntp: { rule: 'hosts', isValid: each(values.isHost) },
  credential_reference: {},
  credential_secret: {},
  valid_from: { rule: 'time', isValid: isTime },
  valid_until: { rule: 'time', isValid: isTime },
  protection: {
    isOptional: true,
    rule: 'protection',
    isValid: (text) => ['', 'mac', 'vendor-certificate'].includes(text),
  },
  enb_hw_type: {
    isOptional: true,
    rule: 'oid',
    isValid: isEmptyOr((text) => fields.oid.safeParse(text).success),
  },
} as const satisfies Readonly<Record<string, Column>>;

export type ColumnName = keyof typeof columns;

/** The same table for walking through. */
export const columnEntries = Object.entries(columns) as readonly (readonly [ColumnName, Column])[];

/** Columns of further secrets for the eNB: `secret_NAME`. */
export const secretColumnPattern = /^secret_([A-Za-z0-9_]{1,64})$/;

/** Whether what stands in a column must never be shown. */
export function isSecretColumn(name: string): boolean {
  return name.startsWith('credential_') || name.startsWith('secret_');
}
