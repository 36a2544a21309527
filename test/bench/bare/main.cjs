// The minimum that shows a page in an Electron window, confined and loaded like Siteseal's.
/* eslint-disable @typescript-eslint/no-require-imports -- a CommonJS file, like the built shell */
const electron = require('electron');
const path = require('node:path');

electron.app.enableSandbox();
void electron.app.whenReady().then(() => {
  const window = new electron.BrowserWindow({ width: 1180, height: 760, show: false });
  window.once('ready-to-show', () => window.show());
  void window.loadFile(path.join(__dirname, 'index.html'));
});
