import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createPrivateKey } from 'node:crypto';
import { decodePem, encodePem } from '../../main/asn1/index.ts';
import { isTrainingCertificate, nameToText, parseCertificate } from '../../main/pki/index.ts';
import {
  documentOf,
  siteseal,
  sitesealJson,
  startSiteseal,
  type FaultDocument,
  type PrepareDocument,
  type Running,
} from '../kit/cli.ts';
import { startTcpPeer, temporaryFolder } from '../kit/enb.ts';
import { LabOffice, makeFolder } from '../kit/operator.ts';
import { makeCa } from '../kit/pki.ts';
import { makeRegistrationKey } from '../kit/issue-certificate.ts';
import type { KeyPair } from '../../main/lab/index.ts';
import { registrationsIn } from '../kit/registrations.ts';

const folder = temporaryFolder();
const home = join(folder, 'home');
mkdirSync(home);

const secret = 'never shown anywhere';
const registration = {
  hwType: '1.3.6.1.4.1.99999.1',
  serialNumber: 'LAB0001',
  protection: 'mac',
  subject: 'C=FI,O=Operator,CN=LAB0001',
  credential: { reference: 'ref-1', secret },
};

/** Writes registrations that only this user can read. */
function write(name: string, ...registrations: readonly object[]): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify({ format: 'siteseal-lab-registrations/1', registrations }), {
    mode: 0o600,
  });
  return file;
}

const good = write('good.json', registration);
const args = (state: string, registrations = good, port = 0) => [
  ...['lab', 'ra-ca', '--state', state, '--registrations', registrations, '--port', String(port)],
];

const children: Running['child'][] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
});

interface Started extends Running {
  readonly port: number;
  readonly name: string;
  readonly root: string;
  readonly warnings: readonly string[];
}

async function start(state: string, ...more: readonly string[]): Promise<Started> {
  const running = startSiteseal([...args(state), '--json', ...more], { home });
  children.push(running.child);
  assert(running.child.stdout);
  const line = once(running.child.stdout, 'data').then(([text]) => String(text));
  const started = await Promise.race([line, running.done]);
  assert(typeof started === 'string', JSON.stringify(started));
  return { ...running, ...(JSON.parse(started) as Omit<Started, keyof Running>) };
}

const pemOf = ({ key }: KeyPair) => String(key.export({ type: 'pkcs8', format: 'pem' }));

async function refusal(...of: readonly string[]) {
  const { document, code, stderr } = await sitesealJson(of, { home, cwd: folder, isWarm: true });
  assert(!stderr.includes(secret) && !JSON.stringify(document).includes(secret));
  const { fault } = document as { readonly fault: FaultDocument };
  return { ...fault, exit: code };
}

