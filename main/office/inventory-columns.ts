import { values } from '../bundle/index.ts';
import type { Rule } from '../faults/index.ts';
import { fields } from '../json/index.ts';
import { nameFromText, serialNumberPattern } from '../pki/index.ts';

/** How to check a cell of an inventory column by its text alone. */
interface Column {
  /** Set if an inventory may lack this column. */
  readonly isOptional?: true;
  /** Set if the cell is a path on this computer. It does not go into the signed bundle. */
  readonly isPath?: true;
  readonly rule?: Rule;
  readonly isValid?: (text: string) => boolean;
  /**
   * What a value of this column looks like even if it is wrong. If cells have shifted into other columns, any other
   * text may be the credential, so faults hide it.
   */
  readonly shape?: RegExp;
  /** A valid value for the template: example names and documentation addresses. Empty for a secret. */
  readonly example: string;
}

/** Checks each value of a list separated by semicolons. An empty cell is an empty list. */
function each(isValid: (text: string) => boolean, maximum: number) {
  return (text: string) => splitList(text).length <= maximum && splitList(text).every(isValid);
}

/** Splits a cell that holds a list separated by semicolons. */
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

/** Also requires that a configuration can hold the text: not too long, only characters of I-JSON (RFC 7493). */
function isFitting(isValid: (text: string) => boolean) {
  return (text: string) =>
    fields.text.safeParse(text).success && !/\p{Noncharacter_Code_Point}/u.test(text) && isValid(text);
}

const shapes = { number: /^[\d., ]{1,9}$/, host: /[.:]/, time: /^\d{4}-\d\d/ } as const;

/** How many list values a configuration may hold: the limits of `configurationSchema`. */
export const maximum = { addresses: 16, gateways: 32 } as const;

/** The columns, in the order of their checks. Checks that involve several cells come after these. */
export const columns = {
  site_id: { example: 'S00001', rule: 'site-id', isValid: values.isSiteId },
  site_name: { example: 'Example Harbour', rule: 'label', isValid: isFitting(values.isLabel) },
  vendor: { example: 'vendor-a' },
  enb_serial: {
    example: 'EXAMPLE0001',
    rule: 'serial-number',
    isValid: (text) => serialNumberPattern.test(text),
  },
  enb_certificate: { example: 'enb-certs/EXAMPLE0001.crt', isPath: true },
  plmn: { example: '00101', rule: 'plmn', isValid: values.isPlmn, shape: shapes.number },
  ra_url: {
    example: 'http://ra.example.com/pkix/',
    rule: 'enrolment-url',
    isValid: isFitting(values.isEnrolmentUrl),
    shape: /^[a-z]+:[^@]*$/i,
  },
  ra_name: {
    example: 'C=FI,O=Example Operator,CN=Example RA',
    rule: 'distinguished-name',
    isValid: isFitting((text) => nameFromText(text).ok),
    shape: /^[A-Z]+ ?=/i,
  },
  seg_initial: {
    example: 'seg1.example.com',
    rule: 'hosts',
    isValid: each(values.isHost, maximum.gateways),
    shape: shapes.host,
  },
  seg_traffic: {
    example: 'seg2.example.com;192.0.2.22',
    rule: 'hosts',
    isValid: each(values.isHost, maximum.gateways),
    shape: shapes.host,
  },
  outer_ip: {
    example: '192.0.2.12/24',
    rule: 'outer-ip',
    isValid: (text) => text === 'dhcp' || values.isAddressWithPrefix(text),
    shape: shapes.host,
  },
  outer_gateway: {
    example: '192.0.2.1',
    rule: 'gateway',
    isValid: isEmptyOr(values.isAddress),
    shape: shapes.host,
  },
  vlan: { example: '101', rule: 'vlan', isValid: isEmptyOr(isNumber(values.isVlan)), shape: shapes.number },
  mtu: { example: '1400', rule: 'mtu', isValid: isNumber(values.isMtu), shape: shapes.number },
  dns: {
    example: '192.0.2.53;2001:db8::53',
    rule: 'addresses',
    isValid: each(values.isAddress, maximum.addresses),
    shape: shapes.host,
  },
  ntp: {
    example: 'ntp.example.com',
    rule: 'hosts',
    isValid: each(values.isHost, maximum.addresses),
    shape: shapes.host,
  },
  credential_reference: { example: '' },
  credential_secret: { example: '' },
  valid_from: { example: '2027-01-01T00:00:00Z', rule: 'time', isValid: isTime, shape: shapes.time },
  valid_until: { example: '2028-01-01T00:00:00Z', rule: 'time', isValid: isTime, shape: shapes.time },
  protection: {
    example: 'mac',
    isOptional: true,
    rule: 'protection',
    isValid: (text) => ['', 'mac', 'vendor-certificate'].includes(text),
    shape: /^(mac|vendor)/i,
  },
  enb_hw_type: {
    example: '1.3.6.1.4.1.32473.1',
    isOptional: true,
    rule: 'oid',
    isValid: isEmptyOr((text) => fields.oid.safeParse(text).success),
    shape: /^\d\.\d/,
  },
  inner_ip: {
    example: '192.0.2.112',
    isOptional: true,
    rule: 'inner-addresses',
    isValid: (text) => values.areInnerAddresses(splitList(text)),
    shape: shapes.host,
  },
  ike_identity: {
    example: 'CN=EXAMPLE0001',
    isOptional: true,
    rule: 'label',
    isValid: isEmptyOr(isFitting(values.isLabel)),
    shape: /[.=@:]/,
  },
} as const satisfies Readonly<Record<string, Column>>;

/** The name of an inventory column, as in its header. */
export type ColumnName = keyof typeof columns;

/** The entries of `columns`. */
export const columnEntries = Object.entries(columns) as readonly (readonly [ColumnName, Column])[];

/** Whether text found in a column looks like a value of that column, so that a fault may show it. */
export function hasShapeOf(column: ColumnName, text: string): boolean {
  const { shape }: Column = columns[column];
  return text === '' || !shape || shape.test(text);
}

/** Matches columns of further secrets for the eNB: `secret_NAME`. */
export const secretColumnPattern = /^secret_([A-Za-z0-9][A-Za-z0-9_]{0,63})$/;

/** Whether the content of a column must never be shown. */
export function isSecretColumn(name: string): boolean {
  return name.startsWith('credential_') || name.startsWith('secret_');
}

/**
 * The column that a header cell names, ignoring case and surrounding blanks. `secret_NAME` keeps the case of NAME.
 * Undefined for an unknown column.
 */
export function columnNamed(header: string): string | undefined {
  const name = header.trim().replace(/^secret_/i, 'secret_');
  if (secretColumnPattern.test(name)) return name;
  const known = name.toLowerCase();
  return Object.hasOwn(columns, known) ? known : undefined;
}

/** The column with the most similar name to a header cell. Undefined if none is similar enough. */
export function nearestColumn(header: string): ColumnName | undefined {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z]/g, '');
  const wanted = plain(header.slice(0, 64));
  const near = columnEntries
    .map(([name]) => ({ name, distance: editDistance(wanted, plain(name)) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(plain(name).length / 3)));
  return near.sort((a, b) => a.distance - b.distance)[0]?.name;
}

/** The Levenshtein distance: how many letters to insert, delete or change. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(a).entries()) {
    const next = [index + 1];
    for (const [at, other] of Array.from(b).entries()) {
      const [above = 0, left = 0, diagonal = 0] = [row[at + 1], next[at], row[at]];
      next.push(Math.min(above + 1, left + 1, diagonal + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
