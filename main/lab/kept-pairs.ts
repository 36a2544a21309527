import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodePem } from '../asn1/index.ts';
import { ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { errorCode, readFile, syncFolder, writeFileAtomically } from '../files/index.ts';
import { readPrivateKey, signerWithKey } from '../keys/index.ts';
import { certificatesToPem, parseCertificate, type Certificate } from '../pki/index.ts';
import type { KeyPair } from './issue-certificate.ts';

/** A key and its certificate from `NAME.key` and `NAME.pem` in the folder. Makes them if they are missing or not fit any more. */
export async function keepPair(
  folder: string,
  name: string,
  make: () => Promise<KeyPair>,
  isFit: (certificate: Certificate) => boolean = () => true,
): Promise<Result<KeyPair>> {
  const [certificateFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  // The certificate is written last: without it, an earlier start was interrupted.
  if (existsSync(certificateFile)) {
    const pair = await readPair(certificateFile, keyFile);
    if (!pair.ok || isFit(pair.value.certificate)) return pair;
    const removed = remove(certificateFile);
    if (!removed.ok) return removed;
  }
  const pair = await make();
  const key = pair.key.export({ format: 'pem', type: 'pkcs8' });
  const written = writeAndWipe(keyFile, Buffer.from(key), 0o600);
  if (!written.ok) return written;
  const certified = writeCertificate(certificateFile, pair.certificate);
  return certified.ok ? ok(pair) : certified;
}

async function readPair(certificateFile: string, keyFile: string): Promise<Result<KeyPair>> {
  const certificate = readCertificate(certificateFile);
  if (!certificate.ok) return certificate;
  const bytes = readFile(keyFile, maximumFile);
  if (!bytes.ok) return bytes;
  try {
    const key = await readPrivateKey(bytes.value, undefined);
    if (!key.ok) return refused(prependWhere(key.fault, { file: keyFile }));
    const signer = signerWithKey(key.value, [certificate.value]);
    return signer.ok
      ? ok({ key: key.value, certificate: certificate.value })
      : refused(prependWhere(signer.fault, { file: keyFile }));
  } finally {
    bytes.value.fill(0);
  }
}

const maximumFile = 64 * 1024;

/** Reads the first certificate of a file. */
export function readCertificate(file: string): Result<Certificate> {
  const bytes = readFile(file, maximumFile);
  if (!bytes.ok) return bytes;
  const [block] = decodePem(bytes.value.toString('latin1'));
  const certificate = parseCertificate(block?.bytes ?? new Uint8Array());
  return certificate.ok ? certificate : refused(prependWhere(certificate.fault, { file }));
}

/** Writes a certificate as PEM, for everyone to read. */
export function writeCertificate(file: string, certificate: Certificate): Result<void> {
  return writeAndWipe(file, Buffer.from(certificatesToPem([certificate])), 0o644);
}

function remove(file: string): Result<void> {
  try {
    rmSync(file);
    syncFolder(dirname(file));
    return ok(undefined);
  } catch (error) {
    return refuse('store-unusable', { where: { file }, found: errorCode(error) });
  }
}

/** Writes a file whole, and wipes the bytes. */
export function writeAndWipe(file: string, bytes: Uint8Array, mode: number): Result<void> {
  try {
    writeFileAtomically(file, bytes, mode);
    return ok(undefined);
  } catch (error) {
    return refuse('store-unusable', { where: { file }, found: errorCode(error) });
  } finally {
    bytes.fill(0);
  }
}