describe('siteseal lab ra-ca', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`says where it listens and whom to trust, answers, and ends with 0 at ${signal}`, async () => {
      const state = join(folder, signal);
      const { child, done, port, name, root, warnings } = await start(state);
      assert.deepEqual(warnings, []);
      assert.equal(root, join(state, 'operator-root.pem'));
      const [block] = decodePem(readFileSync(root, 'utf8'));
      const certificate = parseCertificate(block?.bytes ?? new Uint8Array());
      assert(certificate.ok && isTrainingCertificate(certificate.value));
      const answer = await fetch(`http://127.0.0.1:${port}/pkix/`, {
        method: 'POST',
        headers: { 'content-type': 'application/pkixcmp' },
        body: 'not a message',
      });
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [400, 'application/pkixcmp']);
      await answer.arrayBuffer();
      child.kill(signal);
      const ran = await done;
      assert.deepEqual([ran.code, ran.signal], [0, null]);
      assert.deepEqual(documentOf(ran), { port, name, root, warnings });
      const [listens, whom, line, ...others] = ran.stderr.split('\n');
      assert.equal(
        listens,
        `The RA/CA "${name}" is listening on 127.0.0.1, port ${port}. Press Ctrl-C to stop it.`,
      );
      assert.equal(whom, `Its operator root: ${root}`);
      assert.match(
        line ?? '',
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ unreadable from an unknown sender: refused \(badDataFormat\)\. /,
      );
      assert.deepEqual(others, ['']);
    });
  }

  it('has the name that it is given, and keeps it', async () => {
    const state = join(folder, 'named');
    for (const more of [['--name', 'C=FI,O=Operator,CN=RA 1'], []]) {
      const { child, done, name } = await start(state, ...more);
      assert.equal(name, 'C=FI,O=Operator,CN=RA 1');
      child.kill('SIGTERM');
      assert.equal((await done).code, 0);
    }
  });

  it('warns of credentials for many keys, and of registrations that others can read', async () => {
    const { subject: _, ...rest } = registration;
    const open = { ...rest, credential: { reference: 'ref-2', secret } };
    const file = write('open.json', { ...open, bound: false });
    chmodSync(file, 0o644);
    const { child, done, warnings } = await start(join(folder, 'open'), '--registrations', file);
    assert.deepEqual(warnings, process.platform === 'win32' ? ['unbound'] : ['unbound', 'readable']);
    child.kill('SIGTERM');
    const { stderr } = await done;
    assert.match(stderr, /"bound": false/);
    assert(!stderr.includes(secret));
  });

  it('ends with 3 when another one uses its state, and names it', async () => {
    const state = join(folder, 'shared');
    const { child, done } = await start(state);
    const { code, found, exit, where } = await refusal(...args(state));
    child.kill('SIGTERM');
    await done;
    assert.deepEqual([code, exit, where], ['store-in-use', 3, { file: join(state, 'journal.db') }]);
    if (process.platform === 'linux') assert.match(found ?? '', RegExp(`^process ${child.pid}\\b`));
  });

  it('ends with 3 when the port is taken, and lets go of its state', async () => {
    const state = join(folder, 'taken');
    const peer = await startTcpPeer(() => undefined);
    const { code, exit, where } = await refusal(...args(state, good, peer.port));
    await peer.close();
    assert.deepEqual([code, exit, where], ['port-unavailable', 3, { address: `127.0.0.1:${peer.port}` }]);
    const { child, done } = await start(state);
    child.kill('SIGTERM');
    assert.equal((await done).code, 0);
  });

  const state = join(folder, 'none');
  const wrong: readonly (readonly [why: string, args: readonly string[], code: string, exit: number])[] = [
    ['without registrations', ['lab', 'ra-ca', '--state', state, '--port', '0'], 'usage-invalid', 2],
    ['with a CA without its key', [...args(state), '--ca', 'ca.pem'], 'usage-invalid', 2],
    ['with a chain without a CA', [...args(state), '--chain', 'ca.pem'], 'usage-invalid', 2],
    ['with a validity of nothing', [...args(state), '--validity', '0'], 'usage-invalid', 2],
    ['with a wait in words', [...args(state), '--wait', 'long'], 'usage-invalid', 2],
    ['with a name that is none', [...args(state), '--name', 'RA'], 'name-malformed', 1],
    ['with registrations that are not there', args(state, join(folder, 'no.json')), 'file-unreadable', 3],
    [
      'with a reference twice',
      args(state, write('twice.json', registration, registration)),
      'json-malformed',
      1,
    ],
    ['with a root that is none', [...args(state), '--vendor-root', good], 'certificate-unreadable', 1],
    ['with a folder that is a file', args(good), 'store-unusable', 3],
  ];
  for (const [why, of, code, exit] of wrong) {
    it(`ends with ${exit} ${why}`, async () => {
      const fault = await refusal(...of);
      assert.deepEqual([fault.code, fault.exit], [code, exit]);
    });
  }
});

