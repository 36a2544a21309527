import type { Duplex } from 'node:stream';
import {
  connect,
  createSecureContext,
  type DetailedPeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { fault, ok, refuse, refused, type Result } from '../faults/index.ts';
import { parseCertificate, type Certificate } from '../pki/index.ts';
import { endOf, type StreamFaultCode } from './transport.ts';

/** Why TLS was not established; `enb-untrusted`: the peer has not proven possession of a key. */
export type TlsFaultCode = 'device-not-tls13' | 'enb-untrusted' | StreamFaultCode;

/** A connection over TLS 1.3. Whose key the peer has proven to hold is not judged yet. */
export interface TlsConnection {
  readonly socket: TLSSocket;
  /** What the peer presented, its own certificate first. Nothing but possession of its key is proven yet. */
  readonly certificates: readonly [Certificate, ...Certificate[]];
}

/** A chain longer than this is no vendor's. */
const maximumChain = 10;

/** Without node's own trust anchors, which take long to load. It holds no session and no key: all connections share it. */
let context: SecureContext | undefined;

/**
 * TLS 1.3 as the client, over any stream. No session is ever resumed, so that every connection proves possession of
 * the eNB's key; whose key it is, the caller judges by path and identity before it sends a byte. The stream stays the
 * caller's to close.
 */
export function connectTls(stream: Duplex, deadline: number): Promise<Result<TlsConnection, TlsFaultCode>> {
  return new Promise((resolve) => {
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
      const found = 'code' in error ? String(error.code) : 'unknown';
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

/** The certificates as they came. A resumed session would prove nothing, and neither does a peer without one. */
function readPeer(socket: TLSSocket): Result<TlsConnection, 'enb-untrusted'> {
  const certificates: Certificate[] = [];
  // Without a certificate node:tls gives an empty object, which its types do not tell.
  let next: Partial<DetailedPeerCertificate> | undefined = socket.getPeerCertificate(true);
  while (next?.raw && certificates.length < maximumChain) {
    const parsed = parseCertificate(next.raw);
    if (!parsed.ok) return refuse('enb-untrusted', { because: parsed.fault });
    certificates.push(parsed.value);
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate;
  }
  const [own, ...rest] = certificates;
  if (!own || socket.isSessionReused()) return refuse('enb-untrusted');
  return ok({ socket, certificates: [own, ...rest] });
}
