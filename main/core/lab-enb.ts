import { ok, refuse, type Result } from '../faults/index.ts';
import { CommissioningServer, ReferenceEnb, watchDrive, type DriveEvent } from '../lab/index.ts';
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

/** A removable drive of the eNB: the folder on which it is mounted, now or later. */
export interface LabDrive {
  readonly folder: string;
  readonly onEvent: (event: DriveEvent) => void;
}

export interface RunningLabEnb {
  readonly port: number;
  readonly enb: ReferenceEnb;
  close(): Promise<void>;
}

/** Starts a reference eNB on TCP, with an eye on a removable drive where it has one. */
export async function startLabEnb(
  request: LabEnbRequest,
  { now }: Surroundings,
  passphraseFor: PassphraseFor,
  drive?: LabDrive,
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
  const running = await listen(
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
  return running.ok && drive ? ok(withDrive(running.value, drive)) : running;
}

function withDrive(running: RunningLabEnb, { folder, onEvent }: LabDrive): RunningLabEnb {
  const ending = new AbortController();
  const watching = watchDrive(running.enb, folder, onEvent, ending.signal);
  return {
    ...running,
    close: async () => {
      ending.abort();
      await watching;
      await running.close();
    },
  };
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
