import { resolve } from 'node:path';
import { values, type RecipientCertificate } from '../bundle/index.ts';
import {
  ok,
  prependWhere,
  refuse,
  refused,
  type Fault,
  type FaultCode,
  type Result,
  type WarningCode,
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
  dnsNamesOf,
  type Certificate,
  type Clock,
  type EnbIdentity,
  type PathFaultCode,
} from '../pki/index.ts';
import { parseCertificates } from '../cms/index.ts';
import { checkFields, invalid } from './check-fields.ts';
import { checkSecrets, CredentialsSeen, type SecretFaultCode } from './check-secrets.ts';
import { revealsSecret, type Inventory, type InventoryRow } from './inventory.ts';
import { enrolmentNames, type Profile, type UnlockedVendor, type Vendor } from './profile.ts';
import { rowWarnings } from './row-warnings.ts';

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

/** A row as a report names it: its numbers, and those cells that may be shown. */
export interface RowName {
  readonly row: number;
  readonly line: number;
  readonly siteId: string;
  readonly serialNumber: string;
}

/** What a good row says, beside its name. A good row holds no secret in these cells. */
export interface RowContents {
  readonly siteName: string;
  readonly vendor: string;
  readonly outerIp: string;
  readonly vlan: string;
  readonly validUntil: string;
}

/** The result of checking a row: a plan for its bundle, or the first fault. */
export type CheckedRow = RowName &
  (
    | {
        readonly ok: true;
        readonly plan: RowPlan;
        readonly contents: RowContents;
        readonly warnings: readonly WarningCode[];
      }
    | { readonly ok: false; readonly fault: Fault<InventoryFaultCode> }
  );

/** What Siteseal needs to make the bundle of a good row, in addition to the row itself. */
export interface RowPlan {
  readonly vendor: UnlockedVendor;
  readonly enb: EnbIdentity;
  readonly protection: 'mac' | 'vendor-certificate';
  /** The eNB's certificate, if known. */
  readonly certificate?: PlannedCertificate;
}

/** The parts of a checked certificate that its bundle needs. Whole ones for 100,000 rows would fill the memory. */
export type PlannedCertificate = RecipientCertificate & Pick<Certificate, 'der' | 'sha256'>;

function toPlanned({ der, sha256, issuer, serialNumber, publicKey }: Certificate): PlannedCertificate {
  return { der, sha256, issuer, serialNumber, publicKey };
}

/** What `checkInventory` needs beside the rows. */
export interface InventoryQuestion {
  readonly profile: Profile;
  readonly vendors: ReadonlyMap<string, UnlockedVendor>;
  readonly now: Date;
  /** The stored certificates (DER) of a vendor's eNBs with this serial number. */
  readonly storedCertificates: (vendor: string, serialNumber: string) => readonly Uint8Array[];
  /** The highest epoch that the store has recorded for this eNB; 0 if it has none. */
  readonly lastEpoch: (enb: EnbIdentity) => number;
  /** The folder that certificate paths are relative to. */
  readonly folder: string;
}

type RowResult<Value> = Result<Value, InventoryFaultCode>;

const maximumCertificateSize = 64 * 1024;

/** Checks the rows one by one, each up to its first fault. The caller sets the pace by iterating. */
export function* checkInventory(inventory: Inventory, question: InventoryQuestion): Generator<CheckedRow> {
  const seen: Seen = { enbs: new Map(), credentials: new CredentialsSeen() };
  try {
    for (const one of inventory.rows) {
      const plan = checkRow(one, question, seen);
      const { row, line, cells } = one;
      const { site_id: siteId, enb_serial: serialNumber } = cells;
      if (plan.ok) {
        const contents = contentsOf(cells, plan.value.vendor);
        const warnings = rowWarnings(cells, question.profile);
        yield { ok: true, row, line, siteId, serialNumber, plan: plan.value, contents, warnings };
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

function contentsOf(cells: InventoryRow['cells'], { name: vendor }: Vendor): RowContents {
  const { site_name: siteName, outer_ip: outerIp, vlan, valid_until: validUntil } = cells;
  return { siteName, vendor, outerIp, vlan, validUntil };
}

/** Values of the rows so far that no other row may repeat. */
interface Seen {
  /** The row of each eNB, by `enbKey`. */
  readonly enbs: Map<string, number>;
  readonly credentials: CredentialsSeen;
}

const maximumShown = 120;

/**
 * Makes a fault safe to show. Cuts `found` to a readable length. If any text reveals one of the row's secrets, keeps
 * only code, rule and field, and drops the underlying faults.
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

/** Hides the text if it may be a secret: in a bad row, cells may have shifted into other columns. */
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
  const fields = checkFields(row, question.profile, vendor.signerEnd, question.now);
  if (!fields.ok) return fields;
  const { enrolment } = question.profile.document;
  const protection = (cells.protection || enrolment.protection) as RowPlan['protection'];
  const certificate = findCertificate(row, vendor, protection, question);
  if (!certificate.ok) return certificate;
  const enb = certificate.value
    ? checkCertificate(row, certificate.value, vendor, question)
    : identityWithoutCertificate(row);
  if (!enb.ok) return enb;
  const { subject, subjectAltNames } = enrolmentNames(question.profile, enb.value.serialNumber);
  if (!nameFromText(subject).ok) return invalid(row, 'enb_serial', 'distinguished-name');
  if (!subjectAltNames.every(values.isSubjectAltName)) return invalid(row, 'enb_serial', 'subject-alt-name');
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

/** The row's certificate, from its file or the store. Undefined if it is unknown and not required. */
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

/** Adds the certificate's file to a fault that only the certificate's issuer can fix. */
function ofCertificate<Code extends FaultCode>(
  { enb_certificate }: InventoryRow['cells'],
  fault: Fault<Code>,
): Fault<Code> {
  return prependWhere(fault, { field: 'enb_certificate', certificate: enb_certificate });
}

/** Path faults that mean a weak key or algorithm. All others, except dates, mean that the certificate is untrusted. */
const weakFaults: ReadonlySet<PathFaultCode> = new Set([
  'algorithm-weak',
  'algorithm-unsupported',
  'key-weak',
]);

function checkCertificate(
  { cells }: InventoryRow,
  certificate: Certificate,
  vendor: UnlockedVendor,
  { now, profile }: InventoryQuestion,
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
  // Check the owner before the strength: if it is another eNB's certificate, replacing a weak one fixes nothing here.
  const identity = checkIdentity(cells, certificate);
  if (!identity.ok) return identity;
  const fit = checkEnbKey(certificate);
  const weak = because ?? (fit.ok ? undefined : fit.fault);
  if (weak) return refuse('enb-certificate-weak', { found: cells.enb_certificate, where, because: weak });
  const needsDnsName = profile.document.initialIpsec.identity === 'fqdn' && cells.seg_initial !== '';
  return needsDnsName && dnsNamesOf(certificate).length === 0
    ? refuse('field-invalid', { rule: 'certificate-dns-name', found: cells.enb_certificate, where })
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
