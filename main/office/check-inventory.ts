import { resolve } from 'node:path';
import { isGatewayOf, isReachedThrough, values, type RecipientCertificate } from '../bundle/index.ts';
import {
  ok,
  prependWhere,
  refuse,
  refused,
  type Fault,
  type FaultCode,
  type Result,
} from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import {
  checkEnbKey,
  enbKey,
  findEnbCertificate,
  isAuthorised,
  isDateFault,
  judgePath,
  nameFromText,
  nameToText,
  readEnbIdentity,
  toSeconds,
  type Certificate,
  type Clock,
  type EnbIdentity,
  type PathFaultCode,
} from '../pki/index.ts';
import { parseCertificates } from '../cms/index.ts';
import { checkSecrets, CredentialsSeen, type SecretFaultCode } from './check-secrets.ts';
import { foundIn, revealsSecret, type Inventory, type InventoryRow } from './inventory.ts';
import { forSerial, type Profile, type UnlockedVendor, type Vendor } from './profile.ts';

/** What can be wrong with a row. */
export type InventoryFaultCode =
  | 'enb-certificate-missing'
  | 'enb-certificate-unreadable'
  | 'enb-certificate-untrusted'
  | 'enb-certificate-expired'
  | 'enb-certificate-weak'
  | 'certificate-malformed'
  | 'certificate-extension-malformed'
  | 'enb-identity-missing'
  | 'enb-serial-mismatch'
  | 'enb-out-of-scope'
  | 'signer-superseded'
  | 'duplicate-enb'
  | SecretFaultCode;

/** A row as a report names it: its numbers, and what of it may be shown. */
export interface RowName {
  readonly row: number;
  readonly line: number;
  readonly siteId: string;
  readonly serialNumber: string;
}

/** What a row comes to: an eNB with all that its bundle needs, or one fault. */
export type CheckedRow = RowName &
  (
    | { readonly ok: true; readonly plan: RowPlan }
    | { readonly ok: false; readonly fault: Fault<InventoryFaultCode> }
  );

/** What the bundle of a good row is made from, beside the row itself. */
export interface RowPlan {
  readonly vendor: UnlockedVendor;
  readonly enb: EnbIdentity;
  readonly protection: 'mac' | 'vendor-certificate';
  /** The eNB's certificate, when it is known. */
  readonly certificate?: PlannedCertificate;
}

/** What is kept of a checked certificate until its bundle is made: whole ones for 100,000 rows would fill the memory. */
export type PlannedCertificate = RecipientCertificate & Pick<Certificate, 'der' | 'sha256'>;

function toPlanned({ der, sha256, issuer, serialNumber, publicKey }: Certificate): PlannedCertificate {
  return { der, sha256, issuer, serialNumber, publicKey };
}

/** What rows are judged by. */
export interface InventoryQuestion {
  readonly profile: Profile;
  readonly vendors: ReadonlyMap<string, UnlockedVendor>;
  readonly now: Date;
  /** DER of the certificates that the store has of a vendor's eNB with this serial number. */
  readonly storedCertificates: (vendor: string, serialNumber: string) => readonly Uint8Array[];
  /** The highest epoch in which the store knows of a bundle for this eNB. */
  readonly lastEpoch: (enb: EnbIdentity) => number;
  /** The folder that certificate names are relative to. */
  readonly folder: string;
}

type RowResult<Value> = Result<Value, InventoryFaultCode>;

const maximumCertificateSize = 64 * 1024;

/** Judges the rows one by one, each with the first fault that it has; the caller decides how fast. */
export function* checkInventory(inventory: Inventory, question: InventoryQuestion): Generator<CheckedRow> {
  const seen: Seen = { enbs: new Map(), credentials: new CredentialsSeen() };
  try {
    for (const one of inventory.rows) {
      const plan = checkRow(one, question, seen);
      const { row, line, cells } = one;
      const { site_id: siteId, enb_serial: serialNumber } = cells;
      if (plan.ok) {
        yield { ok: true, row, line, siteId, serialNumber, plan: plan.value };
        continue;
      }
      const shown = { siteId: shownCell(one, siteId), serialNumber: shownCell(one, serialNumber) };
      const where = { file: inventory.file, row, line };
      yield { ok: false, row, line, ...shown, fault: prependWhere(toShown(one, plan.fault), where) };
    }
  } finally {
    seen.credentials.wipe();
  }
}

/** What the rows so far have, which no other may have. */
interface Seen {
  /** The first row of each eNB. */
  readonly enbs: Map<string, number>;
  readonly credentials: CredentialsSeen;
}

const maximumShown = 120;

/**
 * A fault of the row as it may be shown: what was found is cut to a readable length, and left out, with all that lies
 * beneath, where a text tells one of the row's secrets.
 */
function toShown<Code extends FaultCode>(row: InventoryRow, one: Fault<Code>): Fault<Code> {
  const { code, rule, found, where, because } = one;
  const texts = [one.expected, found, where?.file, where?.certificate];
  if (texts.some((text) => text !== undefined && revealsSecret(row, text))) {
    return {
      code,
      ...(rule && { rule }),
      ...(where?.field !== undefined && { where: { field: where.field } }),
    };
  }
  return {
    ...one,
    ...(found !== undefined && { found: cut(found) }),
    ...(because && { because: toShown(row, because) }),
  };
}

