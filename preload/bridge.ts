/** The preload script: the only thing of Electron that the page sees. It is built into one file, for the sandbox. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { channels, type Bridge, type PortMessage } from './contract/bridge.ts';

const bridge: Bridge = {
  connect: () => ipcRenderer.send(channels.connect),
  choose: (kind) => ipcRenderer.invoke(channels.choose, kind) as ReturnType<Bridge['choose']>,
  // The path goes past the page. What the page made itself has none.
  dropped: (file) =>
    ipcRenderer.invoke(channels.dropped, webUtils.getPathForFile(file)) as ReturnType<Bridge['dropped']>,
};

contextBridge.exposeInMainWorld('siteseal', bridge);

// A port cannot go over the context bridge; a message to the page's own window takes it along.
ipcRenderer.on(channels.port, (event) => {
  window.postMessage({ kind: 'siteseal-port' } satisfies PortMessage, window.location.origin, [
    ...event.ports,
  ]);
});

// Only the page's own process sees a navigation to an empty page (about:blank) before it is done.
navigation.addEventListener('navigate', (event) => {
  if (new URL(event.destination.url).origin !== location.origin) event.preventDefault();
});
