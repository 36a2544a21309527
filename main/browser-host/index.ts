/**
 * The shell for machines without Electron, and for tests. It serves the page to the user's own browser over loopback,
 * and to nobody else, and carries the page's messages over a WebSocket.
 */
export { layEntrance, type Entrance } from './entrance.ts';
export { type BrowserHost, type BrowserHostOptions, startBrowserHost } from './host.ts';
export { notAFolder, runBrowserHost, type RunOptions } from './run.ts';
