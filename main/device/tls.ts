import type { Duplex } from 'node:stream';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { fault, ok, refuse, refused, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { parseCertificate, type Certificate } from '../pki/index.ts';
import { endOf, type StreamFaultCode } from './transport.ts';

/** Why TLS was not established; `enb-untrusted`: the peer has not proven possession of a key. */
export type TlsFaultCode = 'device-not-tls13' | 'enb-untrusted' | StreamFaultCode;

/** A connection over TLS 1.3. Whose key the peer has proven to hold is not judged yet. */
export interface TlsConnection {
  readonly socket: TLSSocket;
  /** The peer's own certificate first, then its issuers. Nothing but possession of the peer's key is proven yet. */
  readonly certificates: readonly [Certificate, ...Certificate[]];
}

/** No vendor needs more certificates, or more bytes of them: what is beyond is refused before any of it is read. */
const maximumCertificates = 16;
const maximumCertificateBytes = 64 * 1024;

/** Without node's own trust anchors, which take long to load. It holds no session and no key: all connections share it. */
let context: SecureContext | undefined;

/**
 * TLS 1.3 as the client, over any stream. No session is ever resumed, so that every connection proves possession of
 * the eNB's key; whose key it is, the caller judges by path and identity before it sends a byte. The stream stays the
 * caller's to close.
 */
export function connectTls(stream: Duplex, deadline: number): Promise<Result<TlsConnection, TlsFaultCode>> {
  return new Promise((resolve) => {
    if (stream.destroyed) {
      resolve(refused(endOf(stream) ?? fault('device-closed')));
      return;
    }
    const socket = connect({
      socket: stream,
      secureContext: (context ??= createSecureContext({ minVersion: 'TLSv1.3', ca: [] })),
      // node:tls would judge by host names and a trust store; this product judges by the vendor's root alone.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    let isSettled = false;
    const settle = (result: Result<TlsConnection, TlsFaultCode>) => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      resolve(result);
    };
    const timer = setTimeout(() => settle(refuse('device-no-answer')), deadline);
    socket.once('secureConnect', () => settle(readPeer(socket)));
    socket.on('error', (error: Error) => {
      const end = endOf(stream);
      const found = errorCode(error);
      settle(end ? refused(end) : refuse(tlsFaultCode(found), { found }));
    });
    socket.once('close', () => settle(refused(endOf(stream) ?? fault('device-closed'))));
  });
}

/** A signature that does not verify is that of a peer without the key of the certificate that it shows. */
function tlsFaultCode(found: string): TlsFaultCode {
  if (/^(ECONN|EPIPE)/.test(found)) return 'device-closed';
  return found.includes('SIGNATURE') ? 'enb-untrusted' : 'device-not-tls13';
}

/**
 * The certificates as they came: after the peer's own in any order, and not all need be of use (RFC 8446 section 4.4.2).
 * `getPeerCertificate` would leave out some that do not follow one another. A resumed session would prove nothing, and
 * neither does a peer without a certificate.
 */
function readPeer(socket: TLSSocket): Result<TlsConnection, 'enb-untrusted'> {
  const shown: Buffer[] = [];
  let bytes = 0;
  for (let next = socket.getPeerX509Certificate(); next; next = next.issuerCertificate) {
    bytes += next.raw.length;
    if (shown.push(next.raw) > maximumCertificates || bytes > maximumCertificateBytes)
      return refuse('enb-untrusted', { rule: 'chain-size' });
  }
  const certificates: Certificate[] = [];
  for (const one of shown) {
    const parsed = parseCertificate(one);
    if (!parsed.ok) return refuse('enb-untrusted', { because: parsed.fault });
    certificates.push(parsed.value);
  }
  const [own, ...rest] = certificates;
  if (!own || socket.isSessionReused()) return refuse('enb-untrusted');
  return ok({ socket, certificates: [own, ...rest] });
}
