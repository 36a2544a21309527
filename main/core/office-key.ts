import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fault, ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { newestFirst, readCertificationRequest, type CertificationRequest } from '../keys/index.ts';
import { checkOfficeCertificate, makeOfficeKey, readProfile, writeOutput } from '../office/index.ts';
import { certificatesToPem, exactly, plainSpki } from '../pki/index.ts';
import { underLease } from '../work/index.ts';
import type { Core } from './core.ts';
import { readCertificates } from './trust-files.ts';
import { maximumKeyFileSize, type PassphraseFor } from './verify-files.ts';

/** The office key of an operator, and where it lies. Paths are absolute. */
export interface OfficeKeyPlace {
  readonly profile: string;
  readonly folder: string;
}

/** The files of a new office key. */
export interface OfficeKeyFiles {
  readonly key: string;
  readonly request: string;
}

/** An office key with its certificate. */
export interface CertifiedOfficeKey {
  readonly key: string;
  /** The file with the certificate and its intermediates. */
  readonly certificate: string;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
  /** What belongs into the profile. */
  readonly profileMember: {
    readonly officeKey: { readonly pkcs8: string; readonly certificates: readonly string[] };
  };
}

const maximumRequest = 64 * 1024;

function filesIn(folder: string) {
  const file = (name: string) => join(folder, name);
  return { key: file('office-key.pem'), request: file('office-request.pem'), office: file('office.pem') };
}

/**
 * Makes an office key in the folder, with the request for its certificate, and logs that. Never replaces a key: refuses with
 * `office-key-exists`.
 * @param subject the name to ask for; by default it is made of the operator's
 */
export async function initOfficeKey(
  { stores }: Pick<Core, 'stores'>,
  { profile: profileFile, folder, subject }: OfficeKeyPlace & { readonly subject: string | undefined },
  passphraseFor: PassphraseFor,
): Promise<Result<OfficeKeyFiles>> {
  const profile = readProfile(profileFile);
  if (!profile.ok) return profile;
  const { document, training } = profile.value;
  const { key: keyFile, request: requestFile } = filesIn(folder);
  const exists = () => refuse('office-key-exists', { where: { file: keyFile } });
  if (existsSync(keyFile)) return exists();
  const opened = stores.open(training);
  if (!opened.ok) return opened;
  const { takeLease } = stores.surroundings();
  return underLease(opened.value.store, takeLease, `office init ${folder}`, async () => {
    const passphrase = await passphraseFor(keyFile);
    if (!passphrase.ok) return passphrase;
    if (!passphrase.value) return refused(fault('passphrase-missing'));
    try {
      const made = await makeOfficeKey(document.name, subject, passphrase.value);
      if (!made.ok) return made;
      const { key, request, spki } = made.value;
      // The key is written last. Without it, this starts again, and replaces the request.
      const requested = writeOutput(requestFile, request);
      if (!requested.ok) return requested;
      const written = writeOutput(keyFile, key, 0o600);
      if (!written.ok) return written;
      const subjectOfLog = { operator: document.name };
      const facts = { keySha256: hash('sha256', spki) };
      opened.value.log.append({ action: 'office-key-made', subject: subjectOfLog, facts });
      return ok({ key: keyFile, request: requestFile });
    } finally {
      passphrase.value.fill(0);
    }
  });
}

/**
 * Takes the certificate of the folder's office key: checks that it is for this key and makes it an office key of the
 * operator, writes it with its intermediates beside the key, and logs that. Needs no passphrase, because the request has the
 * public key. Refuses with `key-certificate-mismatch` or `office-key-unfit`.
 */
export function takeOfficeCertificate(
  { stores, surroundings }: Pick<Core, 'stores' | 'surroundings'>,
  { profile: profileFile, folder, certificate: file }: OfficeKeyPlace & { readonly certificate: string },
): Result<CertifiedOfficeKey> {
  const profile = readProfile(profileFile);
  if (!profile.ok) return profile;
  const { key, request: requestFile, office } = filesIn(folder);
  const locked = readFile(key, maximumKeyFileSize);
  if (!locked.ok) return locked;
  locked.value.fill(0);
  const request = readRequest(requestFile);
  if (!request.ok) return request;
  const certificates = readCertificates(file);
  if (!certificates.ok) return certificates;
  const clock = exactly(surroundings.now());
  const spki = plainSpki(request.value.publicKey);
  const ofKey = certificates.value.filter(
    ({ publicKey }) => Buffer.compare(spki, plainSpki(publicKey)) === 0,
  );
  const [certificate] = newestFirst(ofKey, clock.now);
  if (!certificate) return refuse('key-certificate-mismatch', { where: { file } });
  const path = checkOfficeCertificate(certificate, certificates.value, profile.value, clock);
  if (!path.ok) return refused(prependWhere(path.fault, { file }));
  const { document, training } = profile.value;
  const opened = stores.open(training);
  if (!opened.ok) return opened;
  const chain = [certificate, ...path.value.slice(1, -1)];
  const written = writeOutput(office, Buffer.from(certificatesToPem(chain)));
  if (!written.ok) return written;
  opened.value.log.append({
    action: 'office-key-certified',
    subject: { operator: document.name },
    facts: { keySha256: hash('sha256', spki), certificateSha256: certificate.sha256 },
  });
  const fromProfile = (path: string) =>
    relative(dirname(resolve(profileFile)), path)
      .split(sep)
      .join('/');
  return ok({
    key,
    certificate: office,
    fingerprint: certificate.sha256,
    profileMember: { officeKey: { pkcs8: fromProfile(key), certificates: [fromProfile(office)] } },
  });
}

function readRequest(file: string): Result<CertificationRequest> {
  const bytes = readFile(file, maximumRequest);
  const request = bytes.ok ? readCertificationRequest(bytes.value) : bytes;
  return request.ok ? request : refused(prependWhere(request.fault, { file }));
}
