import { statSync } from 'node:fs';
import { Bundle, unverifiedReceipt } from '../bundle/index.ts';
import { isEncryptedFile, parseCertificates } from '../cms/index.ts';
import { readStart } from '../files/index.ts';
import { parseEditedJson } from '../json/index.ts';
import { templateColumns } from '../office/index.ts';
import { isKnownFile } from './log-known-heads.ts';

/** What a file is for, in Siteseal. */
export type FileKind =
  'bundles' | 'inventory' | 'operator-profile' | 'vendor-root' | 'receipts' | 'log-heads' | 'folder';

/** How much of a file to read, in bytes. Everything but an inventory is smaller. */
const mostRead = 1024 * 1024;

/** The first byte of DER: a SEQUENCE. */
const sequence = 0x30;

/** What a path is, by its contents; undefined if they say nothing. Verifies nothing, and keeps nothing of them. */
export function kindOfFile(path: string): FileKind | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return 'folder';
  const start = readStart(path, mostRead);
  if (!start.ok) return undefined;
  try {
    if (isEncryptedFile(start.value)) return 'inventory';
    return start.value[0] === sequence ? kindOfDer(start.value) : kindOfText(start.value);
  } finally {
    start.value.fill(0); // An inventory holds secrets.
  }
}

function kindOfDer(bytes: Buffer): FileKind | undefined {
  if (unverifiedReceipt(bytes).ok) return 'receipts';
  const { signedData, configuration } = new Bundle(bytes);
  if (signedData.ok) return configuration.ok ? 'bundles' : undefined;
  return parseCertificates(bytes).ok ? 'vendor-root' : undefined;
}

function kindOfText(bytes: Buffer): FileKind | undefined {
  if (isKnownFile(bytes)) return 'log-heads';
  if (isProfile(bytes)) return 'operator-profile';
  if (isInventory(bytes)) return 'inventory';
  return parseCertificates(bytes).ok ? 'vendor-root' : undefined;
}

function isProfile(bytes: Buffer): boolean {
  const json = parseEditedJson(bytes);
  return json.ok && typeof json.value === 'object' && json.value !== null && 'plmn' in json.value;
}

/** Whether the first lines have the names of at least two columns. A line above them may declare the separator. */
function isInventory(bytes: Buffer): boolean {
  const lines = bytes.subarray(0, 4096).toString('utf8').toLowerCase().split(/\r?\n/, 2);
  return lines.some((line) => {
    const cells = new Set(line.split(/[,;\t]/).map((cell) => cell.replaceAll(/["\uFEFF ]/g, '')));
    return templateColumns.filter((name) => cells.has(name)).length > 1;
  });
}
