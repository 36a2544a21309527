import type { Duplex } from 'node:stream';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { fault, ok, refuse, refused, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { parseCertificate, type Certificate } from '../pki/index.ts';
import { endOf, type StreamFaultCode } from './transport.ts';

/** Why TLS failed. `enb-untrusted`: the peer has not proven possession of a key. */
export type TlsFaultCode = 'device-not-tls13' | 'enb-untrusted' | StreamFaultCode;

/** A TLS 1.3 connection. The peer's certificate is not judged yet. */
export interface TlsConnection {
  readonly socket: TLSSocket;
  /** The peer's certificate first, then its issuers. Only possession of the peer's key is proven. */
  readonly certificates: readonly [Certificate, ...Certificate[]];
}

/** No vendor needs more certificates, or more bytes of them. Anything beyond is refused unread. */
const maximumCertificates = 16;
const maximumCertificateBytes = 64 * 1024;

/** Omits node's trust anchors, which are slow to load. Shared by all connections: it has no session and no key. */
let context: SecureContext | undefined;

/**
 * TLS 1.3 as the client, over any stream. Sessions are never resumed, so that every connection proves possession of
 * the eNB's key. The caller checks path and identity before it sends a byte, and closes the stream.
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
      // node:tls would check host names and a trust store. Siteseal only trusts the vendor's root.
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
    socket.once('secureConnect', () => {
      const certificates = peerCertificates(socket);
      settle(certificates.ok ? ok({ socket, certificates: certificates.value }) : certificates);
    });
    socket.on('error', (error: Error) => {
      const end = endOf(stream);
      const found = errorCode(error);
      settle(end ? refused(end) : refuse(tlsFaultCode(found), { found }));
    });
    socket.once('close', () => settle(refused(endOf(stream) ?? fault('device-closed'))));
  });
}

/** An invalid signature means that the peer lacks the key of the certificate that it sent. */
function tlsFaultCode(found: string): TlsFaultCode {
  if (/^(ECONN|EPIPE)/.test(found)) return 'device-closed';
  return found.includes('SIGNATURE') ? 'enb-untrusted' : 'device-not-tls13';
}

/**
 * The peer's certificates in the order received: its own first, the rest in any order, some perhaps useless (RFC 8446
 * section 4.4.2). `getPeerCertificate` would omit those that do not form a chain. Refuses a resumed session or a peer
 * without a certificate, because neither proves anything.
 */
export function peerCertificates(socket: TLSSocket): Result<TlsConnection['certificates'], 'enb-untrusted'> {
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
  return ok([own, ...rest]);
}
