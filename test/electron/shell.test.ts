import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Page } from '@playwright/test';
import { launch, makeApplication, makeHome, setUp, startAnother } from './kit.ts';

// The shell itself, with a core that is small, holds nothing native, and does what it is told.

const core = `
const { parentPort } = process;
parentPort.on('message', ({ data, ports }) => {
  if (data.kind === 'start') parentPort.postMessage({ kind: 'ready' });
  if (data.kind === 'register') {
    const handle = { id: '0'.repeat(32), name: data.path };
    parentPort.postMessage({ kind: 'registered', request: data.request, handle });
  }
  if (data.kind === 'serve') for (const port of ports) serve(port);
});
function serve(port) {
  port.on('message', ({ data }) => {
    if (data === 'die') process.kill(process.pid, 'SIGKILL');
    else port.postMessage({ kind: 'echo', data });
  });
  port.start();
  port.postMessage({ kind: 'hello', process: process.pid });
}
`;

/** A core that cannot start, but not before the test is ready for that. */
const endsWhenTold = `
const { existsSync } = require('node:fs');
setInterval(() => {
  if (!existsSync(process.env.HOME + '/now')) return;
  console.error('no such module');
  process.exit(9);
}, 20);
`;

/** What the page of these tests offers. */
interface Seen {
  messages: { kind: string; process: number; data: unknown }[];
  closed: number;
  port: MessagePort;
}
declare const seen: Seen;
declare const siteseal: {
  connect(): void;
  choose(kind: unknown): Promise<unknown>;
  dropped(file: unknown): Promise<unknown>;
};

/**
 * Connects the page, and waits for the core's greeting: the core's process id. As the window does, it asks for another
 * port when one closes: a port can lead to a core that has just died.
 */
async function connectPage(page: Page, greetings = 1): Promise<number> {
  await page.evaluate(async (count) => {
    const end = performance.now() + 30_000;
    const hasCome = () => seen.messages.filter(({ kind }) => kind === 'hello').length === count;
    let closed = -1;
    while (!hasCome() && performance.now() < end) {
      if (closed !== seen.closed) siteseal.connect();
      closed = seen.closed;
      await new Promise(requestAnimationFrame);
    }
  }, greetings);
  const hellos = await page.evaluate(() => seen.messages.filter(({ kind }) => kind === 'hello'));
  assert.equal(hellos.length, greetings, 'no core has greeted the page');
  return hellos.at(-1)!.process;
}

