/** What the operator's office signs for other computers: introductions and job packs. */
export { judgeOffice, minimumOfficeRsaBits, readSigned, signByOffice } from './office-signature.ts';
export type { OfficeQuestion, SignedByOffice } from './office-signature.ts';
