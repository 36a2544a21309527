/** Long work: what this process is busy with, how far it is, and how to stop it. */
export { pauseFor, type Pause } from './pause.ts';
export { RateMeter } from './rate-meter.ts';
export { Work, type Progress } from './work.ts';
export { Works, type WorkStart } from './works.ts';
export { giveBack, underLease, type TakeLease } from './lease.ts';
