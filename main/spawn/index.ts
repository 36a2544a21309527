/** Worker threads for the long-lived parts of the core. */
export { runPart } from './entry.ts';
export { spawner, type Part, type PartTypes, type Spawn } from './part.ts';
