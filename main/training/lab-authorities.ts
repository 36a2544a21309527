import { createPublicKey, type KeyObject } from 'node:crypto';
import { values } from '../bundle/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode, readFile } from '../files/index.ts';
import {
  labHardwareType,
  makeOperatorFolder,
  makeVendorFolder,
  type OperatorFolder,
  type VendorFolder,
} from '../lab/index.ts';
import { serialNumberPattern } from '../pki/index.ts';

/** Makes an operator's CAs, configuration key and gateways in a folder. */
export function makeLabOperatorFolder(request: OperatorFolder): Promise<Result<void>> {
  const strange = request.gateways.find((text) => !values.isHostName(text));
  return strange === undefined
    ? makeOperatorFolder(request)
    : Promise.resolve(refuse('usage-invalid', { rule: 'host', found: strange }));
}

/** What a vendor of the lab makes. Paths are absolute. */
export interface LabVendorRequest extends Pick<VendorFolder, 'folder' | 'name' | 'revoked' | 'now'> {
  readonly serialNumbers: readonly string[];
  /** A file with the public half of an operator's configuration key, in PEM, and the operator's name. */
  readonly certify: { readonly file: string; readonly operator: string } | undefined;
}

const maximumFile = 64 * 1024;

/** Makes a vendor's CAs, eNBs and certificates in a folder. */
export async function makeLabVendorFolder(request: LabVendorRequest): Promise<Result<void>> {
  const { serialNumbers, certify, revoked, ...rest } = request;
  const strange = [...serialNumbers, ...revoked].find((text) => !serialNumberPattern.test(text));
  if (strange !== undefined) return refuse('usage-invalid', { rule: 'serial-number', found: strange });
  const enbs = [...new Set([...serialNumbers, ...revoked])].map((serialNumber) => ({
    hwType: labHardwareType,
    serialNumber,
  }));
  const key = certify ? readPublicKey(certify.file) : ok(undefined);
  if (!key.ok) return key;
  const certified = certify && key.value && { key: key.value, operator: certify.operator };
  return makeVendorFolder({ ...rest, revoked, enbs, certified });
}

function readPublicKey(file: string): Result<KeyObject> {
  const bytes = readFile(file, maximumFile);
  if (!bytes.ok) return bytes;
  try {
    return ok(createPublicKey(bytes.value));
  } catch (error) {
    return refuse('key-unreadable', { where: { file }, found: errorCode(error) });
  }
}
