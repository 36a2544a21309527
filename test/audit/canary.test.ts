// A secret on its whole way: from the inventory through a killed run, to the eNB that enrols with it. No file that
// Siteseal leaves behind holds it.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { startCore } from '../../main/host/index.ts';
import { now as start, signingOf } from '../kit/bundle.ts';
import { filesUnder, filesWith } from '../kit/canary.ts';
import { documentOf, siteseal, type CliOptions, type PrepareDocument } from '../kit/cli.ts';
import { CorePort } from '../kit/core-port.ts';
import { startEnb, temporaryFolder } from '../kit/enb.ts';
import { makeEnroller } from '../kit/enroller.ts';
import { TestIpsec } from '../kit/ipsec.ts';
import { ManualTime } from '../kit/manual-time.ts';
import { LabOffice, surroundingsIn } from '../kit/operator.ts';

const canary = {
  credential_reference: 'CANARY-reference-5d1c77',
  credential_secret: 'CANARY-secret-93f0aé-b2',
  secret_pin: 'CANARY-pin-40718',
};

suite('a secret', () => {
  test('is found in every form that a search must know', () => {
    const folder = temporaryFolder();
    const secret = canary.credential_secret;
    const written = (['utf8', 'base64', 'base64url', 'hex'] as const).flatMap((encoding) =>
      ['', 'x', 'xy', 'xyz'].map((before) => Buffer.from(`${before}${secret}after`).toString(encoding)),
    );
    written.forEach((text, index) => writeFileSync(join(folder, `${index}`), text));
    const wide = Buffer.from(secret, 'utf16le');
    writeFileSync(join(folder, 'wide'), wide);
    writeFileSync(join(folder, 'wide-other-end'), Buffer.from(wide).swap16());
    writeFileSync(join(folder, 'none'), 'CANARY');
    assert.equal(filesWith([secret], [folder]).length, written.length + 2);
  });

  test('is in no file after a run that was killed, a delivery, an enrolment and a crash', async () => {
    const serials = ['LAB0001', ...Array.from({ length: 39 }, (_, index) => `LAB${1000 + index}`)];
    const office = new LabOffice({ serials, authorised: ['LAB0000-LAB9999'] });
    const folders = ['home', 'temporary', 'laptop'].map((name) => office.path(name));
    for (const folder of folders) mkdirSync(folder);
    const out = office.path('out');
    office.writeInventory(
      serials.map((serial, index) => ({
        ...office.row(serial),
        ...canary,
        ...(index > 0 && {
          credential_reference: `${canary.credential_reference}-${serial}`,
          credential_secret: `${canary.credential_secret}-${serial}`,
        }),
      })),
    );
    const secrets = [...Object.values(canary), office.passphrase];
    const leaks = () => filesWith(secrets, [...folders, out]);

    const args = [
      'prepare',
      'inventory.csv',
      '--profile',
      'operator.json',
      '--out',
      'out',
      '--json',
      '--resume',
    ];
    const env = { SITESEAL_PASSPHRASE: office.passphrase, TMPDIR: office.path('temporary') };
    const run: CliOptions = { home: office.home, cwd: office.folder, env };
    const killed = await siteseal(args, { ...run, interruption: { signal: 'SIGKILL', step: 50 } });
    assert.equal(killed.signal, 'SIGKILL');
    assert.deepEqual(leaks(), []);
    const made = await siteseal(args, run);
    assert.equal((documentOf(made) as PrepareDocument).made, serials.length, made.stdout);
    assert.deepEqual(leaks(), []);

    const scene = {
      vendor: office.vendor,
      enb: office.enb('LAB0001'),
      configurationKey: office.configurationKey,
      operatorRoot: office.operatorRoot,
      signing: signingOf(office.configurationKey, office.vendor),
    };
    const time = new ManualTime();
    const now = () => new Date(start.getTime() + time.uptime());
    const enroller = makeEnroller(scene);
    const { later, uptime } = time;
    const steps = { enroller, ipsec: new TestIpsec(), later, uptime };
    const enb = await startEnb(scene, { now, steps });
    after(() => enb.close());
    const core = startCore(
      { shell: 'browser', folders: [] },
      surroundingsIn(office.path('laptop'), { now, pause: () => Promise.resolve() }),
    );
    after(() => core.close());
    const port = new CorePort(core);
    await port.ask('app.enter', { mode: 'site' });
    const root = core.registerFile(office.path('vendor-root.pem'));
    const { fingerprint } = await port.ask('vendors.look', { file: root });
    await port.ask('vendors.trust', { file: root, fingerprint });
    const bundle = core.registerFile(join(out, 'bundles', 'LAB0001.p7m'));
    const [id = ''] = (await port.ask('jobs.open', { files: [bundle] })).added;
    const address = `127.0.0.1:${enb.port}`;
    const sent = await port.ask('jobs.send', { id, address, confirmedSerialNumber: 'LAB0001' });
    assert.equal(sent.state, 'receipt');
    await port.ask('jobs.follow', { id, address, start: 'initial-ipsec' });
    const { steps: after1 } = await port.ask('jobs.follow', { id, address, start: 'enrolment' });
    assert.equal(after1.list.find(({ step }) => step === 'enrolment')?.state, 'done');
    assert.equal(enroller.calls[0]?.by, canary.credential_reference);

    // The stores are still open: what lies beside the database counts too.
    const files = [...filesUnder(folders).keys()];
    for (const name of ['siteseal.db', 'siteseal.db-wal', 'log.key'])
      assert(files.includes(office.path('laptop', name)), name);
    assert.deepEqual(leaks(), []);
  });
});
