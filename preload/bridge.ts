/**
 * The preload script: the only part of Electron that the page can see. The build bundles it into one file, as the
 * sandbox requires.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { channels, isLookedAt, type Bridge, type PortMessage } from './contract/bridge.ts';
import { isCommand } from './contract/commands.ts';

let onCommand: Parameters<Bridge['onCommand']>[0] = () => undefined;
let onOpen: Parameters<Bridge['onOpen']>[0] = () => undefined;

const bridge: Bridge = {
  connect: () => ipcRenderer.send(channels.connect),
  choose: (kind) => ipcRenderer.invoke(channels.choose, kind) as ReturnType<Bridge['choose']>,
  // The path does not pass through the page. A file that the page made has no path.
  dropped: (file) =>
    ipcRenderer.invoke(channels.dropped, webUtils.getPathForFile(file)) as ReturnType<Bridge['dropped']>,
  onCommand: (listener) => {
    onCommand = listener;
  },
  available: (commands) => ipcRenderer.send(channels.available, commands),
  onOpen: (listener) => {
    onOpen = listener;
  },
  notify: (text) => ipcRenderer.send(channels.notify, text),
  progress: (part) => ipcRenderer.send(channels.progress, part),
};

contextBridge.exposeInMainWorld('siteseal', bridge);

// A port cannot cross the context bridge. A message to the page's own window can carry it.
ipcRenderer.on(channels.port, (event) => {
  window.postMessage({ kind: 'siteseal-port' } satisfies PortMessage, window.location.origin, [
    ...event.ports,
  ]);
});

ipcRenderer.on(channels.command, (_event, command: unknown) => {
  if (isCommand(command)) onCommand(command);
});

ipcRenderer.on(channels.open, (_event, file: unknown) => {
  if (isLookedAt(file)) onOpen(file);
});

// Only the page's own process sees a navigation to an empty page (about:blank) before it happens.
navigation.addEventListener('navigate', (event) => {
  if (new URL(event.destination.url).origin !== location.origin) event.preventDefault();
});
