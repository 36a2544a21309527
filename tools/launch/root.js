import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder, absolute. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The folder that npm installs into. */
export const modules = join(root, 'node_modules');
export const lockFile = join(root, 'package-lock.json');

export const platform = `${process.platform}-${process.arch}`;

/** A sentence for the user: why the command cannot run on this machine and what to do. */
export class Refusal extends Error {}
