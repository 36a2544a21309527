import { constants, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { values } from '../bundle/index.ts';
import { peerCertificates } from '../device/index.ts';
import { ok, refuse, refused, type Result } from '../faults/index.ts';
import {
  allowsKeyUsage,
  certificatesToPem,
  isTrainingCertificate,
  nameFromText,
  nameToText,
  subjectAltNamesOf,
  validateCertificate,
  type Certificate,
  type Clock,
  type Crl,
} from '../pki/index.ts';

/** With what a side of the stand-in authenticates. */
export interface StandInCredential {
  readonly key: KeyObject;
  readonly certificate: Certificate;
  /** The certificates above it. */
  readonly chain: readonly Certificate[];
}

/** Whom a side of the stand-in trusts. */
export interface StandInTrust {
  readonly roots: readonly Certificate[];
  /** Certificates that a path may use beside those that the peer shows. */
  readonly intermediates?: readonly Certificate[] | undefined;
  readonly crls?: readonly Crl[] | undefined;
  readonly clock: () => Clock;
}

/** TLS 1.3 with a certificate, without resumption and without the trust anchors of Node.js. */
export function secureContextOf({ key, certificate, chain }: StandInCredential): SecureContext {
  return createSecureContext({
    key: key.export({ format: 'pem', type: 'pkcs8' }),
    cert: certificatesToPem([certificate, ...chain]),
    ca: [],
    minVersion: 'TLSv1.3',
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
}

/**
 * The certificate with which the peer of a TLS connection has authenticated, if its path and its use hold. The stand-in
 * accepts training certificates only. Ask once a connection: Node.js gives the certificates of a server only once.
 *
 * @returns beside the result the subject of its certificate, if it showed one
 */
export function judgePeer(
  socket: TLSSocket,
  { roots, intermediates = [], crls = [], clock }: StandInTrust,
): Result<Certificate> & { readonly subject?: string } {
  const shown = peerCertificates(socket);
  if (!shown.ok) return refused(shown.fault.because ?? shown.fault);
  const [target, ...others] = shown.value;
  const path = validateCertificate({
    target,
    trustAnchors: roots.filter(isTrainingCertificate),
    intermediates: [...others, ...intermediates],
    crls,
    requireCrl: false,
    ignoresForeignCrls: true,
    clock: clock(),
  });
  const subject = nameToText(target.subject);
  if (!path.ok) return { ...path, subject };
  return allowsKeyUsage(target, 'digitalSignature')
    ? { ...ok(target), subject }
    : { ...refuse('key-usage-insufficient', { expected: 'digitalSignature' }), subject };
}

/** Whether a certificate contains an identity of IKE: an address or a name among its alternative names, or its subject. */
export function holdsIdentity(certificate: Certificate, identity: string): boolean {
  const names = subjectAltNamesOf(certificate);
  if (isIP(identity) !== 0) return names.includes(`ip:${values.canonicalHost(identity)}`);
  const lower = identity.toLowerCase();
  if (names.some((name) => name.toLowerCase() === `dns:${lower}` || name === `email:${identity}`))
    return true;
  const name = nameFromText(identity);
  return name.ok && name.value.key === certificate.subject.key;
}

/** The first proposal of the eNB that the gateway has too. */
export function agreed(offered: readonly string[], accepted: readonly string[]): string | undefined {
  return offered.find((one) => accepted.includes(one));
}

/** Leads two streams into each other until both have ended. One that breaks breaks the other. */
export function splice(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => undefined); // Its close follows.
    from.once('close', () => (from.readableEnded ? to.resume() : to.destroy()));
    from.pipe(to);
  }
}
