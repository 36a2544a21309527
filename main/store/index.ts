/** What Siteseal keeps: one SQLite database in the data folder, shared by all its shells. */
export { claimDataFolder } from './data-folder.ts';
export { openStore, storeFault, type Store } from './store.ts';
export type { EnbRow, EpochSequence, LeaseHolder, ReceiptRow } from './tables.ts';
export type { Carried, CarriedRecord } from './carried.ts';
export type { Deliveries, DeliveryRecord } from './deliveries.ts';
export type { JobRecord, Jobs, NewJob } from './jobs.ts';
export type { ListAnswer, ListRequest } from './list.ts';
export type { RunRecord, RunRowRecord, Runs } from './runs.ts';
export type { OperatorRecord, Setup, VendorRootRecord } from './setup.ts';
