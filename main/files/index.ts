/**
 * The files of this computer: whole, and forced to the disk. What goes wrong in writing is thrown, as the system's own
 * error: it is the caller who knows what could not be written.
 */
export { errorCode, systemErrorCode } from './error-code.ts';
export { clear, makeFolder, openPart, partOf, readFile, syncFolder, writeFileAtomically } from './files.ts';
export { isBehindLink } from './links.ts';
