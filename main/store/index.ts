/** What Siteseal keeps: one SQLite database in the data folder, shared by all its shells. */
export { openStore, storeFault, type Store } from './store.ts';
export type { EnbRow, LeaseHolder, ReceiptRow } from './tables.ts';
