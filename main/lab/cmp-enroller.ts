import { setTimeout as wait } from 'node:timers/promises';
import {
  confirmCertificate,
  httpExchange,
  requestCertificate,
  type HttpOptions,
  type Peer,
} from '../cmp/index.ts';
import type { Result } from '../faults/index.ts';
import { nameFromText } from '../pki/index.ts';
import type { Enroller, EnrolmentOrder } from './enb-enrolment.ts';
import { placeOfRa, type RaPlace } from './enb-ra-way.ts';

/** How an eNB reaches its RA/CA. */
export interface CmpEnrollerOptions {
  /** Connects to another address: `host:port` of the RA/CA to `address:port`, as curl's `--connect-to`. */
  readonly connectTo?: Readonly<Record<string, string>> | undefined;
}

/** How long an eNB polls for a decision of its RA/CA, in milliseconds. */
const patience = 24 * 3600_000;

/** The eNB's client to an RA/CA over CMP. */
export function cmpEnroller({ connectTo = {} }: CmpEnrollerOptions = {}): Enroller {
  const peerOf = async (
    { enrolment, roots, clock, way }: EnrolmentOrder,
    signal: AbortSignal,
  ): Promise<Result<Peer>> => {
    const recipient = nameFromText(enrolment.caName);
    if (!recipient.ok) return recipient;
    const place = await placeOfRa(enrolment, way, signal);
    if (!place.ok) return place;
    const leads = place.value === 'outside' ? { connectTo } : { connect: connectThrough(place.value) };
    const exchange = httpExchange(enrolment.url, { ...leads, trustAnchors: roots });
    const pause: Peer['pause'] = (milliseconds) =>
      wait(milliseconds, undefined, { signal }).catch(() => undefined);
    return {
      ok: true,
      value: { exchange, recipient: recipient.value, trustAnchors: roots, clock, pause, patience, signal },
    };
  };
  return {
    async request(order, onWaiting, signal) {
      const peer = await peerOf(order, signal);
      if (!peer.ok) return peer;
      const { kind, key, credentials, enrolment } = order;
      const subject = nameFromText(enrolment.subject);
      if (!subject.ok) return subject;
      const subjectAltNames = enrolment.subjectAltNames ?? [];
      const onPhase: Peer['onPhase'] = (phase) => {
        if (phase === 'waiting') onWaiting();
      };
      return requestCertificate({ ...peer.value, onPhase }, credentials, {
        ...{ kind, key, subject: subject.value, subjectAltNames },
      });
    },
    async confirm(order, issued, signal) {
      const peer = await peerOf(order, signal);
      return peer.ok ? confirmCertificate(peer.value, order.credentials, issued) : peer;
    },
  };
}

function connectThrough({ tunnel, address }: Exclude<RaPlace, 'outside'>): HttpOptions['connect'] {
  return (port) => tunnel.connect(address, port);
}
