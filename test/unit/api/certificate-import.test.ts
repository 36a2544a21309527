import assert from 'node:assert/strict';
import { mkdirSync, renameSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { startCore } from '../../../main/host/index.ts';
import { CorePort } from '../../kit/core-port.ts';
import { pem } from '../../kit/enb.ts';
import { LabOffice, surroundingsIn } from '../../kit/operator.ts';
import { logTexts } from '../../kit/log.ts';

/** An office whose eNB certificates are in a folder, with its core, a page of it, and the operator's profile added. */
async function officeWith(context: TestContext, serials: readonly string[]) {
  const office = new LabOffice({ serials, training: false });
  mkdirSync(office.path('certificates'));
  for (const serial of serials)
    renameSync(office.path(`${serial}.pem`), office.path('certificates', `${serial}.pem`));
  const core = startCore({ shell: 'browser', folders: [office.folder] }, surroundingsIn(office.home));
  context.after(() => core.close());
  const port = new CorePort(core);
  const handle = (...names: readonly string[]) => core.registerFile(office.path(...names));
  const { id } = await port.ask('operators.add', { file: handle('operator.json') });
  return { office, port, handle, id };
}

test('certificates of a folder are imported; an inventory then needs serial numbers only', async (context) => {
  const { office, port, handle, id } = await officeWith(context, ['LAB0001', 'LAB0002']);
  office.write('certificates/broken.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  office.write(
    'certificates/also-broken.pem',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  );
  office.write('certificates/root.pem', pem(office.vendor.root.certificate));
  const files = [handle('certificates')];
  const { problems, ...counts } = await port.ask('operators.importCertificates', { id, files });
  assert.deepEqual(counts, { files: 5, added: 2, replaced: 0, unchanged: 0, authorities: 1, refused: 2 });
  assert.deepEqual(
    problems.map(({ fault, count }) => [fault.code, count]),
    [['certificate-unreadable', 2]],
  );
  const again = await port.ask('operators.importCertificates', {
    id,
    files: [handle('certificates', 'LAB0001.pem')],
  });
  assert.deepEqual([again.added, again.unchanged, again.problems], [0, 1, []]);

  await port.ask('operators.unlock', { id, vendor: 'lab', passphrase: office.passphrase });
  office.writeInventory(['LAB0001', 'LAB0002'].map((serial) => office.row(serial, { enb_certificate: '' })));
  const { id: runId } = await port.ask('runs.check', { operatorId: id, inventory: handle('inventory.csv') });
  for (;;) {
    const changed = port.nextChange();
    const run = await port.ask('runs.get', { id: runId });
    if (run.state !== 'checking') {
      assert.deepEqual([run.state, run.rows, run.refused], ['checked', 2, 0]);
      break;
    }
    await changed;
  }
});

test('an import shows how far it is, and stops when asked; what it has imported stays, and is logged', async (context) => {
  const { office, port, handle, id } = await officeWith(context, ['LAB0001']);
  const [certificate] = [office.enb('LAB0001').certificate];
  office.write('certificates/many.pem', pem(certificate).repeat(30_000));
  const ended = port.ask('operators.importCertificates', { id, files: [handle('certificates')] });
  for (;;) {
    const changed = port.nextChange();
    const [operator] = await port.ask('operators.list', {});
    const { importing } = operator ?? {};
    if (importing && importing.done > 0) {
      assert.deepEqual([importing.phase, importing.total], ['importing', 0]);
      await port.ask('work.stop', { id: importing.id });
      break;
    }
    await changed;
  }
  const { added, unchanged, stoppedBy } = await ended;
  assert.equal(added, 1);
  assert(unchanged > 0 && unchanged < 30_000, String(unchanged));
  assert.equal(stoppedBy, undefined, 'what a person asked for is no fault');
  const noted = office.withStore((store) =>
    logTexts(store).filter((text) => text.includes('certificates-imported')),
  );
  assert.match(noted.at(-1) ?? '', /"stoppedBy":"cancelled"/);
  assert.equal((await port.ask('operators.list', {}))[0]?.importing, undefined);
});
