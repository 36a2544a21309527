/**
 * The files of this computer: written completely, and flushed to disk. Write errors are thrown as the system's own
 * errors, because only the caller knows which file could not be written.
 */
export { errorCode, systemErrorCode } from './error-code.ts';
export {
  clear,
  makeFolder,
  openPart,
  partOf,
  readFile,
  readStart,
  syncFolder,
  writeFileAtomically,
} from './files.ts';
export { isBehindLink } from './links.ts';
export { nameTogether, PartFile } from './part-file.ts';
