/** One SQLite database in the data folder holds all stored data, for all shells. Each table has its own file here. */
export { UnusableFile } from '../sqlite/index.ts';
export { claimDataFolder } from './data-folder.ts';
export { discardStore } from './discard.ts';
export { DamagedLog, openStore, storeFault, type Store } from './store.ts';
export type { BatchBundle, BatchRecord, FileMark } from './batches.ts';
export type { CarriedRecord } from './carried.ts';
export type { DeliveryRecord } from './deliveries.ts';
export type { EnbRecord, EpochSequence } from './enbs.ts';
export type { JobRecord, JobsAnswer } from './jobs.ts';
export type { ListAnswer, ListRequest } from './list.ts';
export type { CheckpointRecord, LogFilter, LogHead, LogProcess, LogRow } from './log.ts';
export type { OperatorRecord } from './operators.ts';
export type { PersonRecord } from './people.ts';
export type { PathReport } from './path-reports.ts';
export type { ReceiptRecord } from './receipts.ts';
export type { RunRecord, RunRowRecord } from './runs.ts';
export type { VendorRootRecord } from './vendor-roots.ts';
export type { WitnessedRecord } from './witnessed.ts';