/** In a bad row cells may have slipped, and a secret may stand in any column. */
function shownCell(row: InventoryRow, text: string): string {
  return revealsSecret(row, text) ? '' : cut(text);
}

function cut(text: string): string {
  return text.length > maximumShown ? `${text.slice(0, maximumShown).toWellFormed()}…` : text;
}

function checkRow(row: InventoryRow, question: InventoryQuestion, seen: Seen): RowResult<RowPlan> {
  if (row.fault) return refused(row.fault);
  const { cells } = row;
  const vendor = question.vendors.get(cells.vendor);
  if (!vendor) return invalid(row, 'vendor', 'vendor');
  const fields = checkFields(row, question, vendor);
  if (!fields.ok) return fields;
  const { enrolment } = question.profile.document;
  const protection = (cells.protection || enrolment.protection) as RowPlan['protection'];
  const certificate = findCertificate(row, vendor, protection, question);
  if (!certificate.ok) return certificate;
  const enb = certificate.value
    ? checkCertificate(row, certificate.value, vendor, question.now)
    : identityWithoutCertificate(row);
  if (!enb.ok) return enb;
  const { subject, subjectAltNames } = enrolment;
  const own = (name: string) => forSerial(name, enb.value.serialNumber);
  if (!nameFromText(own(subject)).ok) return invalid(row, 'enb_serial', 'distinguished-name');
  if (!subjectAltNames.map(own).every(values.isSubjectAltName))
    return invalid(row, 'enb_serial', 'subject-alt-name');
  if (!isAuthorised(vendor.authorisation, enb.value)) {
    return refuse('enb-out-of-scope', { found: `${enb.value.serialNumber} (${enb.value.hwType})` });
  }
  const lastEpoch = question.lastEpoch(enb.value);
  if (vendor.authorisation.epoch < lastEpoch) {
    return refuse('signer-superseded', {
      expected: String(lastEpoch),
      found: String(vendor.authorisation.epoch),
    });
  }
  const earlier = seen.enbs.get(enbKey(enb.value));
  if (earlier !== undefined)
    return refuse('duplicate-enb', { found: `row ${earlier}`, where: { field: 'enb_serial' } });
  seen.enbs.set(enbKey(enb.value), row.row);
  const hasCertificate = certificate.value !== undefined;
  const secrets = checkSecrets(row, { enrolment, protection, hasCertificate, earlier: seen.credentials });
  if (!secrets.ok) return secrets;
  return ok({
    vendor,
    enb: enb.value,
    protection,
    ...(certificate.value && { certificate: toPlanned(certificate.value) }),
  });
}

/** A `field-invalid` with what was found. */
function invalid(
  row: InventoryRow,
  field: keyof InventoryRow['cells'],
  rule: NonNullable<Fault['rule']>,
  expected?: string,
): Result<never, 'field-invalid'> {
  return refuse('field-invalid', {
    rule,
    where: { field },
    ...(expected !== undefined && { expected }),
    ...foundIn(field, row.cells[field]),
  });
}

/** What depends on several cells, on the profile, or on the time. */
function checkFields(
  row: InventoryRow,
  { profile, now }: InventoryQuestion,
  vendor: UnlockedVendor,
): RowResult<void> {
  const { cells } = row;
  const { document } = profile;
  if (cells.plmn !== document.plmn) return invalid(row, 'plmn', 'plmn-of-profile', document.plmn);
  if (cells.outer_ip === 'dhcp') {
    if (cells.outer_gateway !== '') return invalid(row, 'outer_gateway', 'gateway-dhcp');
  } else if (!isGatewayOf(cells.outer_gateway, cells.outer_ip)) {
    return invalid(row, 'outer_gateway', 'gateway');
  }
  const from = new Date(cells.valid_from);
  const until = new Date(cells.valid_until);
  if (until <= from) return invalid(row, 'valid_until', 'validity-order');
  if (until < now) return invalid(row, 'valid_until', 'validity-past');
  if (until > vendor.signerEnd) {
    return invalid(row, 'valid_until', 'validity-signer', toSeconds(vendor.signerEnd));
  }
  if (document.initialIpsec.required) {
    const gateway = securityGateway(profile, cells.seg_initial);
    if (!isReachedThrough(cells.ra_url, [gateway])) return invalid(row, 'ra_url', 'ra-outside-tunnel');
  }
  return ok(undefined);
}

/** A security gateway as the profile describes it; one that it does not name takes the defaults. */
export function securityGateway({ securityGateways }: Profile, address: string) {
  const known = securityGateways.get(values.canonicalHost(address));
  return {
    address,
    identity: known?.identity ?? address,
    remoteSubnets: known?.remoteSubnets ?? ['0.0.0.0/0', '::/0'],
  };
}

