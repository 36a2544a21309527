import { join } from 'node:path';
import { caCertificates, rootUpdate, type Credentials, type Peer } from '../cmp/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode, makeFolder, writeFileAtomically } from '../files/index.ts';
import { certificatesToPem, isSelfIssued, type Certificate } from '../pki/index.ts';
import { peerOf, withCredentials, type CmpWatcher, type CredentialFiles, type RaCa } from './cmp-peer.ts';
import type { Core } from './core.ts';

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
  const { passphraseFor } = watcher;
  return credentials
    ? withCredentials(core, credentials, passphraseFor, (opened) => ask(peer.value, opened))
    : ask(peer.value);
}

function write(out: string, name: string, certificates: readonly Certificate[]): Result<ToldCertificates> {
  const file = join(out, name);
  try {
    makeFolder(out);
    writeFileAtomically(file, Buffer.from(certificatesToPem(certificates)));
    return ok({ file, certificates });
  } catch (error) {
    return refuse('output-unwritable', { where: { file }, found: errorCode(error) });
  }
}
