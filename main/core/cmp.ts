import { join } from 'node:path';
import { values } from '../bundle/index.ts';
import { encodePem, oids } from '../asn1/index.ts';
import {
  caCertificates,
  confirmCertificate,
  httpExchange,
  requestCertificate,
  revokeCertificate,
  rootUpdate,
  type CmpPhase,
  type Credentials,
  type Peer,
} from '../cmp/index.ts';
import { ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { errorCode, makeFolder, readFile, writeFileAtomically } from '../files/index.ts';
import { signerWithKey, type Signer } from '../keys/index.ts';
import {
  exactly,
  extension,
  generalNameToText,
  isSelfIssued,
  nameFromText,
  nameToText,
  type Certificate,
  type Name,
} from '../pki/index.ts';
import type { Core } from './core.ts';
import { EnrolmentFolder, type FolderOrder, type KeyType } from './enrolment-folder.ts';
import { readCertificates, readTrust, type TrustFiles } from './trust-files.ts';
import { readKey, type PassphraseFor } from './verify-files.ts';

/** An RA/CA as the command line names it. */
export interface RaCa {
  readonly url: string;
  /** Its name; by default that of the certificate's issuer, or of the root. */
  readonly name?: string | undefined;
  readonly trust: TrustFiles;
  readonly allowHmacSha1?: boolean | undefined;
}

/** The files that prove who asks. */
export type CredentialFiles =
  | {
      readonly kind: 'mac';
      readonly reference: string;
      readonly secretFile: string;
      readonly algorithm: 'pbm' | 'pbmac1';
    }
  | {
      readonly kind: 'signature';
      readonly certificate: string;
      readonly key: string;
      readonly chain: readonly string[];
    };

/** How long to poll while the RA/CA has not decided, in milliseconds. */
const patience = 10 * 60_000;

export interface EnrolRequest {
  readonly raCa: RaCa;
  readonly subject: string;
  readonly subjectAltNames: readonly string[];
  readonly credentials: CredentialFiles;
  readonly keyType: KeyType;
  /** The folder of the certificate. */
  readonly out: string;
}

/** Called as the work proceeds, and asked for passphrases. */
export interface CmpWatcher {
  readonly onPhase: (phase: CmpPhase) => void;
  readonly passphraseFor: PassphraseFor;
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
  const proof = await openCredentials(core, credentials, watcher.passphraseFor);
  if (!proof.ok) return proof;
  const order = {
    kind: 'ir' as const,
    subject: nameToText(name.value),
    subjectAltNames: [...subjectAltNames],
    keyType,
  };
  try {
    return await obtain(new EnrolmentFolder(out), order, peer.value, proof.value);
  } finally {
    if (proof.value.kind === 'mac') proof.value.secret.fill(0);
  }
}

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
  const old = await openEnrolled(core, from, watcher.passphraseFor);
  if (!old.ok) return old;
  const { certificate } = old.value.signer;
  const peer = peerOf(core, raCa, certificate.issuer, watcher);
  if (!peer.ok) return peer;
  const order: FolderOrder = {
    kind: 'kur',
    subject: nameToText(certificate.subject),
    subjectAltNames: subjectAltNamesOf(certificate),
    keyType: keyType ?? keyTypeOf(certificate),
    replaces: certificate.sha256,
  };
  return obtain(new EnrolmentFolder(out), order, peer.value, old.value);
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

function finish(
  folder: EnrolmentFolder,
  issued: Parameters<EnrolmentFolder['finish']>[0],
): Result<EnrolledCertificate> {
  const written = folder.finish(issued);
  return written.ok ? ok({ certificate: folder.certificateFile, wasThere: false }) : written;
}

/** Revokes the certificate of a folder. `reason` is a CRLReason (RFC 5280 section 5.3.1). */
export async function revoke(
  core: Core,
  { raCa, from, reason }: { readonly raCa: RaCa; readonly from: string; readonly reason: number },
  watcher: CmpWatcher,
): Promise<Result<Certificate>> {
  const signer = await openEnrolled(core, from, watcher.passphraseFor);
  if (!signer.ok) return signer;
  const { certificate } = signer.value.signer;
  const peer = peerOf(core, raCa, certificate.issuer, watcher);
  if (!peer.ok) return peer;
  const revoked = await revokeCertificate(peer.value, signer.value, reason);
  return revoked.ok ? ok(certificate) : revoked;
}

/** A question that needs no certificate. Credentials are for an RA/CA that answers nobody else. */
export interface CmpQuestion {
  readonly raCa: RaCa;
  readonly credentials?: CredentialFiles | undefined;
  readonly out: string;
}

/** What an RA/CA has told, in a file. None of it is trusted by that. */
export interface ToldCertificates {
  readonly file: string;
  readonly certificates: readonly Certificate[];
}

/** Writes the CA certificates that an RA/CA offers to `ca-certificates.pem` in a folder. */
export async function askCaCertificates(
  core: Core,
  question: CmpQuestion,
  watcher: CmpWatcher,
): Promise<Result<ToldCertificates>> {
  const asked = await withPeer(core, question, watcher, (peer, credentials) =>
    caCertificates(peer, credentials),
  );
  return asked.ok ? write(question.out, 'ca-certificates.pem', asked.value) : asked;
}

/**
 * Asks whether the trusted root has a successor, and writes it to `proposed-root.pem` in a folder, with the certificate
 * by which the old root vouches for it. The user decides. Undefined if there is no successor.
 */
export async function askRootUpdate(
  core: Core,
  question: CmpQuestion,
  watcher: CmpWatcher,
): Promise<Result<ToldCertificates | undefined>> {
  const asked = await withPeer(core, question, watcher, async (peer, credentials) => {
    const [root, ...others] = peer.trustAnchors.filter(isSelfIssued);
    return root && others.length === 0
      ? rootUpdate(peer, root, credentials)
      : refuse('usage-invalid', { rule: 'cmp-one-root' });
  });
  if (!asked.ok || !asked.value) return asked.ok ? ok(undefined) : asked;
  const { newRoot, newWithOld } = asked.value;
  const link = write(question.out, 'new-with-old.pem', [newWithOld]);
  return link.ok ? write(question.out, 'proposed-root.pem', [newRoot]) : link;
}

async function withPeer<Value>(
  core: Core,
  { raCa, credentials }: CmpQuestion,
  watcher: CmpWatcher,
  ask: (peer: Peer, credentials?: Credentials) => Promise<Result<Value>>,
): Promise<Result<Value>> {
  const peer = peerOf(core, raCa, undefined, watcher);
  if (!peer.ok) return peer;
  if (!credentials) return ask(peer.value);
  const proof = await openCredentials(core, credentials, watcher.passphraseFor);
  if (!proof.ok) return proof;
  try {
    return await ask(peer.value, proof.value);
  } finally {
    if (proof.value.kind === 'mac') proof.value.secret.fill(0);
  }
}

function write(out: string, name: string, certificates: readonly Certificate[]): Result<ToldCertificates> {
  const file = join(out, name);
  try {
    makeFolder(out);
    const pem = certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
    writeFileAtomically(file, Buffer.from(pem));
    return ok({ file, certificates });
  } catch (error) {
    return refuse('output-unwritable', { where: { file }, found: errorCode(error) });
  }
}

function peerOf(
  { surroundings }: Core,
  { url, name, trust, allowHmacSha1 = false }: RaCa,
  usualName: Name | undefined,
  { onPhase }: CmpWatcher,
): Result<Peer> {
  if (!values.isEnrolmentUrl(url)) return refuse('usage-invalid', { rule: 'enrolment-url', found: url });
  const read = readTrust(trust);
  if (!read.ok) return read;
  const { vendorRoots: trustAnchors, intermediates } = read.value;
  const recipient = name === undefined ? ok(usualName ?? trustAnchors[0]?.subject) : nameOf(name);
  if (!recipient.ok) return recipient;
  if (!recipient.value) throw new Error('A trust file that was read holds a certificate');
  return ok({
    exchange: httpExchange(url, { trustAnchors }),
    recipient: recipient.value,
    trustAnchors,
    intermediates,
    clock: () => exactly(surroundings.now()),
    pause: (milliseconds) => surroundings.pause(milliseconds),
    patience,
    allowHmacSha1,
    onPhase,
  });
}

function nameOf(text: string): Result<Name> {
  const name = nameFromText(text);
  return name.ok ? name : refuse('usage-invalid', { rule: 'distinguished-name', found: text });
}

const maximumSecret = 4096;

async function openCredentials(
  core: Core,
  files: CredentialFiles,
  passphraseFor: PassphraseFor,
): Promise<Result<Credentials>> {
  if (files.kind === 'signature') return openSignature(core, files, passphraseFor);
  const secret = readFile(files.secretFile, maximumSecret);
  if (!secret.ok) return secret;
  return ok({
    kind: 'mac',
    reference: Buffer.from(files.reference),
    secret: withoutNewline(secret.value),
    algorithm: files.algorithm,
  });
}

/** The bytes of a secret exactly, without the one line break that an editor puts at the end. */
function withoutNewline(bytes: Buffer): Uint8Array {
  const end =
    bytes.at(-1) !== 0x0a ? bytes.length : bytes.at(-2) === 0x0d ? bytes.length - 2 : bytes.length - 1;
  return bytes.subarray(0, end);
}

type SignatureCredentials = { readonly kind: 'signature'; readonly signer: Signer };

async function openSignature(
  { surroundings }: Core,
  { certificate, key, chain }: Omit<Extract<CredentialFiles, { kind: 'signature' }>, 'kind'>,
  passphraseFor: PassphraseFor,
): Promise<Result<SignatureCredentials>> {
  const certificates: Certificate[] = [];
  for (const file of [certificate, ...chain]) {
    const read = readCertificates(file);
    if (!read.ok) return read;
    certificates.push(...read.value);
  }
  const opened = await readKey(key, passphraseFor);
  if (!opened.ok) return opened;
  const signer = signerWithKey(opened.value, certificates, surroundings.now());
  return signer.ok
    ? ok({ kind: 'signature', signer: signer.value })
    : refused(prependWhere(signer.fault, { file: key }));
}

function openEnrolled(
  core: Core,
  path: string,
  passphraseFor: PassphraseFor,
): Promise<Result<SignatureCredentials>> {
  const { certificateFile, keyFile, chainFile } = new EnrolmentFolder(path);
  return openSignature(
    core,
    { certificate: certificateFile, key: keyFile, chain: [chainFile] },
    passphraseFor,
  );
}

function keyTypeOf({ publicKey }: Certificate): KeyType {
  if (publicKey.kind === 'rsa') return 'RSA-3072';
  return publicKey.kind === 'ec' && publicKey.curve === 'P-384' ? 'P-384' : 'P-256';
}

/** The alternative names of a certificate in the form of a configuration. Other forms are left to the RA/CA. */
function subjectAltNamesOf(certificate: Certificate): string[] {
  const names = extension(certificate, oids.subjectAltName);
  const texts = names.ok ? (names.value ?? []).map(generalNameToText) : [];
  return texts.filter((text) => text !== undefined);
}
