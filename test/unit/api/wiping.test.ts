import { memoryOf } from '../../kit/memory.ts';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { startCore } from '../../../main/host/index.ts';
import { unlockInventoryWith } from '../../../main/core/index.ts';
import { readKey } from '../../../main/core/verify-files.ts';
import { ok, refuse } from '../../../main/faults/index.ts';
import { openInventory } from '../../../main/office/inventory.ts';
import { CorePort } from '../../kit/core-port.ts';
import { encryptedByOpenssl } from '../../kit/encrypted.ts';
import { LabOffice, surroundingsIn, type PrepareChanges } from '../../kit/operator.ts';

const office = new LabOffice({ training: false });
const serials = ['LAB0001', 'LAB0002'];
const secrets = serials.flatMap((serial) => [
  Buffer.from(`ref-${serial}`),
  Buffer.from(`secret of ${serial}`),
]);
const passphrase = Buffer.from(office.passphrase);
const scalar = Buffer.from(office.configurationKey.key.export({ format: 'jwk' }).d ?? '', 'base64url');
const inventory = office.writeInventory(serials.map((serial) => office.row(serial)));

function assertZero(buffers: readonly Uint8Array[]): void {
  assert(buffers.length > 0);
  for (const bytes of buffers) assert(bytes.every((byte) => byte === 0));
}

describe('an inventory', () => {
  it('is wiped as a whole, with every cell', async () => {
    const memory = await memoryOf(() => {
      const opened = openInventory(inventory);
      assert(opened.ok);
      const { credential } = [...opened.value.rows][0]!;
      assert.equal(new TextDecoder().decode(credential.secret), 'secret of LAB0001');
      opened.value.wipe();
      return credential;
    });
    memory.assertWiped(secrets);
    assertZero([memory.value.secret, memory.value.reference]);
  });

  it('is wiped where its header is not that of one', async () => {
    const file = office.write('other.csv', 'name,secret\nx,secret of LAB0001\n');
    const memory = await memoryOf(() => openInventory(file));
    assert(!memory.value.ok);
    memory.assertWiped(secrets);
  });
});

/** The request for an inventory that is encrypted to one eNB's key, and for the key of this one. */
function encryptedFor(recipient: string, serial = recipient): PrepareChanges {
  const contents = encryptedByOpenssl(office.enb(recipient), readFileSync(inventory));
  const keyFile = office.write(`${serial}.key`, office.encrypted(office.enb(serial)));
  return {
    inventory: office.write(`${recipient}.p7m`, contents),
    unlockInventory: unlockInventoryWith(keyFile, () => Promise.resolve(ok(Buffer.from(passphrase)))),
  };
}

describe('a run leaves no secret, passphrase or key in a buffer', () => {
  const stopped = new AbortController();
  stopped.abort();
  const cases: readonly (readonly [string, PrepareChanges, state: string])[] = [
    ['that makes all bundles', { out: office.path('all') }, '2 made'],
    ['with an encrypted inventory', { out: office.path('encrypted'), ...encryptedFor('LAB0001') }, '2 made'],
    [
      'whose encrypted inventory is for another key',
      { out: office.path('other'), ...encryptedFor('LAB0002', 'LAB0001') },
      'inventory-unreadable',
    ],
    ['that only checks', { out: office.path('none'), dryRun: true }, '0 made'],
    ['that is stopped', { out: office.path('stopped'), signal: stopped.signal }, 'cancelled'],
    ['whose folder holds another run', { out: office.path('all') }, 'output-not-empty'],
    ['without a profile', { out: office.path('x'), profile: office.path('x') }, 'file-unreadable'],
    [
      'whose passphrase is wrong',
      {
        out: office.path('wrong'),
        passphraseFor: () => Promise.resolve(ok(Buffer.concat([passphrase, passphrase]))),
      },
      'passphrase-wrong',
    ],
    [
      'without a passphrase',
      { out: office.path('without'), passphraseFor: () => Promise.resolve(refuse('cancelled')) },
      'cancelled',
    ],
  ];
  for (const [name, changes, state] of cases) {
    it(name, async () => {
      const memory = await memoryOf(() => office.prepare(changes));
      const report = memory.value;
      const ended = report.ok
        ? (report.value.stoppedBy?.code ?? `${report.value.made} made`)
        : report.fault.code;
      assert.equal(ended, state);
      memory.assertWiped([...secrets, passphrase, scalar]);
    });
  }
});

describe('the passphrase of a configuration key', () => {
  for (const [given, code] of [
    [office.passphrase, undefined],
    [`${office.passphrase}, but wrong`, 'passphrase-wrong'],
  ] as const) {
    it(`is in no buffer after ${code ?? 'it has unlocked the key'}`, async () => {
      const core = startCore({ shell: 'browser', folders: [] }, surroundingsIn(office.path(`home ${code}`)));
      after(() => core.close());
      const port = new CorePort(core);
      const file = core.registerFile(office.path('operator.json'));
      const { id } = await port.ask('operators.add', { file });
      const request = { id, vendor: 'lab', passphrase: given };
      const memory = await memoryOf(async () =>
        code === undefined
          ? port.ask('operators.unlock', request)
          : assert.equal((await port.refusal('operators.unlock', request)).code, code),
      );
      memory.assertWiped([passphrase]);
    });
  }
});

describe('the key of an eNB', () => {
  const file = office.write('enb.key', office.encrypted(office.enb('LAB0001')));
  const open = office.enb('LAB0001').key.export({ format: 'pem', type: 'pkcs8' });
  const openFile = office.write('open.key', String(open));

  for (const given of [office.passphrase, 'wrong, and long enough']) {
    it(`leaves neither its file nor the passphrase in a buffer, where that is "${given}"`, async () => {
      const octets = Buffer.from(given);
      const memory = await memoryOf(() => readKey(file, () => Promise.resolve(ok(octets))));
      assert.equal(memory.value.ok, given === office.passphrase);
      assertZero([octets, ...memory.madeIn('main/files/')]);
      memory.assertWiped([Buffer.from(given)]);
    });
  }

  it('leaves its file in no buffer where it lies open in it', async () => {
    const memory = await memoryOf(() => readKey(openFile, () => assert.fail('No passphrase is needed.')));
    assert(memory.value.ok);
    assertZero(memory.madeIn('main/files/'));
  });
});
