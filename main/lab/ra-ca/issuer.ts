import { webcrypto } from 'node:crypto';
import type { Extension } from '@peculiar/x509';
import { decode, der, oids, tags } from '../../asn1/index.ts';
import type { CertificateRequest, Issuer, RevokedCertificate } from '../../cmp/index.ts';
import {
  isTrainingCertificate,
  readPublicKey,
  writeGeneralNames,
  type Certificate,
} from '../../pki/index.ts';
import type { KeyPair } from '../issue-certificate.ts';
import {
  keyIdentifierOf,
  keyUsageExtension,
  loadX509,
  openCaKey,
  signCertificate,
  type CaKey,
  type X509,
} from '../x509.ts';

/** How a CA issues. */
export interface IssuerOptions {
  readonly now: () => Date;
  /** How long a certificate is valid, in milliseconds from now. It ends with the CA's own at the latest. */
  readonly validity: number;
  /** The number for the next CRL: higher than all before. */
  readonly nextCrlNumber: () => number;
}

/** How long before now a certificate starts, for eNBs whose clocks are behind. */
const clockTolerance = 5 * 60_000;

/** From a CRL to its `nextUpdate`. */
const crlValidity = 7 * 24 * 3_600_000;

/** How long a CRL is given again while nothing changes. Anybody can ask for one, and a long one takes seconds to make. */
const crlReuse = 60_000;

/** Issues to eNBs, with a CA's key in this process. */
export class LabIssuer implements Issuer {
  readonly certificate: Certificate;
  readonly chain: readonly Certificate[];
  readonly #x509: X509;
  readonly #ca: CaKey;
  readonly #options: IssuerOptions;
  /** The CRL made last. */
  #last: { readonly entries: string; readonly time: Date; readonly crl: Uint8Array } | undefined;
  /** Made once, because the library takes long for each. */
  readonly #constant: Readonly<Record<'rsaKeyUsage' | 'ecKeyUsage' | 'training', Extension>>;

  private constructor(
    x509: X509,
    ca: CaKey,
    certificate: Certificate,
    chain: readonly Certificate[],
    options: IssuerOptions,
  ) {
    this.#x509 = x509;
    this.#ca = ca;
    this.certificate = certificate;
    this.chain = chain;
    this.#options = options;
    this.#constant = {
      rsaKeyUsage: keyUsageExtension(x509, ['digitalSignature', 'keyEncipherment']),
      ecKeyUsage: keyUsageExtension(x509, ['digitalSignature', 'keyAgreement']),
      training: new x509.Extension(oids.training, false, der.null),
    };
  }

  /** @param chain from the CA's issuer up to the operator root; empty if the CA is the root */
  static async open(
    { key, certificate }: KeyPair,
    chain: readonly Certificate[],
    options: IssuerOptions,
  ): Promise<LabIssuer> {
    const x509 = await loadX509();
    const ca = await openCaKey(x509, key, certificate.subject, keyIdentifierOf(certificate));
    return new LabIssuer(x509, ca, certificate, chain, options);
  }

  /** Throws if the CA's own certificate is no longer in force, or the request has a malformed name or key. */
  issue(request: CertificateRequest): Promise<Certificate> {
    const { subject, publicKey: spki } = request;
    const extensions = this.#extensions(request);
    const dates = wishedDates(request.validity, this.#dates());
    return signCertificate(this.#x509, { subject, spki, ...dates, extensions }, this.#ca);
  }

  #dates() {
    const { certificate } = this;
    const { now, validity } = this.#options;
    const time = now().getTime();
    if (time >= certificate.notAfter.getTime()) throw new Error("The CA's certificate has expired");
    // A short certificate is for trying renewal, which counts from its start.
    const past = Math.min(clockTolerance, validity / 10);
    return {
      notBefore: new Date(Math.max(time - past, certificate.notBefore.getTime())),
      notAfter: new Date(Math.min(time + validity, certificate.notAfter.getTime())),
    };
  }

  /**
   * No extended key usage: RFC 4945 section 5.1.3.12 asks certificates for IKE to omit it, and without it one
   * certificate serves both IPsec and TLS (3GPP TS 33.310). No CRL distribution points either: eNBs ask for the CRL
   * over CMP, or get it with their bundle.
   */
  #extensions({ subject, publicKey, subjectAltNames }: CertificateRequest): readonly Extension[] {
    const { rsaKeyUsage, ecKeyUsage, training } = this.#constant;
    // RFC 5280 section 4.2.1.6: critical if the subject is empty.
    const isCritical = subject.rdns.length === 0;
    // @peculiar/x509 encodes an IPv6 address that ends like an IPv4 one wrongly.
    const names = writeGeneralNames(subjectAltNames);
    if (!names && subjectAltNames.length > 0) throw new Error('Not alternative names');
    return [
      isRsa(publicKey) ? rsaKeyUsage : ecKeyUsage,
      ...(names ? [new this.#x509.Extension(oids.subjectAltName, isCritical, names)] : []),
      ...(isTrainingCertificate(this.certificate) ? [training] : []),
    ];
  }

  async makeCrl(revoked: readonly RevokedCertificate[]): Promise<Uint8Array> {
    const time = this.#options.now();
    const entries = JSON.stringify(revoked);
    const age = this.#last ? time.getTime() - this.#last.time.getTime() : -1;
    if (this.#last?.entries === entries && age >= 0 && age < crlReuse) return this.#last.crl;
    const crl = await this.#signCrl(revoked, time);
    this.#last = { entries, time, crl };
    return crl;
  }

  async #signCrl(revoked: readonly RevokedCertificate[], time: Date): Promise<Uint8Array> {
    const { nextCrlNumber } = this.#options;
    const x509 = this.#x509;
    const crl = await x509.X509CrlGenerator.create(
      {
        issuer: this.#ca.name,
        thisUpdate: time,
        nextUpdate: new Date(time.getTime() + crlValidity),
        entries: revoked.map(({ serialNumber, at, reason }) => ({
          serialNumber,
          revocationDate: at,
          // Even for `unspecified`: without an extension, the library writes an empty list, which RFC 5280 forbids.
          extensions: [
            new x509.Extension(oids.reasonCode, false, der.element(tags.enumerated, Uint8Array.of(reason))),
          ],
        })),
        extensions: [
          this.#ca.authorityKeyIdentifier,
          new x509.Extension(oids.crlNumber, false, der.integer(nextCrlNumber())),
        ],
        signingKey: this.#ca.signingKey,
        signingAlgorithm: this.#ca.signingAlgorithm,
      },
      webcrypto,
    );
    return new Uint8Array(crl.rawData);
  }
}

function isRsa(spki: Uint8Array): boolean {
  const key = decode(spki, readPublicKey);
  return key.ok && key.value.kind === 'rsa';
}

interface Dates {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The dates that a request wishes, as far as they lie within those that the issuer gives. */
function wishedDates({ notBefore, notAfter }: CertificateRequest['validity'] = {}, own: Dates): Dates {
  const start =
    notBefore && notBefore >= own.notBefore && notBefore < own.notAfter ? notBefore : own.notBefore;
  const end = notAfter && notAfter > start && notAfter <= own.notAfter ? notAfter : own.notAfter;
  return { notBefore: start, notAfter: end };
}
