/** Assembles and starts the core, for a page at the other end of a port. */
export type { Port } from './port.ts';
export { startCore, type CoreOptions, type RunningCore } from './start.ts';
