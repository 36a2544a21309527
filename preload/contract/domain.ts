// All data that crosses between page and core, by area.
export * from './app.ts';
export * from './jobs.ts';
export * from './log.ts';
export * from './office.ts';
export * from './training.ts';
