import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readCertificates, readKey, readTrust, type PassphraseFor } from '../core/index.ts';
import { ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { RaCa, Registrations, rootFile, type GivenCa, type RaCaOptions } from '../lab/index.ts';
import { nameToText } from '../pki/index.ts';
import { portUnavailable } from './port-unavailable.ts';

/** The files that play the operator's PKI, and where the RA/CA listens. Paths are absolute. */
export interface LabRaCaRequest extends Pick<
  RaCaOptions,
  'name' | 'validity' | 'polls' | 'onAnswered' | 'onError'
> {
  readonly state: string;
  readonly registrations: string;
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

const maximumRegistrationsFile = 64 * 1024 * 1024;

/** Starts an RA/CA. */
export async function startLabRaCa(
  request: LabRaCaRequest,
  now: () => Date,
  passphraseFor: PassphraseFor,
): Promise<Result<RunningLabRaCa>> {
  const { state, host, port, name, validity, polls, onAnswered, onError } = request;
  const registrations = readRegistrations(request.registrations);
  if (!registrations.ok) return registrations;
  const trust = readTrust({ roots: request.vendorRoots, untrusted: request.untrusted, crls: [] });
  if (!trust.ok) return trust;
  const ca = request.ca ? await readCa(request.ca, passphraseFor) : ok(undefined);
  if (!ca.ok) return ca;
  const successor = request.newRoot === undefined ? ok(undefined) : readSuccessor(request.newRoot);
  if (!successor.ok) return successor;
  const raCa = await RaCa.open({
    folder: state,
    registrations: unlessForgotten(registrations.value, request.isForgetful),
    vendorRoots: trust.value.vendorRoots,
    vendorIntermediates: trust.value.intermediates,
    successor: successor.value,
    ...{ ca: ca.value, name, validity, polls, now, onAnswered, onError },
  });
  if (!raCa.ok) return raCa;
  try {
    const warnings = warningsFor(request.registrations, registrations.value);
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

function readRegistrations(file: string): Result<Registrations> {
  const bytes = readFile(file, maximumRegistrationsFile);
  if (!bytes.ok) return bytes;
  try {
    const read = Registrations.read(bytes.value);
    return read.ok ? read : refused(prependWhere(read.fault, { file }));
  } finally {
    bytes.value.fill(0);
  }
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

function warningsFor(file: string, { unbound }: Registrations): RunningLabRaCa['warnings'] {
  // Windows has no such bits.
  const isReadable = process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0;
  return [...(unbound > 0 ? (['unbound'] as const) : []), ...(isReadable ? (['readable'] as const) : [])];
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
