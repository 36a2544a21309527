// What an installer sees when a delivery goes wrong: over the real core, with the reference eNB, with eNBs that do one
// thing wrong, and with peers that are no eNB. Each fault is told with its next action, and that action works.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, suite, test, type TestContext } from 'node:test';
import type { Page } from '@playwright/test';
import { makeEnb, makeVendor } from '../../kit/issue-certificate.ts';
import { browserPath } from '../../kit/browser.ts';
import { bundleFor, hwType, identity, labOptions, makeScene, otherIdentity } from '../../kit/bundle.ts';
import {
  sendBytes,
  sendJson,
  startEnb,
  startFaultyEnb,
  startTcpPeer,
  type Behaviour,
  type Exchange,
  type Listening,
} from '../../kit/enb.ts';
import { laptopWith, openApp, shownFault, theJob, until, type AppOptions } from '../app.ts';
import { assertAccessible } from '../axe.ts';
import { atScreen, byEthernet, identifyAndSend, send } from '../flows.ts';
import { closeBrowser } from '../kit.ts';

const scene = makeScene();
const job = 'S00001';

/** The laptop with the job, its cable in something; the page asks who that is. */
async function connectTo(
  context: TestContext,
  peer: Pick<Listening, 'port' | 'close'>,
  options: AppOptions = laptopWith(scene),
) {
  context.after(() => peer.close());
  const app = await openApp(context, options);
  await app.page.getByRole('link', { name: new RegExp(job) }).click();
  await connect(app.page, peer);
  return app;
}

async function connect(page: Page, peer: Pick<Listening, 'port'>): Promise<void> {
  await byEthernet(page);
  await connectAt(page, peer);
}

async function connectAt(page: Page, { port }: Pick<Listening, 'port'>): Promise<void> {
  await atScreen(page, 'Connect to the eNB');
  await page.getByLabel('eNB address').fill(`127.0.0.1:${port}`);
  await page.getByRole('button', { name: 'Connect and identify' }).click();
}

/** From the screen of a delivery that failed, by its primary action, to the receipt. */
async function sendAgain(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Send again' }).click();
  await atScreen(page, 'Send the configuration');
  await send(page);
  await atScreen(page, /accepted configuration/);
  await page.getByText('Its signed receipt is on this laptop').first().waitFor();
}

/** What the bars say, in their order. */
async function barStates(page: Page): Promise<readonly (string | null)[]> {
  const bars = await page.getByRole('progressbar').all();
  return Promise.all(bars.map((bar) => bar.getAttribute('aria-valuetext')));
}

/** Answers wrongly for the first time, and rightly from then on. */
function onlyOnce(wrong: Behaviour): Behaviour {
  return onlyFirst(1, wrong);
}

/** The first few times wrong, then right. */
function onlyFirst(times: number, wrong: Behaviour): Behaviour {
  let left = times;
  return (exchange) => {
    if (left === 0) exchange.answer();
    else {
      left--;
      wrong(exchange);
    }
  };
}

const hangUp: Behaviour = ({ socket }) => socket.destroy();
const babble: Behaviour = ({ response }) => void response.writeHead(200).end('<html>router</html>');

/** A request that is answered when the test says so; `came` resolves when the eNB has it. */
function held() {
  let arrived: (exchange: Exchange) => void = () => undefined;
  const came = new Promise<Exchange>((resolve) => (arrived = resolve));
  return { came, behaviour: onlyOnce((exchange) => arrived(exchange)) };
}

/** The browser host with its core as a process of its own, which can be killed. */
async function startHost(context: TestContext, dataFolder: string) {
  const child = fork(join(import.meta.dirname, '../host-process.ts'), [dataFolder]);
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  context.after(kill);
  const [address] = (await once(child, 'message')) as [string];
  return { address, kill };
}

