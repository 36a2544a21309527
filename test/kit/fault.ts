import type { Fault } from '../../main/faults/index.ts';

/** The fault at the bottom of the `because` chain. */
export function rootFault(fault: Fault): Fault {
  return fault.because ? rootFault(fault.because) : fault;
}
