import { refuse, type Refused } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';

/** The fault for a port on which the lab cannot listen. */
export function portUnavailable(error: unknown, address: string): Refused<'port-unavailable'> {
  return refuse('port-unavailable', { found: errorCode(error), where: { address } });
}
