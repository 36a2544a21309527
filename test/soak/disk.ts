/**
 * The contents of the disks of the eNBs and of the laptop, read as an outside program would: from files, and with SQL.
 */
import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyReceipt } from '../../main/bundle/index.ts';
import { parseCertificates } from '../../main/cms/index.ts';
import { hwType } from '../kit/bundle.ts';
import { enbFiles } from './scene.ts';

export interface EnbDisk {
  readonly receiptNumber: number;
  /** The bundle that it has, by its bytes. */
  readonly stored?: { readonly bundleSha256: string; readonly sequence: number };
  /** Its verdicts, in order; acceptances have the sequence number. */
  readonly history: readonly {
    readonly bundleSha256: string;
    readonly accepted: boolean;
    readonly sequence?: number;
  }[];
}

export function readEnb(folder: string, serial: string): EnbDisk {
  const { state } = enbFiles(folder, serial);
  const file = join(state, 'state.json');
  if (!existsSync(file)) return { receiptNumber: 0, history: [] };
  const { accepted, receiptNumber } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly accepted?: { readonly bundle: string; readonly sequence: number };
    readonly receiptNumber: number;
  };
  const history = join(state, 'history.jsonl');
  return {
    receiptNumber,
    ...(accepted && {
      stored: {
        bundleSha256: sha256(Buffer.from(accepted.bundle, 'base64')),
        sequence: accepted.sequence,
      },
    }),
    history: existsSync(history) ? (readLines(history) as EnbDisk['history']) : [],
  };
}

/** The values of a file of JSON Lines. */
export function readLines(file: string): readonly unknown[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
}

/** A verified receipt: whose it is, its number, and what it says about which bundle. */
export interface ReadReceipt {
  readonly sha256: string;
  readonly serial: string;
  readonly number: number;
  readonly bundleSha256: string;
  readonly accepted: boolean;
  readonly challenge: string | undefined;
}

export interface HomeDisk {
  /** By the bundle's SHA-256. */
  readonly deliveries: ReadonlyMap<string, { readonly state: string; readonly receiptSha256: string | null }>;
  readonly carried: ReadonlyMap<string, { readonly state: string; readonly challenge: string }>;
  /** In order of arrival. */
  readonly receipts: readonly ReadReceipt[];
  /** The files of receipts: SHA-256 by name. */
  readonly files: ReadonlyMap<string, string>;
  /** Receipts that do not verify, or differ from their row. */
  readonly faults: readonly string[];
}

interface ReceiptRecord {
  readonly sha256: string;
  readonly serial_number: string;
  readonly receipt_number: number;
  readonly bundle_sha256: string;
  readonly bytes: Buffer;
}

export function readHome(folder: string): HomeDisk {
  const home = join(folder, 'home');
  const database = new Database(join(home, 'siteseal.db'), { readonly: true });
  const rows = <Row>(sql: string) => database.prepare<[], Row>(sql).all();
  const deliveries = rows<{ bundle_sha256: string; state: string; receipt_sha256: string | null }>(
    'SELECT bundle_sha256, state, receipt_sha256 FROM delivery',
  );
  const carried = rows<{ bundle_sha256: string; state: string; challenge: string }>(
    'SELECT bundle_sha256, state, challenge FROM carried',
  );
  const receipts = rows<ReceiptRecord>(
    'SELECT sha256, serial_number, receipt_number, bundle_sha256, bytes FROM receipt ORDER BY received_at',
  );
  database.close();
  const faults: string[] = [];
  const read = readerOfReceipts(folder);
  const names = existsSync(join(home, 'receipts')) ? readdirSync(join(home, 'receipts')) : [];
  return {
    deliveries: new Map(
      deliveries.map((row) => [row.bundle_sha256, { state: row.state, receiptSha256: row.receipt_sha256 }]),
    ),
    carried: new Map(carried.map((row) => [row.bundle_sha256, row])),
    receipts: receipts.flatMap((row) => {
      const receipt = read(row);
      if (typeof receipt !== 'string') return [receipt];
      faults.push(receipt);
      return [];
    }),
    files: new Map(
      names
        .filter((name) => name.endsWith('.receipt.p7m'))
        .map((name) => [name, sha256(readFileSync(join(home, 'receipts', name)))]),
    ),
    faults,
  };
}

/** Verifies a receipt of the store, by the vendor's root; what is wrong with it, otherwise. */
function readerOfReceipts(folder: string): (row: ReceiptRecord) => ReadReceipt | string {
  const certificates = (name: string) => {
    const parsed = parseCertificates(readFileSync(join(folder, name)));
    if (!parsed.ok) throw new Error(`${name}: ${parsed.fault.code}`);
    return parsed.value;
  };
  const trust = {
    vendorRoots: certificates('vendor-root.pem'),
    intermediates: certificates('vendor-issuing.pem'),
    clock: { now: new Date(), isExact: true },
  };
  return (row) => {
    const { serial_number: serial, receipt_number: number, bundle_sha256: bundleSha256, bytes } = row;
    const name = `the receipt ${number} of ${serial}`;
    if (sha256(bytes) !== row.sha256) return `${name} has another SHA-256 than its row says`;
    const enb = { hwType, serialNumber: serial };
    const receipt = verifyReceipt(bytes, { ...trust, enb });
    if (receipt.ok && receipt.value.bundleSha256 !== bundleSha256) return `${name} is about another bundle`;
    if (!receipt.ok) return `${name} does not verify: ${receipt.fault.rule ?? receipt.fault.code}`;
    const { verdict, challenge, receiptNumber } = receipt.value;
    if (receiptNumber !== number) return `${name} has the number ${receiptNumber}`;
    return { sha256: row.sha256, serial, number, bundleSha256, accepted: verdict.accepted, challenge };
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
