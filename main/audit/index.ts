/** The audit log: what was done, by whom, to what; append-only. */
export { openLog, type Actor, type AuditLog, type LogEntry, type LogEvent, type OpenedStore } from './log.ts';
