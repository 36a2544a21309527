import { values } from '../bundle/index.ts';
import {
  confirmCertificate,
  requestCertificate,
  revokeCertificate,
  type Credentials,
  type Issued,
  type Peer,
} from '../cmp/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { nameToText, subjectAltNamesOf, type Certificate } from '../pki/index.ts';
import {
  nameOf,
  openSignature,
  peerOf,
  withCredentials,
  type CmpWatcher,
  type CredentialFiles,
  type RaCa,
} from './cmp-peer.ts';
import type { Core } from './core.ts';
import { EnrolmentFolder, type FolderOrder, type KeyType } from './enrolment-folder.ts';

/** A certificate to ask for. `out` is the folder where it is kept. */
export interface EnrolRequest {
  readonly raCa: RaCa;
  readonly subject: string;
  readonly subjectAltNames: readonly string[];
  readonly credentials: CredentialFiles;
  readonly keyType: KeyType;
  readonly out: string;
}

/** A certificate in its folder. */
export interface EnrolledCertificate {
  /** The file of the certificate. */
  readonly certificate: string;
  /** Whether an earlier run had finished it already. */
  readonly wasThere: boolean;
}

/**
 * Asks an RA/CA for a certificate with a new key, and keeps both in a folder. Continues where an earlier run on the same
 * folder stopped.
 */
export async function enrol(
  core: Core,
  { raCa, subject, subjectAltNames, credentials, keyType, out }: EnrolRequest,
  watcher: CmpWatcher,
): Promise<Result<EnrolledCertificate>> {
  const bad = subjectAltNames.find((name) => !values.isSubjectAltName(name));
  if (bad !== undefined) return refuse('usage-invalid', { rule: 'subject-alt-name', found: bad });
  const peer = peerOf(core, raCa, undefined, watcher);
  if (!peer.ok) return peer;
  const name = nameOf(subject);
  if (!name.ok) return name;
  const order: FolderOrder = {
    kind: 'ir',
    subject: nameToText(name.value),
    subjectAltNames: [...subjectAltNames],
    keyType,
  };
  return withCredentials(core, credentials, watcher.passphraseFor, (opened) =>
    obtain(new EnrolmentFolder(out), order, peer.value, opened),
  );
}

/** A certificate to renew. `out` is the folder where the new one is kept. */
export interface RenewRequest {
  readonly raCa: RaCa;
  /** The folder of the certificate to renew. It stays as it is. */
  readonly from: string;
  readonly keyType?: KeyType | undefined;
  readonly out: string;
}

/** Renews a certificate, with a new key, in another folder. */
export async function renew(
  core: Core,
  { raCa, from, keyType, out }: RenewRequest,
  watcher: CmpWatcher,
): Promise<Result<EnrolledCertificate>> {
  const old = await openEnrolled(core, raCa, from, watcher);
  if (!old.ok) return old;
  const { credentials, peer } = old.value;
  const { certificate } = credentials.signer;
  const order: FolderOrder = {
    kind: 'kur',
    subject: nameToText(certificate.subject),
    subjectAltNames: [...subjectAltNamesOf(certificate)],
    keyType: keyType ?? keyTypeOf(certificate),
    replaces: certificate.sha256,
  };
  return obtain(new EnrolmentFolder(out), order, peer, credentials);
}

async function obtain(
  folder: EnrolmentFolder,
  order: FolderOrder,
  peer: Peer,
  credentials: Credentials,
): Promise<Result<EnrolledCertificate>> {
  const opened = await folder.open(order);
  if (!opened.ok) return opened;
  const certificate = folder.certificateFile;
  if (opened.value.kind === 'finished') return ok({ certificate, wasThere: true });
  const { key, issued: earlier } = opened.value;
  if (earlier) {
    const confirmed = await confirmCertificate(peer, credentials, earlier);
    if (confirmed.ok) return finish(folder, earlier);
    // The RA/CA may have given up waiting. It is asked again, with the same key.
    if (confirmed.fault.code !== 'cmp-refused') return confirmed;
  }
  const subject = nameOf(order.subject);
  if (!subject.ok) return subject;
  const { kind, subjectAltNames } = order;
  const issued = await requestCertificate(peer, credentials, {
    ...{ kind, key, subjectAltNames, subject: subject.value },
  });
  if (!issued.ok) return issued;
  const kept = folder.keep(order, issued.value);
  if (!kept.ok) return kept;
  const confirmed = await confirmCertificate(peer, credentials, issued.value);
  return confirmed.ok ? finish(folder, issued.value) : confirmed;
}

/** Whether a folder has an order that another run can continue. */
export function isUnfinished(out: string): boolean {
  return new EnrolmentFolder(out).isUnfinished;
}

function finish(folder: EnrolmentFolder, issued: Issued): Result<EnrolledCertificate> {
  const written = folder.finish(issued);
  return written.ok ? ok({ certificate: folder.certificateFile, wasThere: false }) : written;
}

/** Revokes the certificate of a folder. `reason` is a CRLReason (RFC 5280 section 5.3.1). */
export async function revoke(
  core: Core,
  { raCa, from, reason }: { readonly raCa: RaCa; readonly from: string; readonly reason: number },
  watcher: CmpWatcher,
): Promise<Result<Certificate>> {
  const enrolled = await openEnrolled(core, raCa, from, watcher);
  if (!enrolled.ok) return enrolled;
  const { credentials, peer } = enrolled.value;
  const revoked = await revokeCertificate(peer, credentials, reason);
  return revoked.ok ? ok(credentials.signer.certificate) : revoked;
}

/** The credentials that the certificate of a folder gives, and the RA/CA: by default the certificate's issuer. */
async function openEnrolled(core: Core, raCa: RaCa, from: string, watcher: CmpWatcher) {
  const { certificateFile, keyFile, chainFile } = new EnrolmentFolder(from);
  const files = { certificate: certificateFile, key: keyFile, chain: [chainFile] };
  const credentials = await openSignature(core, files, watcher.passphraseFor);
  if (!credentials.ok) return credentials;
  const peer = peerOf(core, raCa, credentials.value.signer.certificate.issuer, watcher);
  return peer.ok ? ok({ credentials: credentials.value, peer: peer.value }) : peer;
}

function keyTypeOf({ publicKey }: Certificate): KeyType {
  if (publicKey.kind === 'rsa') return 'RSA-3072';
  return publicKey.kind === 'ec' && publicKey.curve === 'P-384' ? 'P-384' : 'P-256';
}
