import { randomBytes } from 'node:crypto';
import { nameToText, readEnbIdentity, type Certificate, type Clock } from '../pki/index.ts';
import type { FailureName } from './failure-info.ts';
import { hexOf } from './header.ts';
import { isMac, readMac, verifyMac, type Mac } from './mac.ts';
import type { Message } from './message.ts';
import type { Journal, JournalCertificate, Registration, Registry } from './ports.ts';
import { certificatesOf, isProtected, judgeSignature } from './protection.ts';

/** A request that is not granted: the reason for machines, and a text that helps people. */
export interface Refusal {
  readonly reason: FailureName;
  readonly text: string;
  /** How the journal names it, if it is more than a wrong request. */
  readonly code?: string;
}

/** What a check returns: its value, or the refusal that the RA/CA answers. */
export type Judged<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly refusal: Refusal };

export function granted<Value>(value: Value): Judged<Value> {
  return { ok: true, value };
}

/** The longest text of a refusal. It can repeat a name of a message from anybody. */
const longestText = 1000;

/** A refusal. `text` is for people; `code` is for the journal, where the reason alone says too little. */
export function denied(reason: FailureName, text: string, code?: string): { ok: false; refusal: Refusal } {
  const short = text.slice(0, longestText);
  return { ok: false, refusal: { reason, text: short, ...(code !== undefined && { code }) } };
}

/** Who sends a message, as its protection has proven. */
export type Requester = {
  readonly holder: string;
  /** As the journal keeps it. */
  readonly protection: string;
} &
  /** The holder of a credential. */
  (
    | {
        readonly kind: 'credential';
        readonly registration: Registration;
        readonly reference: Uint8Array;
        readonly secret: Uint8Array;
        readonly mac: Mac;
      }
    /** An eNB, by its vendor's certificate. */
    | {
        readonly kind: 'enb';
        readonly registration: Registration;
        readonly certificate: Certificate;
      }
    /** The holder of a certificate that was issued here. */
    | {
        readonly kind: 'certificate';
        readonly registration: Registration | undefined;
        readonly certificate: Certificate;
        readonly issued: JournalCertificate;
      }
  );

/** By what an RA/CA knows who asks. */
export interface RequesterTrust {
  readonly registry: Registry;
  readonly journal: Journal;
  /** Roots of the eNBs' vendors. */
  readonly vendorRoots: readonly Certificate[];
  readonly vendorIntermediates: readonly Certificate[];
  /** The CA, and the chain above it to the operator root. */
  readonly authorities: readonly Certificate[];
  readonly clock: Clock;
}

/** Judges the protection of a message. Everything that the request says is worth nothing before. */
export function judgeRequester(message: Message, trust: RequesterTrust): Judged<Requester> {
  const { header } = message;
  if (!isProtected(message)) return denied('badMessageCheck', 'The message has no protection.');
  if (!header.sender.name) return denied('badMessageCheck', 'The sender is not a directory name.');
  if (!header.senderKid) return denied('badMessageCheck', 'The message has no senderKID.');
  return isMac(header.protectionAlgorithm ?? new Uint8Array())
    ? judgeCredential(message, header.senderKid, trust)
    : judgeSigner(message, trust);
}

/** Stands for the secret of an unknown reference. */
const noSecret = randomBytes(16);

/** An unknown reference and a wrong secret get one answer, so that nobody learns which references exist. */
function judgeCredential(
  { header, protectedPart, protection = new Uint8Array() }: Message,
  reference: Uint8Array,
  { registry }: RequesterTrust,
): Judged<Requester> {
  const mac = readMac(header.protectionAlgorithm ?? new Uint8Array());
  if (!mac.ok)
    return denied(
      'badAlg',
      'The MAC or its parameters are not accepted: PBM (100 to 100,000 iterations) or PBMAC1 (up to 1,000,000), a salt of 8 to 64 bytes, SHA-256 or SHA-384.',
    );
  const known = registry.byReference(reference);
  // An unknown reference takes as long as a wrong secret.
  const holds = verifyMac(mac.value, known?.secret ?? noSecret, protectedPart, protection);
  if (!known || !holds) {
    return denied(
      'badMessageCheck',
      'The reference is not registered here, or the secret is another one. Compare both with the registration.',
    );
  }
  const { registration, secret } = known;
  if (registration.protection !== 'mac')
    return denied('wrongIntegrity', 'This eNB is registered to sign with its vendor certificate.');
  const holder = `reference:${hexOf(reference)}`;
  return granted({
    kind: 'credential',
    holder,
    protection: mac.value.kind,
    registration,
    reference,
    secret,
    mac: mac.value,
  });
}