describe('the Electron shell', () => {
  setUp('preload', 'shell');

  it('hands the page a port to a core in a process of its own', async () => {
    const { page, electron, complaints, close } = await launch(makeApplication(core));
    const corePid = await connectPage(page);
    assert.notEqual(corePid, await electron.evaluate(() => process.pid));
    const kinds = await electron.evaluate(({ app }) => app.getAppMetrics().map(({ name }) => name));
    assert.ok(kinds.includes('Siteseal core'));
    assert.deepEqual(await complaints(), []);
    await close();
  });

  it('carries large messages, and those of every kind that a port can, both ways', async () => {
    const { page, close } = await launch(makeApplication(core));
    await connectPage(page);
    const result = await page.evaluate(async () => {
      const rows = Array.from({ length: 100_000 }, (_, row) => ({ row, serialNumber: `AR${row}` }));
      seen.port.postMessage({ rows, bytes: new Uint8Array([1, 2, 255]), map: new Map([['a', 1]]) });
      while (!seen.messages.some(({ kind }) => kind === 'echo')) await new Promise(requestAnimationFrame);
      const { data } = seen.messages.find(({ kind }) => kind === 'echo')!;
      const {
        rows: back,
        bytes,
        map,
      } = data as { rows: unknown[]; bytes: Uint8Array; map: Map<string, number> };
      return [back.length, JSON.stringify(back) === JSON.stringify(rows), [...bytes], [...map]];
    });
    assert.deepEqual(result, [100_000, true, [1, 2, 255], [['a', 1]]]);
    await close();
  });

  it('starts a core that died again, and gives the page that asks a port to it', async () => {
    const { page, close } = await launch(makeApplication(core));
    const first = await connectPage(page);
    await page.evaluate(() => seen.port.postMessage('die'));
    await page.waitForFunction(() => seen.closed === 1);
    const second = await connectPage(page, 2);
    assert.notEqual(second, first);
    await close();
  });

  it('gives a reloaded page a port of its own', async () => {
    const { page, close } = await launch(makeApplication(core));
    const first = await connectPage(page);
    await page.reload();
    assert.equal(await connectPage(page), first);
    await close();
  });

  for (const [name, source, why] of [
    ['ends', endsWhenTold, /stopped unexpectedly \(9\)[^]*no such module/],
    ['never serves', 'setInterval(() => undefined, 1_000);', /was not ready within 10 seconds/],
  ] as const) {
    it(`says why when a core ${name}, and offers the browser host to the program that started it`, async () => {
      const home = makeHome();
      const env = { SITESEAL_BROWSER_HOST_EXIT: '75' };
      const { electron } = await launch(makeApplication(source), { home, env });
      const ended = once(electron.process(), 'close');
      // The person's answer is the second button.
      await electron.evaluate(({ dialog }) => {
        dialog.showMessageBox = ((_window: unknown, options: unknown) => {
          console.log(JSON.stringify(options));
          return Promise.resolve({ response: 1 });
        }) as never;
      });
      let said = '';
      electron.process().stdout?.on('data', (text: Buffer) => (said += text.toString('utf8')));
      writeFileSync(join(home, 'now'), '');
      assert.deepEqual(await ended, [75, null]);
      const asked = said.split('\n').find((line) => line.startsWith('{'));
      const { detail, buttons } = JSON.parse(asked ?? '{}') as { detail: string; buttons: string[] };
      assert.match(detail, why);
      assert.deepEqual(buttons, ['Try again', 'Use the browser instead', 'Quit']);
    });
  }

  it('can be left where there is no core', { timeout: 30_000 }, async (test) => {
    const home = makeHome();
    const { electron } = await launch(makeApplication(endsWhenTold), { home });
    const shell = electron.process();
    test.after(() => shell.kill('SIGKILL'));
    const ended = once(shell, 'exit');
    // The dialog is the test's own before the core may end, and nobody ever answers it.
    await electron.evaluate(({ dialog }) => {
      dialog.showMessageBox = (() => {
        console.log('asked');
        return new Promise(() => undefined);
      }) as never;
    });
    const isAsked = new Promise<void>((resolve) => {
      let said = '';
      shell.stdout?.on('data', (text: Buffer) => {
        said += text.toString('utf8');
        if (/^asked$/m.test(said)) resolve();
      });
    });
    writeFileSync(join(home, 'now'), '');
    await isAsked;
    shell.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });

  it('shows the dialog of the kind that is asked for, and answers with handles', async () => {
    const { page, electron, close } = await launch(makeApplication(core));
    await connectPage(page);
    await electron.evaluate(({ dialog }) => {
      dialog.showOpenDialog = ((_window: unknown, options: unknown) =>
        Promise.resolve({ filePaths: [JSON.stringify(options), '/b'] })) as never;
    });
    const [first, second] = (await page.evaluate(() => siteseal.choose('bundles'))) as [
      { name: string },
      { name: string },
    ];
    assert.deepEqual(JSON.parse(first.name), {
      title: 'Choose bundles',
      filters: [
        { name: 'Bundles', extensions: ['p7m'] },
        { name: 'All files', extensions: ['*'] },
      ],
      properties: ['openFile', 'multiSelections'],
    });
    assert.deepEqual(second, { id: '0'.repeat(32), name: '/b' });
    const [folder] = (await page.evaluate(() => siteseal.choose('output-folder'))) as [{ name: string }];
    assert.deepEqual((JSON.parse(folder.name) as { properties: unknown }).properties, [
      'openDirectory',
      'createDirectory',
    ]);
    for (const kind of ['passwords', '__proto__', null, {}]) {
      await assert.rejects(
        page.evaluate((given) => siteseal.choose(given), kind),
        /Refused/,
      );
    }
    await close();
  });

  it('gives a handle for a file of the computer, and none for one that the page made', async () => {
    const { page, close } = await launch(makeApplication(core));
    await connectPage(page);
    await page.evaluate(() => {
      const input = document.createElement('input');
      document.body.append(Object.assign(input, { type: 'file' }));
    });
    const path = join(import.meta.dirname, 'kit.ts');
    await page.locator('input').setInputFiles(path);
    const handle = await page.evaluate(() => siteseal.dropped(document.querySelector('input')!.files![0]));
    assert.deepEqual(handle, { handle: { id: '0'.repeat(32), name: path }, kind: 'unknown' });
    await assert.rejects(
      page.evaluate(() => siteseal.dropped(new File([], '/etc/passwd'))),
      /Refused/,
    );
    await assert.rejects(page.evaluate(() => siteseal.dropped('/etc/passwd')));
    await close();
  });

  it('leaves the page nothing of Node, and of Electron only the bridge', async () => {
    const { page, electron, close } = await launch(makeApplication(core));
    assert.deepEqual(
      await page.evaluate(() => [typeof process, typeof require, Object.keys(siteseal).sort()] as unknown[]),
      [
        'undefined',
        'undefined',
        ['available', 'choose', 'connect', 'dropped', 'notify', 'onCommand', 'onOpen', 'progress'],
      ],
    );
    const metrics = await electron.evaluate(({ app }) => app.getAppMetrics());
    const pages = metrics.filter(({ type }) => type === 'Tab');
    assert.equal(pages.length, 1);
    const preferences = await electron.evaluate(({ BrowserWindow }) =>
      (
        BrowserWindow.getAllWindows()[0]!.webContents as unknown as {
          getLastWebPreferences(): Record<string, unknown>;
        }
      ).getLastWebPreferences(),
    );
    assert.equal(preferences['sandbox'], true);
    assert.equal(preferences['contextIsolation'], true);
    assert.equal(preferences['nodeIntegration'], false);
    await close();
  });

  it('opens no other window, goes nowhere else, and permits nothing', async () => {
    const { page, electron, close } = await launch(makeApplication(core));
    for (const address of ['https://example.com', 'app://ui/', 'about:blank', '', 'blob:app://ui/x']) {
      assert.equal(await page.evaluate((to) => window.open(to) === null, address), true, address);
    }
    await page.evaluate(() => Object.assign(window, { isFirst: true }));
    for (const address of [
      'https://example.com/',
      'file:///etc/passwd',
      'app://other/',
      'data:text/html,x',
      'about:blank',
      'about:blank#x',
      'about:srcdoc',
      'chrome://version/',
    ]) {
      await page.evaluate((to) => void (window.location.href = to), address);
      // The page still answers, so it is still there.
      assert.equal(await page.evaluate(() => window.location.href), 'app://ui/', address);
    }
    const blob = () => {
      const html = new Blob(['<p>x'], { type: 'text/html' });
      window.location.href = URL.createObjectURL(html);
    };
    await page.evaluate(blob);
    const state = () => [window.location.href, 'isFirst' in window];
    assert.deepEqual(await page.evaluate(state), ['app://ui/', true]);
    // Not even what gets past the preload stays.
    await electron.evaluate(({ BrowserWindow }) => {
      void BrowserWindow.getAllWindows()[0]!.webContents.loadURL('about:blank');
    });
    await page.waitForFunction(() => window.location.href === 'app://ui/' && !('isFirst' in window));
    assert.equal(await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length), 1);
    const permitted = await page.evaluate(async () => {
      const states = await Promise.all(
        ['geolocation', 'notifications', 'camera', 'microphone'].map(
          async (name) => (await navigator.permissions.query({ name: name as PermissionName })).state,
        ),
      );
      const usb = await (
        navigator as unknown as { usb: { getDevices(): Promise<unknown[]> } }
      ).usb.getDevices();
      return { states, usb };
    });
    assert.ok(!permitted.states.includes('granted'));
    assert.deepEqual(permitted.usb, []);
    await close();
  });

  it('reaches no network, whatever the page tries', async () => {
    const { page, close } = await launch(makeApplication(core));
    const outcomes = await page.evaluate(async () => {
      const fetched = await fetch('http://127.0.0.1:1/').then(
        () => 'reached',
        () => 'refused',
      );
      const other = await fetch('app://other/page.js').then(
        ({ ok }) => (ok ? 'reached' : 'refused'),
        () => 'refused',
      );
      return [fetched, other];
    });
    assert.deepEqual(outcomes, ['refused', 'refused']);
    await close();
  });

  it('reaches nobody by WebRTC, neither by UDP nor by TCP', async (test) => {
    const { page, close } = await launch(makeApplication(core));
    let reached = 0;
    const tcp = createServer((socket) => {
      reached++;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    const udp = createSocket('udp4', () => reached++).bind(0, '127.0.0.1');
    test.after(() => {
      for (const one of [tcp, udp]) one.close();
    });
    await Promise.all([tcp, udp].map((one) => once(one, 'listening')));
    const ports = { tcp: (tcp.address() as AddressInfo).port, udp: udp.address().port };
    const candidates = await page.evaluate(async ({ tcp, udp }) => {
      const account = { username: 'name', credential: 'word' };
      const iceServers = [
        { urls: `stun:127.0.0.1:${udp}` },
        { urls: `turn:127.0.0.1:${tcp}?transport=tcp`, ...account },
        { urls: `turn:localhost:${tcp}?transport=tcp`, ...account },
        { urls: `turns:127.0.0.1:${tcp}?transport=tcp`, ...account },
      ];
      const peers = [new RTCPeerConnection({ iceServers }), new RTCPeerConnection({ iceServers })] as const;
      const found: string[] = [];
      const gathered = peers.map(
        (peer, index) =>
          new Promise<void>((resolve) => {
            peer.onicecandidate = ({ candidate }) => {
              if (candidate) {
                found.push(candidate.candidate);
                void peers[1 - index]!.addIceCandidate(candidate);
              } else {
                resolve();
              }
            };
          }),
      );
      peers[0].createDataChannel('data');
      await peers[0].setLocalDescription(await peers[0].createOffer());
      await peers[1].setRemoteDescription(peers[0].localDescription!);
      await peers[1].setLocalDescription(await peers[1].createAnswer());
      await peers[0].setRemoteDescription(peers[1].localDescription!);
      await Promise.all(gathered);
      return found.filter((text) => text !== '');
    }, ports);
    assert.deepEqual({ candidates, reached }, { candidates: [], reached: 0 });
    await close();
  });

  it('heeds no frame but the main frame of its own page', async () => {
    const { page, electron, close } = await launch(makeApplication(core));
    await connectPage(page);
    // Frames are refused by the policy of the page: the bridge is called as another frame would call it.
    const answers = await electron.evaluate(async ({ BrowserWindow, ipcMain }) => {
      const [window] = BrowserWindow.getAllWindows();
      const sent: string[] = [];
      const main = window!.webContents.mainFrame;
      const foreign = { url: 'app://ui/', postMessage: () => sent.push('port') };
      ipcMain.emit('siteseal:connect', { senderFrame: foreign });
      ipcMain.emit('siteseal:connect', { senderFrame: null });
      const handlers = (
        ipcMain as unknown as { _invokeHandlers: Map<string, (event: object, kind: string) => unknown> }
      )._invokeHandlers;
      const outcome = await Promise.resolve()
        .then(() => handlers.get('siteseal:choose')!({ senderFrame: foreign }, 'bundles'))
        .then(
          () => 'answered',
          (error: unknown) => String(error),
        );
      return { sent, outcome, isMain: main.url };
    });
    assert.deepEqual(answers, { sent: [], outcome: 'Error: Refused.', isMain: 'app://ui/' });
    assert.equal(await page.evaluate(() => seen.messages.length), 1, 'no second port came');
    await close();
  });

  it('is one at a time: a second start shows the window of the first, and ends', async () => {
    const home = makeHome();
    const application = makeApplication(core);
    const { electron, close } = await launch(application, { home });
    await electron.evaluate(({ app }) => {
      app.once('second-instance', () => ((globalThis as Record<string, unknown>)['wasCalled'] = true));
    });
    assert.deepEqual(await once(startAnother(application, home), 'exit'), [0, null]);
    assert.equal(await electron.evaluate(() => (globalThis as Record<string, unknown>)['wasCalled']), true);
    await close();
  });
});
