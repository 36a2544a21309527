import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { decode, oids } from '../asn1/index.ts';
import { ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { readCertificationRequest } from '../keys/index.ts';
import { certificatesToPem, keyObject, nameFromText, nameToText } from '../pki/index.ts';
import { certify, issue, type KeyPair } from './issue-certificate.ts';
import { writeAndWipe } from './kept-pairs.ts';
import { labCertificates, type LabOptions } from './lab-certificates.ts';

/** The files of an office key in the folder of a lab operator: the encrypted key, and its certificate with its chain. */
export const officeFiles = { key: 'office.key', certificates: 'office.pem' } as const;

const maximumRequest = 64 * 1024;

/** Makes an operator's office key in a folder, encrypted under the passphrase. What is there already stays. */
export async function makeOfficeKeyFiles(
  folder: string,
  operator: string,
  issuing: KeyPair,
  passphrase: Uint8Array,
  options: LabOptions,
): Promise<Result<void>> {
  const certificates = join(folder, officeFiles.certificates);
  // The certificate is written last: without it, an earlier start was interrupted.
  if (existsSync(certificates)) return ok(undefined);
  const { key, certificate } = await issue(labCertificates.officeKey(operator, options), issuing);
  const encryption = { cipher: 'aes-256-cbc', passphrase: Buffer.from(passphrase) };
  const pem = key.export({ format: 'pem', type: 'pkcs8', ...encryption });
  encryption.passphrase.fill(0);
  const written = writeAndWipe(join(folder, officeFiles.key), Buffer.from(pem), 0o600);
  const chain = Buffer.from(certificatesToPem([certificate, issuing.certificate]));
  return written.ok ? writeAndWipe(certificates, chain, 0o644) : written;
}

/**
 * Issues the certificate that a request asks for, with its chain, into a file. Refuses with `request-unreadable` a request
 * that does not ask for the purpose of an office key.
 */
export async function certifyOffice(
  requestFile: string,
  file: string,
  operator: string,
  issuing: KeyPair,
  options: LabOptions,
): Promise<Result<void>> {
  const bytes = readFile(requestFile, maximumRequest);
  const request = bytes.ok ? readCertificationRequest(bytes.value) : bytes;
  const where = { file: requestFile };
  if (!request.ok) return refused(prependWhere(request.fault, where));
  const { subject, publicKey, extensions } = request.value;
  const wanted = extensions.get(oids.extendedKeyUsage);
  const purposes = wanted && decode(wanted.value, (reader) => reader.sequenceOfSome((inner) => inner.oid()));
  if (!purposes?.ok || !purposes.value.includes(oids.officeSigning))
    return refuse('request-unreadable', { rule: 'request-office', where });
  const contents = { ...labCertificates.officeKey(operator, options), subject: nameToText(subject) };
  const name = nameFromText(contents.subject);
  if (!name.ok) return refused(prependWhere(name.fault, where));
  const certificate = await certify(contents, keyObject(publicKey), issuing);
  const chain = Buffer.from(certificatesToPem([certificate, issuing.certificate]));
  return writeAndWipe(file, chain, 0o644);
}
