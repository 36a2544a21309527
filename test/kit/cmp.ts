/**
 * An RA/CA and a client of it for tests, in one process and without a network: the product's own, over a lab CA, a
 * journal on disk and registrations in memory.
 */
import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import {
  Authority,
  confirmCertificate,
  requestCertificate,
  type AnsweredMessage,
  type AuthorityOptions,
  type CertificateOrder,
  type Credentials,
  type Issued,
  type Peer,
  type Registration,
  type Registry,
} from '../../main/cmp/index.ts';
import { LabIssuer, RaCaServer, SqliteJournal } from '../../main/lab/index.ts';
import { nameFromText, type EnbIdentity, type Name } from '../../main/pki/index.ts';
import { identity, labOptions, now, otherIdentity, signerOf } from './bundle.ts';
import { temporaryFolder } from './enb.ts';
import { makePki, type CmpPki } from './cmp-pki.ts';
import { generateKey, type KeyPair } from './issue-certificate.ts';

const pki = makePki(labOptions);
export const { operatorRoot, operatorCa, ra, vendor, enb, otherEnb } = pki;

export function name(text: string): Name {
  const read = nameFromText(text);
  assert(read.ok);
  return read.value;
}

export const reference = Buffer.from('enb-1');
export const secret = Buffer.from('correct horse battery');
export const subject = name('O=Lab Operator,CN=LAB0001');

/** A registration with its credential, if it has one. */
export interface Registered extends Partial<Registration> {
  readonly credential?: { readonly reference: Uint8Array; readonly secret: Uint8Array };
}

/** The registrations of the tests: eNB 1 by credential, eNB 2 by its vendor's certificate. */
export const registered: readonly Registered[] = [
  { credential: { reference, secret }, subjectAltNames: ['dns:enb1.example', 'ip:2001:db8::1'] },
  { enb: otherIdentity, protection: 'vendor-certificate', subject: name('O=Lab Operator,CN=LAB0002') },
];

function registrationOf({ credential: _, ...facts }: Registered): Registration {
  return { enb: identity, protection: 'mac', subject, subjectAltNames: [], isBound: true, ...facts };
}

function registryOf(entries: readonly Registered[]): Registry {
  const isEnb = (entry: Registered, { hwType, serialNumber }: EnbIdentity) => {
    const { enb } = registrationOf(entry);
    return enb.hwType === hwType && enb.serialNumber === serialNumber;
  };
  return {
    byReference: (wanted) => {
      const entry = entries.find(
        ({ credential }) => credential && Buffer.compare(credential.reference, wanted) === 0,
      );
      return entry?.credential && { registration: registrationOf(entry), secret: entry.credential.secret };
    },
    byEnb: (wanted) => {
      const entry = entries.find((one) => isEnb(one, wanted));
      return entry && registrationOf(entry);
    },
  };
}

/** An RA/CA on a folder, and how to end it. */
export interface TestAuthority {
  readonly authority: Authority;
  readonly journal: SqliteJournal;
  readonly folder: string;
  close(): void;
}

/** An RA/CA that differs from the usual one. */
export interface AuthorityChanges extends Partial<AuthorityOptions> {
  readonly entries?: readonly Registered[];
  readonly certificates?: CmpPki;
}

/** Starts an RA/CA; on the folder of an earlier one it continues its journal. */
export async function startAuthority(
  changes: AuthorityChanges = {},
  folder = temporaryFolder(),
  ca?: KeyPair,
): Promise<TestAuthority> {
  const { entries = registered, certificates = pki, ...others } = changes;
  const options = { now: () => now, ...others };
  const opened = SqliteJournal.open(folder, options.now);
  assert(opened.ok, JSON.stringify(opened));
  const journal = opened.value;
  const issuer = await LabIssuer.open(
    ca ?? certificates.operatorCa,
    [certificates.operatorRoot.certificate],
    {
      now: options.now,
      validity: 365 * 24 * 3_600_000,
      nextCrlNumber: () => journal.nextCrlNumber(),
    },
  );
  const authority = new Authority({
    issuer,
    journal,
    registry: registryOf(entries),
    signer: signerOf(certificates.ra, certificates.operatorCa),
    vendorRoots: [certificates.vendor.root.certificate],
    vendorIntermediates: [],
    ...options,
  });
  return { authority, journal, folder, close: () => journal.close() };
}

/** What happens to a message on its way: it returns what arrives. */
type Tamper = (message: Uint8Array) => Uint8Array;

/** A client of an RA/CA. */
export function peerOf(
  { authority }: Pick<TestAuthority, 'authority'>,
  changes: Partial<Peer> & { readonly request?: Tamper; readonly answer?: Tamper } = {},
): Peer {
  const asItIs: Tamper = (bytes) => bytes;
  const { request = asItIs, answer = asItIs, ...rest } = changes;
  return {
    exchange: async (message) => {
      const { bytes } = await authority.answer(request(message));
      return { ok: true, value: answer(bytes) };
    },
    recipient: ra.certificate.subject,
    trustAnchors: [operatorRoot.certificate],
    clock: () => ({ now, isExact: true }),
    pause: () => Promise.resolve(),
    patience: 60_000,
    ...rest,
  };
}

/** The credential of eNB 1, with few iterations. */
export const credential: Credentials = { kind: 'mac', reference, secret, iterations: 100 };

/** The vendor's certificate of eNB 2. */
export const vendorCredential: Extract<Credentials, { kind: 'signature' }> = {
  kind: 'signature',
  signer: signerOf(otherEnb, vendor.issuing),
};
export const otherSubject = name('O=Lab Operator,CN=LAB0002');

/** An order for a new key, of eNB 1 by default. */
export function orderOf(changes: Partial<CertificateOrder> = {}): CertificateOrder {
  return {
    kind: 'ir',
    key: generateKey('P-256'),
    subject,
    subjectAltNames: ['dns:enb1.example'],
    ...changes,
  };
}

/** Asks and confirms; both must succeed. */
export async function enrol(
  peer: Peer,
  credentials: Credentials = credential,
  order: CertificateOrder = orderOf(),
): Promise<Issued> {
  const issued = await requestCertificate(peer, credentials, order);
  assert(issued.ok, JSON.stringify(issued));
  const confirmed = await confirmCertificate(peer, credentials, issued.value);
  assert(confirmed.ok, JSON.stringify(confirmed));
  return issued.value;
}

/** The credentials that a certificate of the RA/CA gives. */
export function withCertificate(key: KeyObject, { certificate, chain }: Issued): typeof vendorCredential {
  return {
    kind: 'signature',
    signer: { ...signerOf({ key, certificate }), chain: chain.slice(0, -1) },
  };
}

/** An RA/CA over HTTP. */
export interface ServedAuthority extends Omit<TestAuthority, 'close'> {
  readonly port: number;
  /** Every message that was answered. */
  readonly events: readonly AnsweredMessage[];
  close(): Promise<void>;
}

/** Starts an RA/CA over HTTP with the computer's clock. */
export async function serveAuthority(changes: AuthorityChanges): Promise<ServedAuthority> {
  const events: AnsweredMessage[] = [];
  const onAnswered = (event: AnsweredMessage) => void events.push(event);
  const own = await startAuthority({ now: () => new Date(), onAnswered, ...changes });
  const failures: unknown[] = [];
  const server = new RaCaServer(own.authority, (error) => failures.push(error));
  const listening = await server.listen('127.0.0.1', 0);
  const end = async () => {
    await listening.close();
    own.close();
    assert.deepEqual(failures, []);
  };
  return { ...own, port: listening.port, events, close: end };
}
