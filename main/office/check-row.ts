import type { KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { values } from '../bundle/index.ts';
import {
  ok,
  prependWhere,
  refuse,
  refused,
  type Fault,
  type FaultCode,
  type Result,
  type RowWarning,
} from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import {
  findEnbCertificate,
  isAuthorised,
  nameFromText,
  nameToText,
  readEnbIdentity,
  dnsNamesOf,
  parseCertificate,
  type Certificate,
  type EnbIdentity,
} from '../pki/index.ts';
import { parseCertificates } from '../cms/index.ts';
import { checkFields, invalid } from './check-fields.ts';
import { checkSecrets, type CredentialDigests, type SecretFaultCode } from './check-secrets.ts';
import {
  certificateFaults,
  isOfVendor,
  judgeUnder,
  maximumCertificateSize,
  newest,
  type JudgedCertificate,
} from './enb-certificates.ts';
import { hasShapeOf, isSecretColumn } from './inventory-columns.ts';
import { revealsSecret, type InventoryRow, type RowCells } from './inventory.ts';
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
  | 'credential-reused'
  | SecretFaultCode;

/** Where a row is in the inventory. */
export interface RowPlace {
  readonly row: number;
  readonly line: number;
}

/** A row as a report names it: its place, and those cells that may be shown. */
export interface RowName extends RowPlace {
  readonly siteId: string;
  readonly serialNumber: string;
}

/** A row that is refused, and its first fault. */
export interface RefusedRow extends RowName {
  readonly fault: Fault<InventoryFaultCode>;
  /** The whole text of the cell that the fault is about, where it may be shown. */
  readonly value?: string;
}

/** What Siteseal needs to make the bundle of a good row, in addition to the row itself. */
export interface RowPlan {
  /** As the profile names it. */
  readonly vendor: string;
  readonly enb: EnbIdentity;
  readonly protection: 'mac' | 'vendor-certificate';
  /** DER of the eNB's certificate, if known. */
  readonly certificate?: Uint8Array;
  /** Absent without a warning. */
  readonly warnings?: readonly RowWarning[];
}

/** What is found in a row alone. `RowOrder` judges what other rows and the store say about it. */
export interface RowFinding extends RowPlace {
  /** Of any row that is without fault up to its eNB: that, and the epoch of the key that configures it. */
  readonly candidate?: { readonly enb: EnbIdentity; readonly epoch: number };
  readonly refused?: RefusedRow;
  readonly credential?: CredentialDigests;
  readonly plan?: RowPlan;
}

/** What `checkRow` needs beside the row. */
export interface RowQuestion {
  readonly profile: Profile;
  readonly vendors: ReadonlyMap<string, UnlockedVendor>;
  readonly now: Date;
  /** The folder that certificate paths are relative to. */
  readonly folder: string;
  /** As in `SecretQuestion`. */
  readonly digestKey: KeyObject;
  /** The credentials that Siteseal makes, as bytes of `GeneratedCredentials`. Absent if the inventory holds them. */
  readonly generated?: Uint8Array;
  /** The inventory's file. */
  readonly file: string;
  /** The stored certificates (DER) of eNBs of any vendor, by serial number. */
  readonly stored: ReadonlyMap<string, readonly Uint8Array[]>;
}

/** The serial number of the eNB whose certificate a row needs from the store, because the row names no file. */
export function neededFromStore({ fault: bad, cells }: InventoryRow): string | undefined {
  return bad || cells.enb_certificate !== '' ? undefined : cells.enb_serial;
}

type RowResult<Value> = Result<Value, InventoryFaultCode>;

/** Checks a row up to its first fault. */
export function checkRow(one: InventoryRow, question: RowQuestion): RowFinding {
  const { row, line } = one;
  const found: { candidate?: NonNullable<RowFinding['candidate']> } = {};
  const judged = judge(one, question, found);
  if (!judged.ok) return { row, line, ...found, refused: refusedRow(one, judged.fault, question.file) };
  return { row, line, ...found, ...judged.value };
}

/** A row that is refused with this fault, without anything that may not be shown. */
export function refusedRow(one: InventoryRow, why: Fault<InventoryFaultCode>, file: string): RefusedRow {
  const { row, line, cells } = one;
  const siteId = shownCell(one, cells.site_id);
  const serialNumber = shownCell(one, cells.enb_serial);
  const fault = prependWhere(toShown(one, why), { file, row, line });
  const value = shownValue(one, why.where?.field ?? '');
  return { row, line, siteId, serialNumber, fault, ...(value !== undefined && { value }) };
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

const maximumValue = 1024;

/** The whole text of a cell, where it may be shown. */
export function shownValue(row: InventoryRow, column: string): string | undefined {
  if (isSecretColumn(column) || !Object.hasOwn(row.cells, column)) return undefined;
  const name = column as keyof RowCells;
  const text = row.cells[name];
  const isFit = text.length <= maximumValue && hasShapeOf(name, text);
  return isFit && !revealsSecret(row, text) ? text : undefined;
}

/** Hides the text if it may be a secret: in a bad row, cells may have shifted into other columns. */
export function shownCell(row: InventoryRow, text: string): string {
  return revealsSecret(row, text) ? '' : cut(text);
}

/** Cuts a text to a readable length. */
export function cut(text: string): string {
  return text.length > maximumShown ? `${text.slice(0, maximumShown).toWellFormed()}…` : text;
}

/** @param found gets the eNB as soon as it is known to be one that this row may name */
function judge(
  row: InventoryRow,
  question: RowQuestion,
  found: { candidate?: NonNullable<RowFinding['candidate']> },
): RowResult<Pick<RowFinding, 'credential' | 'plan'>> {
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
    ? checkCertificate(row, certificate.value, question)
    : identityWithoutCertificate(row);
  if (!enb.ok) return enb;
  const { subject, subjectAltNames } = enrolmentNames(question.profile, enb.value.serialNumber);
  if (!nameFromText(subject).ok) return invalid(row, 'enb_serial', 'distinguished-name');
  if (!subjectAltNames.every(values.isSubjectAltName)) return invalid(row, 'enb_serial', 'subject-alt-name');
  if (!isAuthorised(vendor.authorisation, enb.value)) {
    return refuse('enb-out-of-scope', { found: `${enb.value.serialNumber} (${enb.value.hwType})` });
  }
  found.candidate = { enb: enb.value, epoch: vendor.authorisation.epoch };
  const used = certificate.value?.certificate;
  const hasCertificate = used !== undefined;
  const { digestKey, generated } = question;
  const isGenerated = generated !== undefined;
  const about = { enrolment, protection, hasCertificate, isGenerated, digestKey };
  const credential = checkSecrets(row, about);
  if (!credential.ok) return credential;
  const warnings = rowWarnings(cells, question.profile, vendor, used);
  return ok({
    ...(credential.value && { credential: credential.value }),
    plan: {
      vendor: vendor.name,
      enb: enb.value,
      protection,
      ...(used && { certificate: used.der }),
      ...(warnings.length > 0 && { warnings }),
    },
  });
}

/** The row's certificate, from its file or the store. Undefined if it is unknown and not required. */
function findCertificate(
  row: InventoryRow,
  vendor: Vendor,
  protection: RowPlan['protection'],
  { folder, stored, now }: RowQuestion,
): RowResult<JudgedCertificate | undefined> {
  const { cells } = row;
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
    const certificate = findEnbCertificate(parsed.value, cells.enb_serial);
    return ok(certificate && judgeUnder(vendor, certificate, now));
  }
  const known = (stored.get(cells.enb_serial) ?? []).flatMap((der) => ofRow(cells, vendor, der, now));
  const hwTypes = new Set(known.map(({ hwType }) => hwType));
  if (hwTypes.size > 1) return invalid(row, 'enb_hw_type', 'hw-type-one');
  const found = newest(known.map(({ judged }) => judged));
  if (found || protection === 'vendor-certificate') return ok(found);
  return refuse('enb-certificate-missing', { where });
}

/** A stored certificate, if it can be that of the row's eNB: its vendor issued it, for this hardware type. */
function ofRow(cells: InventoryRow['cells'], vendor: Vendor, der: Uint8Array, now: Date) {
  const parsed = parseCertificate(der);
  const identity = parsed.ok ? readEnbIdentity(parsed.value) : parsed;
  if (!parsed.ok || !identity.ok) return [];
  const { hwType } = identity.value;
  if (cells.enb_hw_type !== '' && cells.enb_hw_type !== hwType) return [];
  const judged = judgeUnder(vendor, parsed.value, now);
  return isOfVendor(judged) ? [{ hwType, judged }] : [];
}

/** Adds the certificate's file to a fault that only the certificate's issuer can fix. */
function ofCertificate<Code extends FaultCode>(
  { enb_certificate }: InventoryRow['cells'],
  fault: Fault<Code>,
): Fault<Code> {
  return prependWhere(fault, { field: 'enb_certificate', certificate: enb_certificate });
}

function checkCertificate(
  { cells }: InventoryRow,
  judged: JudgedCertificate,
  { profile }: RowQuestion,
): RowResult<EnbIdentity> {
  const { certificate } = judged;
  const { unfit, weak } = certificateFaults(judged);
  if (unfit?.code === 'certificate-extension-malformed') return refused(ofCertificate(cells, unfit));
  const inRow = { field: 'enb_certificate' };
  const found = cells.enb_certificate;
  if (unfit) return refused(prependWhere({ ...unfit, found }, inRow));
  const identity = checkIdentity(cells, certificate);
  if (!identity.ok) return identity;
  if (weak) return refused(prependWhere({ ...weak, found }, inRow));
  const needsDnsName = profile.document.initialIpsec.identity === 'fqdn' && cells.seg_initial !== '';
  const where = { ...inRow, certificate: nameToText(certificate.subject) };
  return needsDnsName && dnsNamesOf(certificate).length === 0
    ? refuse('field-invalid', { rule: 'certificate-dns-name', found, where })
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
