import { connect, Socket } from 'node:net';
import { defaultProposals } from '../bundle/index.ts';
import { readCertificates, readKey, readTrust } from '../core/index.ts';
import { ok, type Result } from '../faults/index.ts';
import { StandInSeg, type Behind, type Listening, type StandInEvent } from '../lab/index.ts';
import { exactly } from '../pki/index.ts';
import { portUnavailable } from './port-unavailable.ts';

/** The files of a gateway of the lab, and those of a gateway of another operator with the same name. */
export interface LabGatewayFiles {
  readonly role: 'initial' | 'traffic';
  readonly address: string;
  readonly credential: { readonly certificates: string; readonly key: string };
  readonly other: LabGatewayFiles['credential'];
  /** Roots whose eNBs may connect. */
  readonly roots: readonly string[];
  readonly untrusted: readonly string[];
}

/** A gateway of the lab: its files, and what is behind it. */
export interface LabGatewayRequest extends LabGatewayFiles {
  readonly subnets: readonly string[];
  readonly pool: string;
  readonly behind: Behind;
  /** How it fails now. */
  readonly fault?: (() => GatewayFault | undefined) | undefined;
  readonly onEvent?: ((event: StandInEvent) => void) | undefined;
}

/**
 * How a gateway fails in training.
 * - `silent`: answers nothing.
 * - `other-trust`: trusts other roots than those of its eNBs.
 * - `other-operator`: shows the certificate of another operator.
 * - `other-algorithms`: accepts none that the bundles offer.
 */
export type GatewayFault = 'silent' | 'other-trust' | 'other-operator' | 'other-algorithms';

/** A running gateway: its port for tunnels on TCP, and those on UDP that stand for 500 and 4500. */
export interface RunningLabGateway {
  readonly address: string;
  readonly port: number;
  readonly udp: { readonly 500: number; readonly 4500: number };
  close(): Promise<void>;
}

const host = '127.0.0.1';
const otherProposals = ['aes256gcm16-prfsha384-ecp384'];

/** The lab's keys are not encrypted. */
const noPassphrase = () => Promise.resolve(ok(undefined));

/** Starts a gateway of the stand-in for IPsec on free ports of this computer. */
export async function startLabGateway(
  request: LabGatewayRequest,
  now: () => Date,
): Promise<Result<RunningLabGateway>> {
  const own = await readCredential(request.credential);
  if (!own.ok) return own;
  const other = await readCredential(request.other);
  if (!other.ok) return other;
  const trust = readTrust({ roots: request.roots, untrusted: request.untrusted, crls: [] });
  if (!trust.ok) return trust;
  const { vendorRoots: roots, intermediates } = trust.value;
  const clock = () => exactly(now());
  const isFailing = (fault: GatewayFault) => request.fault?.() === fault;
  const seg = new StandInSeg({
    ...request,
    espProposals: defaultProposals.esp,
    get credential() {
      return isFailing('other-operator') ? other.value : own.value;
    },
    get trust() {
      return isFailing('other-trust') ? { roots: other.value.chain, clock } : { roots, intermediates, clock };
    },
    get proposals() {
      return isFailing('other-algorithms') ? otherProposals : defaultProposals.ike;
    },
    get isSilent() {
      return isFailing('silent');
    },
  });
  const listening: Listening[] = [];
  const close = async () => {
    await Promise.all(listening.map((one) => one.close()));
  };
  try {
    const tcp = await seg.listen(host, 0);
    listening.push(tcp);
    const ike = await seg.listenIke(host, 0, 500);
    listening.push(ike);
    const natTraversal = await seg.listenIke(host, 0, 4500);
    listening.push(natTraversal);
    const udp = { 500: ike.port, 4500: natTraversal.port };
    return ok({ address: request.address, port: tcp.port, udp, close });
  } catch (error) {
    await close();
    return portUnavailable(error, host);
  }
}

async function readCredential({ certificates, key: file }: LabGatewayFiles['credential']) {
  const read = readCertificates(certificates);
  if (!read.ok) return read;
  const key = await readKey(file, noPassphrase);
  if (!key.ok) return key;
  const [certificate, ...chain] = read.value;
  return ok({ key: key.value, certificate, chain });
}

/** A network behind a gateway in which only these places answer: `address:port` to a port of this computer. */
export function networkOf(portOf: (place: string) => number | undefined): Behind {
  return {
    connect: (address, port) => {
      const here = portOf(`${address}:${port}`);
      if (here !== undefined) return connect(here, host);
      return new Socket().destroy(Object.assign(new Error('No such host'), { code: 'EHOSTUNREACH' }));
    },
    resolve: () => Promise.resolve([]),
  };
}
