/**
 * Bundles and receipts. A bundle is the signed configuration of one eNB, with its secrets sealed to that eNB. This
 * folder also holds the eNB's judgement of a bundle, the receipt that the eNB signs, and the registration from which the
 * RA/CA learns the credentials.
 */
export {
  acceptanceCodes,
  type AcceptanceCheck,
  type AcceptanceCode,
  type AcceptanceContext,
  type JudgingEnb,
} from './acceptance-checks.ts';
export { firstFailure, judgeBundle, type Acceptance, type AcceptedSigner } from './acceptance.ts';
export { isOfFitSize, maximumCrlSize, type AuthenticCrl } from './bundle-crls.ts';
export {
  checkConfiguration,
  isGatewayOf,
  isReachedThrough,
  isRootCertificate,
  isSelfSigned,
  operatorRoots,
} from './check-configuration.ts';
export { Bundle, maximumBundleSize } from './bundle.ts';
export { differencesOf, issuedContent, type Difference, type IssuedWith } from './differences.ts';
export {
  configurationFormat,
  configurationSchema,
  defaultProposals,
  defaultRenewAt,
  enbIdentitySchema,
  epochSchema,
  initialIdentitySchema,
  innerSchema,
  maximumSequence,
  outerSha256,
  renewAt,
  sequenceSchema,
  type Configuration,
} from './configuration.ts';
export { enbFileNames, markedEnbFileName } from './enb-file-names.ts';
export { makeBundle, signerSpkiSha256, type Sealing, type Signing } from './make-bundle.ts';
export {
  auditHeadSchema,
  challengeSchema,
  clockSchema,
  makeReceipt,
  receiptFormat,
  receiptSchema,
  receiptSubject,
  stepSchema,
  toVerdict,
  verdictSchema,
  unverifiedReceipt,
  verifyReceipt,
  type Receipt,
  type ReceiptQuestion,
  type ReceiptSubject,
  type Verdict,
} from './receipt.ts';
export {
  credentialMembers,
  openCredential,
  sealedFormat,
  sealedSchema,
  type SealedContent,
  type SealedSecrets,
} from './sealed.ts';
export {
  makeRegistration,
  openRegistration,
  registrationFormat,
  registrationSchema,
  type NewCredential,
  type RegistrationContent,
} from './registration.ts';
export type { RecipientCertificate } from '../cms/index.ts';
export { judgeSigner, type SignerJudgement } from './judge-signer.ts';
export { SignerMemory } from './signer-memory.ts';
export { isUnrestricted, latestTrustedTime } from './trusted-time.ts';
export * as values from './values.ts';
export {
  stepEntry,
  stepNames,
  tunnelPhases,
  type StepName,
  type StepState,
  type TunnelPhase,
} from '../../preload/contract/steps.ts';
