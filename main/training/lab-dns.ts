import { ok, type Result } from '../faults/index.ts';
import { serveDns } from '../lab/index.ts';
import { portUnavailable } from './port-unavailable.ts';

/** Starts a DNS server that knows the IPv4 addresses of these names. */
export async function startLabDns(
  host: string,
  port: number,
  names: Readonly<Record<string, string>>,
): Promise<Result<{ readonly port: number; close(): Promise<void> }, 'port-unavailable'>> {
  try {
    return ok(await serveDns(host, port, names));
  } catch (error) {
    return portUnavailable(error, `${host}:${port}`);
  }
}