describe('siteseal lab registrations', () => {
  const serials = ['LAB0001', 'LAB0002'];
  const office = new LabOffice({ serials });
  makeFolder(office, 'home');
  office.write('passphrase', `${office.passphrase}\n`);
  const rows = serials.map((serial) => office.row(serial));
  const register = (out: string, ...more: readonly string[]) =>
    sitesealJson(
      ['lab', 'registrations', 'inventory.csv', '--profile', 'operator.json', '--out', out].concat(
        '--passphrase-file',
        'passphrase',
        more,
      ),
      { home: office.home, cwd: office.folder, isWarm: true },
    );

  it("writes what the lab's RA/CA must know, for this user only, and overwrites nothing", async () => {
    office.writeInventory(rows);
    const { document, code } = await register('registrations.json');
    assert.deepEqual([(document as PrepareDocument).made, code], [2, 0]);
    const file = join(office.folder, 'registrations.json');
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
    const bytes = readFileSync(file);
    const registrations = registrationsIn(bytes);
    assert(registrations.ok, JSON.stringify(registrations));
    for (const row of rows) {
      const found = registrations.value.byReference(Buffer.from(row['credential_reference'] ?? ''));
      assert.deepEqual(found?.secret, Buffer.from(row['credential_secret'] ?? ''));
      assert(found.registration.subject);
      assert.equal(nameToText(found.registration.subject), `CN=${row['enb_serial']}`);
      assert.equal(found.registration.enb.serialNumber, row['enb_serial']);
    }
    const again = await register('registrations.json');
    assert.deepEqual([(again.document as PrepareDocument).fault?.code, again.code], ['output-unwritable', 3]);
    assert.deepEqual(readFileSync(file), bytes);
  });

  it('writes nothing with a bad row, unless it is to skip that', async () => {
    office.writeInventory([...rows, { ...office.row('LAB0001') }]);
    const held = await register('held.json');
    assert.deepEqual([(held.document as PrepareDocument).refused, held.code], [1, 1]);
    assert(!existsSync(join(office.folder, 'held.json')));
    const skipped = await register('skipped.json', '--skip-bad');
    assert.equal((skipped.document as PrepareDocument).made, 2);
    assert(registrationsIn(readFileSync(join(office.folder, 'skipped.json'))).ok);
  });

  it('says in words how many it has written, and that they are secret', async () => {
    office.writeInventory(rows);
    const { stdout } = await siteseal(
      ['lab', 'registrations', 'inventory.csv', '--profile', 'operator.json', '--out', 'words.json'].concat(
        '--passphrase-file',
        'passphrase',
      ),
      { home: office.home, cwd: office.folder, isWarm: true },
    );
    assert.match(
      stdout,
      /^2 registrations in .*words\.json, 0 of 2 rows refused\. The file holds the secrets/,
    );
  });
});

