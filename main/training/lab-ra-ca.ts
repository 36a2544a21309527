import { statSync } from 'node:fs';
import { join } from 'node:path';
import { openRegistration, type RegistrationContent } from '../bundle/index.ts';
import { readCertificates, readKey, readTrust, type PassphraseFor } from '../core/index.ts';
import { ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import {
  RaCa,
  readRegistrations,
  Registrations,
  registrationsOf,
  rootFile,
  type GivenCa,
  type RaCaOptions,
  type RegistrationsDocument,
} from '../lab/index.ts';
import { nameFromText, nameToText, type Certificate, type Name } from '../pki/index.ts';
import { portUnavailable } from './port-unavailable.ts';

/** The files that play the operator's PKI, and where the RA/CA listens. Paths are absolute. */
export interface LabRaCaRequest extends Pick<
  RaCaOptions,
  'name' | 'validity' | 'polls' | 'onAnswered' | 'onError'
> {
  readonly state: string;
  /** Documents in JSON, and registrations that the office has encrypted for this RA/CA. */
  readonly registrations: readonly string[];
  /** The key that registrations are encrypted to. */
  readonly registrationKey?: string | undefined;
  /** The certificates of the operator's keys that sign registrations. */
  readonly registrationSigners?: readonly string[];
  readonly vendorRoots: readonly string[];
  readonly untrusted: readonly string[];
  /** A CA to issue with, its key, and the certificates above it. */
  readonly ca?: { readonly certificate: string; readonly key: string; readonly chain: string | undefined };
  /** The new operator root to announce: its own certificate, the one by the old root, and perhaps the reverse. */
  readonly newRoot?: string | undefined;
  readonly host: string;
  readonly port: number;
  /** Whether it forgets its registrations, for training. Asked at each message. */
  readonly isForgetful?: (() => boolean) | undefined;
}

/** A running RA/CA. */
export interface RunningLabRaCa {
  readonly port: number;
  /** The name that eNBs must have as `caName`. */
  readonly name: string;
  /** The file with the operator root. */
  readonly root: string;
  /** What the user should know. `unbound`: registrations let one credential serve many keys. `readable`: others can read the secrets. */
  readonly warnings: readonly ('unbound' | 'readable')[];
  close(): Promise<void>;
}

/** The first byte of a message in DER. A JSON object begins with another one. */
const derSequence = 0x30;

const maximumRegistrationsFile = 64 * 1024 * 1024;

/** Starts an RA/CA. */
export async function startLabRaCa(
  request: LabRaCaRequest,
  now: () => Date,
  passphraseFor: PassphraseFor,
): Promise<Result<RunningLabRaCa>> {
  const { state, host, port, name, validity, polls, onAnswered, onError } = request;
  const trust = readTrust({ roots: request.vendorRoots, untrusted: request.untrusted, crls: [] });
  if (!trust.ok) return trust;
  const registrations = await readAll(request, passphraseFor);
  if (!registrations.ok) return registrations;
  const ca = request.ca ? await readCa(request.ca, passphraseFor) : ok(undefined);
  if (!ca.ok) return ca;
  const successor = request.newRoot === undefined ? ok(undefined) : readSuccessor(request.newRoot);
  if (!successor.ok) return successor;
  const raCa = await RaCa.open({
    folder: state,
    registrations: unlessForgotten(registrations.value.all, request.isForgetful),
    vendorRoots: trust.value.vendorRoots,
    vendorIntermediates: trust.value.intermediates,
    successor: successor.value,
    ...{ ca: ca.value, name, validity, polls, now, onAnswered, onError },
  });
  if (!raCa.ok) return raCa;
  const ours = checkRaNames(registrations.value.encrypted, raCa.value.ra.subject);
  if (!ours.ok) {
    raCa.value.close();
    return ours;
  }
  try {
    const warnings = warningsFor(registrations.value);
    const listening = await raCa.value.listen(host, port);
    return ok({
      port: listening.port,
      name: nameToText(raCa.value.ra.subject),
      root: join(state, rootFile),
      warnings,
      close: async () => {
        await listening.close();
        raCa.value.close();
      },
    });
  } catch (error) {
    raCa.value.close();
    return portUnavailable(error, `${host}:${port}`);
  }
}

/** The registrations of all files. */
interface AllRegistrations {
  readonly all: Registrations;
  /** Those that the office has encrypted, and their files. */
  readonly encrypted: readonly { readonly file: string; readonly content: RegistrationContent }[];
  /** The files with secrets that are not encrypted. */
  readonly open: readonly string[];
}

async function readAll(
  { registrations: files, registrationKey, registrationSigners = [] }: LabRaCaRequest,
  passphraseFor: PassphraseFor,
): Promise<Result<AllRegistrations>> {
  const key = registrationKey === undefined ? undefined : await readKey(registrationKey, passphraseFor);
  if (key && !key.ok) return key;
  const signers: Certificate[] = [];
  for (const file of registrationSigners) {
    const certificates = readCertificates(file);
    if (!certificates.ok) return certificates;
    signers.push(...certificates.value.slice(0, 1));
  }
  const documents: RegistrationsDocument[] = [];
  const encrypted: { file: string; content: RegistrationContent }[] = [];
  for (const file of files) {
    const bytes = readFile(file, maximumRegistrationsFile);
    if (!bytes.ok) return bytes;
    const isEncrypted = bytes.value[0] === derSequence;
    if (isEncrypted && (!key || signers.length === 0))
      return refuse('usage-invalid', { rule: 'registration-key', where: { file } });
    const content = isEncrypted && key ? openRegistration(bytes.value, key.value, signers) : undefined;
    if (content?.ok) encrypted.push({ file, content: content.value });
    const read = content ?? readRegistrations(bytes.value);
    bytes.value.fill(0);
    if (!read.ok) return refused(prependWhere(read.fault, { file }));
    documents.push('credentials' in read.value ? registrationsOf(read.value) : read.value);
  }
  const all = Registrations.of(documents);
  if (!all.ok) return refused(prependWhere(all.fault, { file: files.join(', ') }));
  const open = files.filter((name) => !encrypted.some(({ file }) => file === name));
  return ok({ all: all.value, encrypted, open });
}

/** Refuses a registration for another RA/CA than this one. */
function checkRaNames(encrypted: AllRegistrations['encrypted'], own: Name): Result<void> {
  const foreign = encrypted.find(({ content }) => {
    const name = nameFromText(content.raName);
    return !name.ok || name.value.key !== own.key;
  });
  if (!foreign) return ok(undefined);
  const names = { expected: nameToText(own), found: foreign.content.raName };
  return refuse('registration-unusable', {
    rule: 'registration-ra',
    ...names,
    where: { file: foreign.file },
  });
}

/** The registrations, as long as the RA/CA does not forget them. */
function unlessForgotten(
  registrations: Registrations,
  isForgetful = () => false,
): RaCaOptions['registrations'] {
  return {
    byReference: (reference) => (isForgetful() ? undefined : registrations.byReference(reference)),
    byEnb: (enb) => (isForgetful() ? undefined : registrations.byEnb(enb)),
  };
}

function warningsFor({ all, open }: AllRegistrations): RunningLabRaCa['warnings'] {
  // Windows has no such bits.
  const isReadable = process.platform !== 'win32' && open.some((file) => (statSync(file).mode & 0o077) !== 0);
  return [...(all.unbound > 0 ? (['unbound'] as const) : []), ...(isReadable ? (['readable'] as const) : [])];
}

/** Clients verify the certificates. This only tells a file that cannot be one. */
function readSuccessor(file: string): Result<NonNullable<RaCaOptions['successor']>> {
  const certificates = readCertificates(file);
  if (!certificates.ok) return certificates;
  const [newWithNew, newWithOld, oldWithNew] = certificates.value;
  return newWithOld
    ? ok({ newWithNew, newWithOld, oldWithNew })
    : refuse('certificate-unreadable', { rule: 'cmp-new-with-old', where: { file } });
}

async function readCa(
  { certificate, key, chain }: NonNullable<LabRaCaRequest['ca']>,
  passphraseFor: PassphraseFor,
): Promise<Result<GivenCa>> {
  const own = readCertificates(certificate);
  if (!own.ok) return own;
  const above = chain === undefined ? ok([]) : readCertificates(chain);
  if (!above.ok) return above;
  const opened = await readKey(key, passphraseFor);
  if (!opened.ok) return opened;
  return ok({ key: opened.value, certificates: [...own.value, ...above.value] });
}
