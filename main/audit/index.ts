/** The append-only audit log: who did what, and to what. */
export { openLog, type Actor, type AuditLog, type LogEntry, type LogEvent, type OpenedStore } from './log.ts';