describe('siteseal prepare --generate-credentials', () => {
  const office = new LabOffice({ serials: ['LAB0001', 'LAB0002'], training: true });
  const raName = 'C=FI,O=Lab Operator,CN=Lab RA';
  const recipient = makeRegistrationKey(office.operatorRoot, 'Lab Operator', office.options);
  makeFolder(office, 'home');
  office.write('passphrase', `${office.passphrase}\n`);
  office.writeCertificate('registration.pem', recipient);
  office.write('registration.key', pemOf(recipient));
  office.writeProfile({ enrolment: { registrationCertificate: 'registration.pem' } });
  const noCredential = { credential_reference: '', credential_secret: '' };
  office.writeInventory(['LAB0001', 'LAB0002'].map((serial) => office.row(serial, noCredential)));
  const inOffice = { home: office.home, cwd: office.folder, isWarm: true };
  const preparing = [
    ...['prepare', 'inventory.csv', '--profile', 'operator.json', '--passphrase-file', 'passphrase'],
    ...['--generate-credentials'],
  ];
  const registered = (file: string, ...more: readonly string[]) => [
    ...args(office.path('ra-ca'), file),
    ...['--registration-signer', office.path('configuration.pem'), '--name', raName, ...more],
  ];
  const key = ['--registration-key', office.path('registration.key')];

  it('lets an eNB enrol with a credential that nobody has seen', async () => {
    const prepared = await sitesealJson([...preparing, '--out', 'out'], inOffice);
    const file = office.path('out', 'registration.p7m');
    const { made, registrations } = prepared.document as PrepareDocument & { registrations: string[] };
    assert.deepEqual([prepared.code, made, registrations], [0, 2, [file]]);
    const running = startSiteseal([...registered(file, ...key), '--json'], { home });
    children.push(running.child);
    assert(running.child.stdout);
    const [line] = (await once(running.child.stdout, 'data')) as [Buffer];
    const { port, root, warnings } = JSON.parse(String(line)) as Started;
    assert.deepEqual(warnings, []);
    const credential = office.sealed('LAB0001')?.credential;
    assert(credential);
    const enrol = (secretText: string, out: string) =>
      sitesealJson(
        [
          ...['cmp', 'enrol', `http://127.0.0.1:${port}/pkix/`, '--ca-name', raName, '--trust', root],
          ...['--subject', 'CN=LAB0001', '--reference', credential.reference, '--out', out],
          ...['--secret-file', office.write('secret', secretText)],
        ],
        inOffice,
      );
    const wrong = await enrol('0'.repeat(64), 'wrong');
    assert.notEqual(wrong.code, 0);
    const enrolled = await enrol(credential.secret, 'enrolled');
    assert.deepEqual([enrolled.code, existsSync(office.path('enrolled', 'certificate.pem'))], [0, true]);
    running.child.kill('SIGTERM');
    const { stderr } = await running.done;
    assert(!stderr.includes(credential.secret));
  });

  it('names the registration in words', async () => {
    const { stdout } = await siteseal([...preparing, '--out', 'words'], inOffice);
    assert(stdout.includes(`Registration for the RA/CA: ${office.path('words', 'registration.p7m')}\n`));
  });

  it('makes a registration that the RA/CA refuses without its key, with another key, and under another name', async () => {
    await sitesealJson([...preparing, '--out', 'refused'], inOffice);
    const file = office.path('refused', 'registration.p7m');
    const codeOf = async (...of: readonly string[]) => {
      const { code, exit } = await refusal(...of);
      return [code, exit];
    };
    assert.deepEqual(await codeOf(...registered(file)), ['usage-invalid', 2]);
    const other = ['--registration-key', office.write('other.key', pemOf(office.enb('LAB0001')))];
    assert.deepEqual(await codeOf(...registered(file, ...other)), ['registration-unusable', 1]);
    const signer = ['--registration-signer', office.path('operator-root.pem')];
    const foreign = [...args(office.path('ra-ca'), file), ...key, ...signer];
    assert.deepEqual(await codeOf(...foreign), ['registration-unusable', 1]);
    assert.deepEqual(await codeOf(...args(office.path('ra-ca'), file), ...key), ['usage-invalid', 2]);
    const named = registered(file, ...key).map((one) => (one === raName ? 'C=FI,O=Operator,CN=RA 2' : one));
    assert.deepEqual(await codeOf(...named), ['registration-unusable', 1]);
    const twice = [...registered(file, ...key), '--registrations', file];
    assert.deepEqual(await codeOf(...twice), ['json-malformed', 1]);
  });
});

describe('siteseal lab ra-ca --new-root', () => {
  const state = join(folder, 'announcing');

  it('announces the new root to siteseal cmp root-update', async () => {
    const before = await start(state);
    const certificate = parseCertificate(
      decodePem(readFileSync(before.root, 'latin1'))[0]?.bytes ?? new Uint8Array(),
    );
    assert(certificate.ok);
    const key = createPrivateKey(readFileSync(join(state, 'operator-root.key')));
    const newName = 'C=FI,O=Lab Operator,CN=Lab Operator Root CA 2';
    const newRoot = makeCa(newName, { training: true });
    const linked = makeCa(
      newName,
      { key: newRoot.key, training: true },
      { key, certificate: certificate.value },
    );
    const file = join(folder, 'new-root.pem');
    writeFileSync(
      file,
      [newRoot, linked].map((one) => encodePem('CERTIFICATE', one.certificate.der)).join(''),
    );
    before.child.kill('SIGTERM');
    await before.done;
    const { port, root } = await start(state, '--new-root', file);
    const out = join(folder, 'proposed');
    const { document, code } = await sitesealJson(
      ['cmp', 'root-update', `http://127.0.0.1:${port}/pkix/`, '--trust', root, '--out', out],
      { home },
    );
    const { sha256 } = document as { readonly sha256: string };
    assert.deepEqual([sha256, code], [newRoot.certificate.sha256, 0]);
  });

  it('refuses a file without the certificate from the old root', async () => {
    const alone = join(state, 'operator-root.pem');
    const { code, rule, exit } = await refusal(...args(join(folder, 'no-link')), '--new-root', alone);
    assert.deepEqual([code, rule, exit], ['certificate-unreadable', 'cmp-new-with-old', 1]);
  });
});