suite('a delivery that goes wrong', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  const unidentified = 'Siteseal could not identify the eNB';

  test('an address where nobody listens: another address can be given', async (context) => {
    const gone = await startTcpPeer(() => undefined);
    await gone.close();
    const { page } = await connectTo(context, { port: gone.port, close: () => Promise.resolve() });
    await atScreen(page, unidentified);
    const fault = await shownFault(page, 'device-unreachable');
    assert.equal(fault['where'], `address 127.0.0.1:${gone.port}`);
    assert.equal(fault['found'], 'nothing listens at this address and port (ECONNREFUSED)');
    assert.match(fault['what to do now']!, /Check the address and port/);
    const enb = await startEnb(scene);
    context.after(() => enb.close());
    await page.getByRole('button', { name: 'Choose another eNB' }).click();
    await connectAt(page, enb);
    await atScreen(page, 'This is the right base station (eNB)');
  });

  test('a peer that takes the connection and says nothing', async (context) => {
    const peer = await startTcpPeer(() => undefined);
    const deadlines = { connect: 5_000, handshake: 2_000, request: 2_000 };
    const { page } = await connectTo(context, peer, {
      ...laptopWith(scene),
      surroundings: { deadlines },
    });
    await atScreen(page, 'Identifying the eNB');
    await atScreen(page, unidentified);
    await shownFault(page, 'device-no-answer');
    await page.getByRole('button', { name: 'Try again' }).click();
    await atScreen(page, 'Identifying the eNB');
    await page.getByRole('button', { name: 'Choose another eNB' }).click();
    await atScreen(page, 'Connect to the eNB');
  });

  test('a peer that speaks something else is not taken for an eNB', async (context) => {
    const { page } = await connectTo(
      context,
      await startTcpPeer((socket) => void socket.end('220 mail.example ESMTP\r\n')),
    );
    await atScreen(page, unidentified);
    await shownFault(page, 'device-not-tls13');
  });

  test('an eNB that answers garbage when asked who it is: trying again is enough', async (context) => {
    const enb = await startFaultyEnb(scene, { 'GET /v1/identity': onlyOnce(babble) });
    const { page } = await connectTo(context, enb);
    await atScreen(page, unidentified);
    await shownFault(page, 'device-garbage');
    await page.getByRole('button', { name: 'Try again' }).click();
    await atScreen(page, 'This is the right base station (eNB)');
  });

  test('another eNB fills the screen with both serial numbers, and is sent nothing', async (context) => {
    const pair = makeEnb(scene.vendor, otherIdentity, labOptions);
    const enb = await startFaultyEnb(scene, {}, { ...pair, pair });
    const { page } = await connectTo(context, enb);
    await atScreen(page, 'This is not the eNB for this site');
    const main = page.getByRole('main');
    for (const serial of ['LAB0001', 'LAB0002']) await main.getByText(serial).first().waitFor();
    assert.equal(await page.getByRole('button', { name: /step 0|Send/ }).count(), 0);
    await page.getByRole('button', { name: 'Stop here' }).click();
    await atScreen(page, 'Jobs');
    assert.deepEqual([...new Set(enb.requests)], ['GET /v1/identity']);
  });

  test('an eNB of another vendor is not identified, and is asked nothing', async (context) => {
    const vendor = makeVendor('Other Vendor', labOptions);
    const enb = await startFaultyEnb({ ...scene, vendor, enb: makeEnb(vendor, identity, labOptions) }, {});
    const { page } = await connectTo(context, enb);
    await atScreen(page, unidentified);
    await shownFault(page, 'enb-untrusted');
    await page.getByText('Details').click();
    await page.getByText(/This certificate does not lead to a trusted root/).waitFor();
    await assertAccessible(page);
    assert.deepEqual(enb.requests, []);
  });

  /** Deliveries that break off on the way, and are whole when sent again. */
  const broken: readonly {
    readonly name: string;
    readonly request: string;
    readonly behaviour: Behaviour;
    /** How often, if more than once: a request that gets no answer is sent a second time. */
    readonly times?: number;
    readonly code: string;
    readonly state: string;
    readonly says: RegExp;
  }[] = [
    {
      name: 'closes twice in the middle of taking it',
      request: 'PUT /v1/bundle',
      behaviour: hangUp,
      times: 2,
      code: 'device-closed',
      state: 'sending',
      says: /may have reached LAB0001/,
    },
    {
      name: 'answers garbage when it gets it',
      request: 'PUT /v1/bundle',
      behaviour: babble,
      code: 'device-garbage',
      state: 'sending',
      says: /may have reached LAB0001/,
    },
    {
      name: 'gives another one back than it was sent',
      request: 'GET /v1/bundle',
      behaviour: async ({ response }) => sendBytes(response, await bundleFor(scene)),
      code: 'read-back-mismatch',
      state: 'sent',
      says: /no proof yet that the eNB accepted it/,
    },
    {
      name: 'closes twice instead of giving the receipt',
      request: 'POST /v1/receipt',
      behaviour: hangUp,
      times: 2,
      code: 'device-closed',
      state: 'verdict',
      says: /no proof yet that the eNB accepted it/,
    },
    {
      name: 'gives a receipt that is none',
      request: 'POST /v1/receipt',
      behaviour: ({ response }) => sendBytes(response, Buffer.from('0')),
      code: 'receipt-invalid',
      state: 'verdict',
      says: /no proof yet that the eNB accepted it/,
    },
  ];
  for (const { name, request, behaviour, times = 1, code, state, says } of broken) {
    test(`an eNB that ${name}: told as ${code}, a reload tells the same, and sending again heals it`, async (context) => {
      const enb = await startFaultyEnb(scene, { [request]: onlyFirst(times, behaviour) });
      const { page, core, complaints } = await connectTo(context, enb);
      await identifyAndSend(page);
      for (const reload of [() => Promise.resolve(), () => page.reload()]) {
        await reload();
        const fault = await shownFault(page, code);
        assert.ok(fault['what to do now']);
        await page.getByRole('main').getByText(says).waitFor();
      }
      assert.equal((await theJob(core)).state, state);
      await sendAgain(page);
      assert.deepEqual(complaints, []);
    });
  }

  test('an eNB that has a newer configuration is not sent the old one', async (context) => {
    const enb = await startFaultyEnb(scene, {});
    enb.enb.takeBundle(await bundleFor(scene, { sequence: 8 }));
    const { page } = await connectTo(context, enb);
    await identifyAndSend(page);
    const fault = await shownFault(page, 'sequence-rollback');
    assert.match(fault['what to do now']!, /Use the newest bundle/);
    assert.ok(!enb.requests.includes('PUT /v1/bundle'));
  });

  test('an eNB that refuses the bundle says by which check, and there is a report of that', async (context) => {
    const enb = await startFaultyEnb(scene, {
      'GET /v1/identity': ({ response }) =>
        sendJson(response, 200, { ...enb.enb.describe(), lastSequence: 0 }),
    });
    enb.enb.takeBundle(await bundleFor(scene, { sequence: 8 }));
    const { page } = await connectTo(context, enb);
    await identifyAndSend(page);
    await atScreen(page, /refused configuration 7/);
    const fault = await shownFault(page, 'bundle-refused');
    assert.equal(
      fault['found'],
      "failed: The bundle is newer than the eNB's current one (sequence-rollback)",
    );
    await page.getByText('The base station (eNB) is unchanged').first().waitFor();
    const check = page
      .getByRole('listitem')
      .filter({ hasText: "The bundle is newer than the eNB's current one" });
    await check.getByText('failed').waitFor();
    await page.getByRole('button', { name: 'Finish' }).click();
    await atScreen(page, /refused configuration 7/);
    await assertAccessible(page);
    await page.getByRole('button', { name: 'Open the report' }).click();
    await atScreen(page, 'Report');
    await page.getByText('Refused by the eNB').waitFor();
  });

  test('a proven job that is sent again and breaks off shows this time, and apart from it what is proven', async (context) => {
    let isWhole = true;
    const enb = await startFaultyEnb(scene, {
      'PUT /v1/bundle': (exchange) => (isWhole ? exchange.answer() : hangUp(exchange)),
    });
    const { page } = await connectTo(context, enb);
    await identifyAndSend(page);
    await page.getByText('Its signed receipt is on this laptop').first().waitFor();
    isWhole = false;
    await page.getByRole('link', { name: /^Connect/ }).click();
    await connect(page, enb);
    await atScreen(page, 'This is the right base station (eNB)');
    await page.getByRole('button', { name: 'Send again…' }).click();
    await page.getByText('accepted configuration 7. Its signed receipt').waitFor();
    await send(page);
    await atScreen(page, 'This attempt was interrupted');
    await shownFault(page, 'device-closed');
    await page.getByText('Everything already proven still stands').first().waitFor();
    assert.deepEqual(await barStates(page), ['done', 'not completed', 'not yet', 'not yet']);
    await page.getByRole('heading', { name: 'Proven so far' }).waitFor();
    await assertAccessible(page);
    await page.getByRole('link', { name: /Finish/ }).click();
    await atScreen(page, /has configuration/);
    assert.equal(await page.getByText('device-closed').count(), 0);
  });

  test('a delivery that is stopped says what that leaves, and can be sent again', async (context) => {
    const { came, behaviour } = held();
    const enb = await startFaultyEnb(scene, { 'PUT /v1/bundle': behaviour });
    const { page } = await connectTo(context, enb);
    await identifyAndSend(page);
    await atScreen(page, 'Step 0: in progress');
    await came;
    await page.getByRole('button', { name: 'Stop…' }).click();
    await page.getByText('Siteseal does not know whether the configuration arrived').first().waitFor();
    await assertAccessible(page);
    await page.getByRole('button', { name: 'Stop now' }).click();
    await atScreen(page, 'Possibly sent');
    await shownFault(page, 'cancelled');
    await sendAgain(page);
  });

  test('a connection to the core that is lost while sending: the delivery goes on, and its end is told', async (context) => {
    const { came, behaviour } = held();
    const enb = await startFaultyEnb(scene, { 'PUT /v1/bundle': behaviour });
    const { page, core, wire } = await connectTo(context, enb);
    await identifyAndSend(page);
    await atScreen(page, 'Step 0: in progress');
    const { answer } = await came;
    await wire.cut();
    await page.locator('p', { hasText: 'No connection to the core' }).waitFor();
    await atScreen(page, 'Step 0: in progress');
    await page.getByText('Siteseal cannot show the progress').waitFor();
    assert.deepEqual(await barStates(page), ['done', 'unknown', 'not yet', 'not yet']);
    await assertAccessible(page);
    answer();
    await until(core, async () => !(await theJob(core)).work);
    wire.mend();
    await page.locator('p', { hasText: 'Connected to the core again' }).waitFor();
    await atScreen(page, /accepted configuration/);
    await page.getByText('Its signed receipt is on this laptop').first().waitFor();
    assert.equal((await theJob(core)).state, 'receipt');
  });

  test('a core that is killed while sending: started again, it says what may have arrived, and sends again', async (context) => {
    const { came, behaviour } = held();
    const enb = await startFaultyEnb(scene, { 'PUT /v1/bundle': behaviour });
    context.after(() => enb.close());
    // Sets up the data folder, and ends; then the host has it as a process of its own.
    const { page, core, dataFolder } = await openApp(context, laptopWith(scene));
    await core.close();
    const killed = await startHost(context, dataFolder);
    await page.goto(killed.address);
    await page.getByRole('link', { name: new RegExp(job) }).click();
    await connect(page, enb);
    await identifyAndSend(page);
    await came;
    await killed.kill();
    await page.locator('p', { hasText: 'Start Siteseal again and open the new address' }).waitFor();
    await page.goto((await startHost(context, dataFolder)).address);
    await atScreen(page, 'Jobs');
    await page.getByRole('link', { name: new RegExp(job) }).click();
    await atScreen(page, 'Possibly sent');
    await page.getByRole('main').getByText('may have reached LAB0001').waitFor();
    await sendAgain(page);
  });

  test('the serial number of another hardware type is another eNB', async (context) => {
    const twin = { serialNumber: 'LAB0001', hwType: `${hwType}.9` };
    const pair = makeEnb(scene.vendor, twin, labOptions);
    const { page } = await connectTo(context, await startFaultyEnb(scene, {}, { ...pair, pair }));
    await atScreen(page, 'This is not the eNB for this site');
    await page.getByRole('main').getByText(twin.hwType).first().waitFor();
  });
});
