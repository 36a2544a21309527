/** What the operator's office signs for other computers: introductions and job packs. */
export { fingerprint, fingerprintCode, isFingerprintOf, wholeFingerprint } from './fingerprint.ts';
export {
  introductionFormat,
  introductionSchema,
  makeIntroduction,
  maximumIntroductionSize,
  openIntroduction,
  type IntroducedVendor,
  type Introduction,
  type IntroductionContents,
} from './introduction.ts';
export {
  ChangedBundle,
  encodedForPack,
  JobPack,
  jobPackEntries,
  jobPackFormat,
  jobPackSchema,
  packedFileName,
  type JobPackDocument,
  type PackedBundle,
} from './job-pack.ts';
export { judgeOffice, readSigned, signByOffice } from './office-signature.ts';
export type { OfficeQuestion, SignedByOffice } from './office-signature.ts';
export { writeZip, type ZipEntry } from './zip-writer.ts';
