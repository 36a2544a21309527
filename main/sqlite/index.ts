/** Opens SQLite databases, and turns its errors into faults. */
export { isLocked, locked, openDatabase, unusable, UnusableFile } from './database.ts';