/** The row's certificate: from its file, from the store, or none where none is needed. */
function findCertificate(
  { cells }: InventoryRow,
  vendor: Vendor,
  protection: RowPlan['protection'],
  { folder, storedCertificates }: InventoryQuestion,
): RowResult<Certificate | undefined> {
  const where = { field: 'enb_certificate' };
  if (cells.enb_certificate !== '') {
    const path = resolve(folder, cells.enb_certificate);
    const bytes = readFile(path, maximumCertificateSize);
    if (!bytes.ok) {
      const code = bytes.fault.found === 'ENOENT' ? 'enb-certificate-missing' : 'enb-certificate-unreadable';
      return refuse(code, { found: cells.enb_certificate, where, because: bytes.fault });
    }
    const parsed = parseCertificates(bytes.value);
    if (!parsed.ok) {
      const { fault } = parsed;
      const { code } = fault;
      if (code === 'certificate-malformed') return refused(ofCertificate(cells, { ...fault, code }));
      return refuse('enb-certificate-unreadable', { found: cells.enb_certificate, where, because: fault });
    }
    return ok(findEnbCertificate(parsed.value, cells.enb_serial));
  }
  const stored = storedCertificates(vendor.name, cells.enb_serial)
    .map((der) => parseCertificates(der))
    .flatMap((certificates) => (certificates.ok ? certificates.value : []));
  const fitting = stored.filter((certificate) => {
    const identity = readEnbIdentity(certificate);
    return identity.ok && (cells.enb_hw_type === '' || identity.value.hwType === cells.enb_hw_type);
  });
  if (fitting.length === 1) return ok(fitting[0]);
  return protection === 'vendor-certificate' ? ok(undefined) : refuse('enb-certificate-missing', { where });
}

/** A fault that the certificate's issuer alone can fix, with the file that it is in. */
function ofCertificate<Code extends FaultCode>(
  { enb_certificate }: InventoryRow['cells'],
  fault: Fault<Code>,
): Fault<Code> {
  return prependWhere(fault, { field: 'enb_certificate', certificate: enb_certificate });
}

/** The faults of path validation that mean a weak key or algorithm. Others than these and dates: untrusted. */
const weakFaults: ReadonlySet<PathFaultCode> = new Set([
  'algorithm-weak',
  'algorithm-unsupported',
  'key-weak',
]);

function checkCertificate(
  { cells }: InventoryRow,
  certificate: Certificate,
  vendor: UnlockedVendor,
  now: Date,
): RowResult<EnbIdentity> {
  const where = { field: 'enb_certificate', certificate: nameToText(certificate.subject) };
  const { faults, path } = judgePath({
    target: certificate,
    trustAnchors: vendor.rootCertificates,
    intermediates: vendor.intermediates,
    crls: vendor.crls,
    requireCrl: false,
    clock: { now, isExact: true } satisfies Clock,
  });
  const ownDates = now > certificate.notAfter || now < certificate.notBefore;
  const because = faults.find((one) => !isDateFault(one)) ?? faults[0];
  const isWeak = because && weakFaults.has(because.code);
  if (because && !isWeak) {
    const { code: reason } = because;
    if (reason === 'certificate-extension-malformed')
      return refused(ofCertificate(cells, { ...because, code: reason }));
    const isOnlyDated = ownDates && faults.every(isDateFault);
    const code = isOnlyDated && path ? 'enb-certificate-expired' : 'enb-certificate-untrusted';
    return refuse(code, { found: cells.enb_certificate, where, because });
  }
  // Whose certificate it is, before how strong it is: a weak one of someone else is not this eNB's to replace.
  const identity = checkIdentity(cells, certificate);
  if (!identity.ok) return identity;
  const fit = checkEnbKey(certificate);
  const weak = because ?? (fit.ok ? undefined : fit.fault);
  return weak
    ? refuse('enb-certificate-weak', { found: cells.enb_certificate, where, because: weak })
    : identity;
}

function checkIdentity(cells: InventoryRow['cells'], certificate: Certificate): RowResult<EnbIdentity> {
  const where = { field: 'enb_certificate', certificate: nameToText(certificate.subject) };
  const identity = readEnbIdentity(certificate);
  if (!identity.ok) return refused(ofCertificate(cells, identity.fault));
  const { serialNumber, hwType } = identity.value;
  if (serialNumber !== cells.enb_serial) {
    return refuse('enb-serial-mismatch', { expected: cells.enb_serial, found: serialNumber, where });
  }
  if (cells.enb_hw_type !== '' && cells.enb_hw_type !== hwType) {
    return refuse('enb-serial-mismatch', {
      expected: cells.enb_hw_type,
      found: hwType,
      where: { ...where, field: 'enb_hw_type' },
    });
  }
  return identity;
}

function identityWithoutCertificate(row: InventoryRow): RowResult<EnbIdentity> {
  const { enb_serial: serialNumber, enb_hw_type: hwType } = row.cells;
  return hwType === '' ? invalid(row, 'enb_hw_type', 'hw-type-needed') : ok({ hwType, serialNumber });
}
