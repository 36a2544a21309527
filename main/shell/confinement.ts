import { app, protocol, session } from 'electron';
import type { PageFiles } from '../page/index.ts';

/**
 * The page's address. Node gives "null" as the origin of such an address, so protocol and host are compared instead.
 */
export const pageAddress = 'app://ui/';

/** Must be called before the application is ready. */
export function confineProcesses(): void {
  app.enableSandbox();
  // No host name resolves. Requests are refused one by one below, but that does not cover WebRTC's TCP connections.
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true } }]);
}

/** Whether an address belongs to the page. */
export function isPageAddress(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === 'app:' && new URL(address).host === 'ui';
}

/** Serves the page and confines it: nothing is loaded from elsewhere, opened, or permitted. */
export function confinePages(files: PageFiles): void {
  // Its successor, `handle`, makes Node.js load its fetch for the first request: 80 ms with an empty window.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  protocol.registerBufferProtocol('app', ({ url, method }, answer) => {
    const file = isPageAddress(url) && method === 'GET' ? files(new URL(url).pathname) : undefined;
    answer(
      file
        ? { data: Buffer.from(file.body), headers: file.headers }
        : { statusCode: 404, data: Buffer.alloc(0) },
    );
  });

  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  defaultSession.setPermissionCheckHandler(() => false);
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.webRequest.onBeforeRequest(({ url }, decide) =>
    decide({ cancel: !isPageAddress(url) && !/^(data|blob|devtools):/.test(url) }),
  );

  app.on('web-contents-created', (_event, contents) => {
    contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
    // An empty page (about:blank) loads without `will-frame-navigate`. The preload script refuses it. If it loads
    // anyway, the page replaces it.
    contents.on('did-navigate', (_navigated, url) => {
      if (!isPageAddress(url)) void contents.loadURL(pageAddress);
    });
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame || !isPageAddress(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}
