/** Work on site: delivers a job to its eNB over a connection or by drive, and collects the eNB's receipt. */
export { askedBy } from './asked-steps.ts';
export { noteConnection, withFoundSession, type FoundIdentity } from './connection-record.ts';
export { deliver, type DeliveryReport, type DeliveryRequest, type DeliverySurroundings } from './deliver.ts';
export {
  aloneOnDrive,
  carry,
  driveWork,
  expectedOn,
  nameOf,
  noteEjected,
  noteVerdict,
  type CarryItem,
  type CarryOutcome,
} from './carry.ts';
export { collect, collectFound, type CollectedReceipt, type ReadReceipt } from './collect.ts';
export { fetchReceipt, giveHead, keepReceipt } from './receipts.ts';
export { judgeForDelivery, type JudgedBundle } from './delivery-judgement.ts';
export { pathFromEnb, type EnbPathRequest } from './enb-path.ts';
export { followSteps, type FollowSurroundings, type Steps } from './follow-steps.ts';
export { keepPath, logPath, type PathFromPlace } from './path-record.ts';
export { noteStepStarted, noteSteps, stepFault } from './step-record.ts';
