import type { Result } from '../faults/index.ts';
import type { Certificate, EnbIdentity, Name } from '../pki/index.ts';

/** The dates that a requester wishes. */
export interface WishedValidity {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** What a certificate is made of. The issuer decides on everything else. */
export interface CertificateRequest {
  readonly subject: Name;
  /** DER of the SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** The names of subjectAltName, as a configuration writes them; empty for none. */
  readonly subjectAltNames: readonly string[];
  /** Dates within those that the issuer gives; it ignores others. */
  readonly validity?: WishedValidity;
}

/** The CA behind an RA/CA. */
export interface Issuer {
  /** The CA's own certificate, which signs. */
  readonly certificate: Certificate;
  /** From the CA's issuer up to the operator root, which is the last; empty if the CA is the root. */
  readonly chain: readonly Certificate[];
  /** Makes a certificate. Keeps nothing: what counts as issued is in the journal. */
  issue(request: CertificateRequest): Promise<Certificate>;
  /** DER of a CRL that names these certificates, made now or moments ago. */
  makeCrl(revoked: readonly RevokedCertificate[]): Promise<Uint8Array>;
}

/** An entry of a CRL. */
export interface RevokedCertificate {
  /** Lower-case hex, as in `Certificate`. */
  readonly serialNumber: string;
  readonly at: Date;
  readonly reason: number;
}

/** The protection that a registration allows for the first request. */
export type RegisteredProtection = 'mac' | 'vendor-certificate';

/** What an operator has registered for one eNB: who may ask, with what, and for which names. */
export interface Registration {
  readonly enb: EnbIdentity;
  readonly protection: RegisteredProtection;
  /**
   * The subject that the certificate gets. A request for any other subject is refused. Undefined: the request chooses
   * subject and alternative names. That is only for tests.
   */
  readonly subject: Name | undefined;
  readonly subjectAltNames: readonly string[];
  /**
   * Whether the holder is bound to the key of its first request. False only for tests that use one credential for many
   * keys.
   */
  readonly isBound: boolean;
}

/** The registrations of an RA/CA. */
export interface Registry {
  /** By the reference of a credential: exactly its bytes. The secret is the registry's; nobody changes or wipes it. */
  byReference(
    reference: Uint8Array,
  ): { readonly registration: Registration; readonly secret: Uint8Array } | undefined;
  /** By the identity in a vendor's certificate. */
  byEnb(enb: EnbIdentity): Registration | undefined;
}

/** A certificate in the journal. */
export interface JournalCertificate {
  readonly certificate: Certificate;
  /** For whom: see `JournalTransaction`. */
  readonly holder: string;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly spkiSha256: string;
  /** SHA-256 of the certificate that this one replaces, after a kur. */
  readonly replaces?: string;
  readonly revoked?: { readonly at: Date; readonly reason: number };
}

/** A transaction of the journal (RFC 9810 section 5.1.1). */
export interface JournalTransaction {
  /** transactionID, lower-case hex. */
  readonly id: string;
  /** The type of its first message. */
  readonly type: 'ir' | 'cr' | 'p10cr' | 'kur' | 'rr' | 'genm';
  /** Who asks, as the protection has proven: `reference:HEX`, `enb:HWTYPE:SERIAL` or `certificate:SHA256`. */
  readonly holder: string;
  /** How its messages are protected: `pbm`, `pbmac1`, or `signature:` and the SHA-256 of the certificate. */
  readonly protection: string;
  /**
   * - `waiting`: the request waits for a decision, and the client polls.
   * - `issued`: the answer waits for certConf.
   * - `confirmed`, `rejected`: by certConf. `confirmed` also with implicit confirmation.
   * - `ended`: a transaction of another kind, or a refused one. Its id is used up.
   */
  readonly state: 'waiting' | 'issued' | 'confirmed' | 'rejected' | 'ended';
  /** SHA-256 of the certificate that it issued. */
  readonly certificate?: string;
  /** The senderNonce of the last answer, lower-case hex: the next message must repeat it. */
  readonly nonce: string;
  /** The senderNonce of the last request, lower-case hex: the next one must be new. */
  readonly peerNonce: string;
  /** DER of the message that waits for a decision. */
  readonly request?: Uint8Array;
  /** How often the client has polled. */
  readonly polls?: number;
}

/** What one message changes in the journal. All of it is on disk when `write` returns, or nothing. */
export interface JournalEntry {
  readonly transaction: JournalTransaction;
  /** Binds a holder to the key that it asked with, at its first use. */
  readonly binding?: { readonly holder: string; readonly spkiSha256: string };
  readonly issued?: JournalCertificate;
  /** SHA-256 of a certificate that is revoked. */
  readonly revoked?: { readonly certificate: string; readonly at: Date; readonly reason: number };
  /** The code of a refusal. `credential-bound-elsewhere` is an incident that somebody must look at. */
  readonly refused?: string;
}

/** What an RA/CA must remember. */
export interface Journal {
  transaction(id: string): JournalTransaction | undefined;
  /** The key that a holder is bound to; undefined before its first use. */
  boundKey(holder: string): string | undefined;
  /** Whether a transaction that issued this certificate is confirmed, by the SHA-256 of the certificate. */
  isConfirmed(sha256: string): boolean;
  /** By SHA-256 of the certificate. */
  certificate(sha256: string): JournalCertificate | undefined;
  /** The newest certificate for this holder and key. */
  newest(holder: string, spkiSha256: string): JournalCertificate | undefined;
  /** The newest certificate that replaces another, by the other's SHA-256. */
  replacement(sha256: string): JournalCertificate | undefined;
  /** By serial number, lower-case hex. */
  bySerial(serialNumber: string): JournalCertificate | undefined;
  revoked(): readonly RevokedCertificate[];
  /** Refuses when the disk is full or gone; then nothing has changed. */
  write(entry: JournalEntry): Result<void, 'store-unusable'>;
}
