/**
 * The shell for machines without Electron, and for tests: serves the page to the person's own browser over loopback,
 * to nobody else, and carries its messages over a WebSocket.
 */
export { layEntrance, type Entrance } from './entrance.ts';
export { type BrowserHost, type BrowserHostOptions, startBrowserHost } from './host.ts';
export { notAFolder, runBrowserHost, type RunOptions } from './run.ts';