function judgeSigner(message: Message, trust: RequesterTrust): Judged<Requester> {
  const { journal, vendorRoots, vendorIntermediates, authorities, clock } = trust;
  const signer = judgeSignature(message, {
    trustAnchors: [...vendorRoots, ...authorities.slice(-1)],
    intermediates: [...vendorIntermediates, ...authorities],
    clock,
  });
  if (!signer.ok) return deniedSigner(signer.fault.code, message);
  const { certificate, path } = signer.value;
  // RFC 9483 section 3.3. A reader that looks only at the first would see another signer than this one.
  if (certificatesOf(message)[0]?.sha256 !== certificate.sha256)
    return denied('badMessageCheck', 'The certificate of the signer must be the first in extraCerts.');
  const issued = journal.certificate(certificate.sha256);
  if (issued) return judgeHolder(certificate, issued, trust);
  const isVendors = vendorRoots.some(({ sha256 }) => sha256 === path[0].sha256);
  const enb = readEnbIdentity(certificate);
  if (!isVendors || !enb.ok)
    return denied(
      'notAuthorized',
      'The certificate of the signer is neither an eNB’s of a known vendor, nor from this CA.',
    );
  const registration = trust.registry.byEnb(enb.value);
  const { hwType, serialNumber } = enb.value;
  if (!registration)
    return denied('notAuthorized', `The eNB ${serialNumber} (${hwType}) is not registered here.`);
  if (registration.protection !== 'vendor-certificate')
    return denied('wrongIntegrity', `The eNB ${serialNumber} is registered to use a reference and a secret.`);
  const holder = `enb:${hwType}:${serialNumber}`;
  return granted({ kind: 'enb', holder, protection: signedBy(certificate), registration, certificate });
}

function deniedSigner(code: string, message: Message): Judged<never> {
  const sender = message.header.sender.name ? nameToText(message.header.sender.name) : '';
  switch (code) {
    case 'cmp-algorithm':
    case 'cmp-malformed':
      return denied(
        'badAlg',
        'The signature algorithm is not accepted: use ECDSA, RSA or RSA-PSS, with SHA-256 or SHA-384.',
      );
    case 'cmp-signer-unfit':
      return denied(
        'signerNotTrusted',
        `The certificate of ${sender} leads to no root that is trusted here, or is out of date. Give this RA/CA the vendor’s root, and the eNB the vendor’s intermediate certificates.`,
      );
    default:
      return denied(
        'badMessageCheck',
        certificatesOf(message).length === 0
          ? 'The message has no certificate of its signer in extraCerts.'
          : `The signature does not fit the certificate of ${sender}, which must be in extraCerts.`,
      );
  }
}

function judgeHolder(
  certificate: Certificate,
  issued: JournalCertificate,
  { registry }: RequesterTrust,
): Judged<Requester> {
  const { holder } = issued;
  const registration = registrationOf(holder, registry);
  const protection = signedBy(certificate);
  return granted({ kind: 'certificate', holder, protection, registration, certificate, issued });
}

function signedBy({ sha256 }: Certificate): string {
  return `signature:${sha256}`;
}

/** The registration behind the first request of a holder. */
function registrationOf(holder: string, registry: Registry): Registration | undefined {
  const [kind, ...rest] = holder.split(':');
  if (kind === 'reference') return registry.byReference(Buffer.from(rest.join(':'), 'hex'))?.registration;
  const [hwType = '', ...serial] = rest;
  return registry.byEnb({ hwType, serialNumber: serial.join(':') });
}

/** Whether a certificate of this CA may continue its transaction: nobody has revoked it meanwhile. */
export function checkNotRevoked({ issued }: Extract<Requester, { kind: 'certificate' }>): Judged<void> {
  return issued.revoked
    ? denied('certRevoked', 'The certificate of the signer is revoked.')
    : granted(undefined);
}

/** Whether a certificate of this CA may begin something: it is not revoked, not replaced, and confirmed. */
export function checkInForce(
  requester: Extract<Requester, { kind: 'certificate' }>,
  journal: Journal,
): Judged<void> {
  const good = checkNotRevoked(requester);
  if (!good.ok) return good;
  const { sha256 } = requester.issued.certificate;
  const replacement = journal.replacement(sha256);
  if (replacement && journal.isConfirmed(replacement.certificate.sha256))
    return denied('certRevoked', 'The certificate of the signer has been replaced by a newer one.');
  if (!journal.isConfirmed(sha256))
    return denied('notAuthorized', 'The certificate of the signer is not confirmed yet.');
  return granted(undefined);
}
