import { ok, refuse, type Result } from '../faults/index.ts';
import { CommissioningServer, ReferenceEnb } from '../lab/index.ts';
import type { Surroundings } from './surroundings.ts';
import { readCertificates } from './trust-files.ts';
import { readKey, type PassphraseFor } from './verify.ts';

/** The files that play the factory, and where the reference eNB listens. */
export interface LabEnbRequest {
  readonly identity: string;
  readonly key: string;
  readonly chain: string | undefined;
  readonly vendorRoot: string;
  readonly host: string;
  readonly port: number;
  readonly state: string;
}

export interface RunningLabEnb {
  readonly port: number;
  readonly enb: ReferenceEnb;
  close(): Promise<void>;
}

/** Starts a reference eNB on TCP. */
export async function startLabEnb(
  request: LabEnbRequest,
  { now }: Surroundings,
  passphraseFor: PassphraseFor,
): Promise<Result<RunningLabEnb>> {
  const identity = readCertificates(request.identity);
  if (!identity.ok) return identity;
  const chain = request.chain === undefined ? ok([]) : readCertificates(request.chain);
  if (!chain.ok) return chain;
  const root = readCertificates(request.vendorRoot);
  if (!root.ok) return root;
  const key = await readKey(request.key, passphraseFor);
  if (!key.ok) return key;
  const [certificate, ...ownChain] = identity.value;
  return listen(
    {
      key: key.value,
      certificate,
      chain: [...ownChain, ...chain.value],
      vendorRoot: root.value[0],
      folder: request.state,
      now,
    },
    request.host,
    request.port,
  );
}

/** The reference eNB of options at hand, listening. */
export async function listen(
  options: Parameters<typeof ReferenceEnb.start>[0],
  host: string,
  port: number,
): Promise<Result<RunningLabEnb>> {
  const enb = ReferenceEnb.start(options);
  if (!enb.ok) return enb;
  const server = new CommissioningServer(enb.value, options);
  try {
    const listening = await server.listen(host, port);
    return ok({ enb: enb.value, port: listening.port, close: () => listening.close() });
  } catch (error) {
    const found = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('port-unavailable', { found, where: { address: `${host}:${port}` } });
  }
}
