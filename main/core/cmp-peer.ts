import { values } from '../bundle/index.ts';
import { httpExchange, type CmpPhase, type Credentials, type Peer } from '../cmp/index.ts';
import { ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { signerWithKey } from '../keys/index.ts';
import { exactly, nameFromText, type Certificate, type Name } from '../pki/index.ts';
import type { Core } from './core.ts';
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

/** Called as the work proceeds, and asked for passphrases. */
export interface CmpWatcher {
  readonly onPhase: (phase: CmpPhase) => void;
  readonly passphraseFor: PassphraseFor;
}

/** How long to poll while the RA/CA has not decided, in milliseconds. */
const patience = 10 * 60_000;

/**
 * The RA/CA that a command names.
 *
 * @param usualName its name if the command gives none; by default that of the first root
 */
export function peerOf(
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

/** A distinguished name of the command line. */
export function nameOf(text: string): Result<Name> {
  const name = nameFromText(text);
  return name.ok ? name : refuse('usage-invalid', { rule: 'distinguished-name', found: text });
}

/** Opens the credentials, works with them, and wipes their secret. */
export async function withCredentials<Value>(
  core: Core,
  files: CredentialFiles,
  passphraseFor: PassphraseFor,
  work: (credentials: Credentials) => Promise<Result<Value>>,
): Promise<Result<Value>> {
  const opened = await openCredentials(core, files, passphraseFor);
  if (!opened.ok) return opened;
  try {
    return await work(opened.value);
  } finally {
    if (opened.value.kind === 'mac') opened.value.secret.fill(0);
  }
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

/** The credentials that a certificate and its key give. */
export async function openSignature(
  { surroundings }: Core,
  { certificate, key, chain }: Omit<Extract<CredentialFiles, { kind: 'signature' }>, 'kind'>,
  passphraseFor: PassphraseFor,
): Promise<Result<Extract<Credentials, { kind: 'signature' }>>> {
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
