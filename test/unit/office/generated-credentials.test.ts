import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { describe, it } from 'node:test';
import { openRegistration, type RegistrationContent } from '../../../main/bundle/index.ts';
import { filesUnder } from '../../kit/canary.ts';
import { hwType } from '../../kit/bundle.ts';
import { ok } from '../../../main/faults/index.ts';
import { GeneratedCredentials } from '../../../main/office/generated-credentials.ts';
import { logEntries, openLogIn } from '../../kit/log.ts';
import { makeRegistrationKey } from '../../kit/issue-certificate.ts';
import { cellsOf, csv, LabOffice, makeFolder, type Row } from '../../kit/operator.ts';

const serials = Array.from({ length: 12 }, (_, index) => `LAB${String(index + 1).padStart(4, '0')}`);
const noCredential = { credential_reference: '', credential_secret: '' };

/** An office whose profile names the key of the RA/CA. */
function makeOffice(profile: object = {}) {
  const office = new LabOffice({ serials });
  const recipient = makeRegistrationKey(office.operatorRoot, 'Lab Operator', office.options);
  office.writeCertificate('registration.pem', recipient);
  office.writeProfile({ enrolment: { registrationCertificate: 'registration.pem', ...profile } });
  const rows = serials.map((serial) => office.row(serial, noCredential));
  const open = (name: string): RegistrationContent => {
    const opened = openRegistration(readFileSync(office.path('out', name)), recipient.key, [
      office.configurationKey.certificate,
    ]);
    assert(opened.ok, JSON.stringify(opened));
    return opened.value;
  };
  return {
    office,
    rows,
    recipient,
    open,
    names: () => readdirSync(office.path('out')).filter((name) => name.endsWith('.p7m')),
  };
}

/** The inventory without the columns of the credential. */
function writeWithout(office: LabOffice, rows: readonly Row[]): void {
  const [header = [], ...lines] = cellsOf(rows);
  const kept = (cells: readonly string[]) =>
    cells.filter((_, index) => !header[index]?.startsWith('credential_'));
  office.write('inventory.csv', csv([kept(header), ...lines.map(kept)]));
}

const generated = { generateCredentials: true } as const;

describe('credentials that Siteseal makes', () => {
  it('are in the bundle of their eNB and in the registration, and nowhere else', async () => {
    const { office, rows, recipient, open, names } = makeOffice();
    writeWithout(office, rows);
    const report = await office.report(generated);
    assert.deepEqual([report.made, report.stoppedBy], [serials.length, undefined]);
    assert.deepEqual(report.registrations, [office.path('out', 'registration.p7m')]);
    assert.deepEqual(names(), ['registration.p7m']);
    const entries = office.withStore((store) => logEntries(openLogIn(office.folder, store)));
    const { facts } = entries.find(({ action }) => action === 'prepare-run') ?? {};
    assert.deepEqual(
      [facts?.['credentials'], facts?.['recipientSha256']],
      [serials.length, recipient.certificate.sha256],
    );
    const { credentials, raName, training } = open('registration.p7m');
    assert.deepEqual([raName, training], ['C=FI,O=Lab Operator,CN=Lab RA', false]);
    assert.deepEqual(
      credentials.map(({ serialNumber, subject }) => [serialNumber, subject]),
      serials.map((serial) => [serial, `CN=${serial}`]),
    );
    for (const { reference, secret, serialNumber } of credentials) {
      assert.match(reference, /^[0-9a-f]{32}$/);
      assert.match(secret, /^[0-9a-f]{64}$/);
      assert.deepEqual(office.sealed(serialNumber)?.credential, { reference, secret });
    }
    assert.equal(new Set(credentials.map(({ secret }) => secret)).size, serials.length);
    assert.equal(new Set(credentials.map(({ reference }) => reference)).size, serials.length);
    for (const [file, contents] of filesUnder([office.folder])) {
      for (const { secret } of credentials) {
        assert(!contents.includes(secret) && !contents.includes(Buffer.from(secret, 'hex')), file);
      }
    }
  });

  it('continue after a stop: what is made keeps its credential, and the others get a new one in another file', async (context) => {
    const { office, rows, open, names } = makeOffice();
    writeWithout(office, rows);
    // The run listens after 50 ms, in which a fast computer makes them all: here every row takes that long.
    let time = 0;
    context.mock.method(performance, 'now', () => (time += 51));
    const stop = new AbortController();
    const stopped = await office.report({
      ...generated,
      signal: stop.signal,
      onProgress: ({ phase, done }) => {
        if (phase === 'making' && done > 0) stop.abort();
      },
    });
    assert(stopped.made > 0 && stopped.made < serials.length);
    const rest = await office.report({ ...generated, resume: true });
    assert.equal(rest.made, serials.length);
    const [later = ''] = names().filter((name) => name !== 'registration.p7m');
    assert.match(later, /^registration-[0-9a-f]{8}\.p7m$/);
    const first = new Map(open('registration.p7m').credentials.map((one) => [one.serialNumber, one]));
    const second = new Map(open(later).credentials.map((one) => [one.serialNumber, one]));
    assert.deepEqual([first.size, second.size], [serials.length, serials.length - stopped.made]);
    for (const serial of serials) {
      const { reference, secret } = (second.get(serial) ?? first.get(serial))!;
      assert.deepEqual(office.sealed(serial)?.credential, { reference, secret });
    }
    const references = [...first.values(), ...second.values()].map(({ reference }) => reference);
    assert.equal(new Set(references).size, references.length);
    const again = await office.report({ ...generated, resume: true });
    assert.deepEqual([again.made, again.registrations], [serials.length, []]);
    assert.equal(names().length, 2);
  });

  it('never get the name of a registration that was moved away', async () => {
    const { office, rows, open, names } = makeOffice();
    writeWithout(office, rows);
    await office.report({ ...generated, first: 4 });
    renameSync(office.path('out', 'registration.p7m'), office.path('at-the-ra.p7m'));
    const { registrations = [] } = await office.report({ ...generated, resume: true });
    assert.equal(registrations.length, 1);
    assert.notDeepEqual(names(), ['registration.p7m']);
    assert.equal(open(names()[0] ?? '').credentials.length, serials.length - 4);
  });

  it('are registered for each RA/CA apart, and for a first wave only', async () => {
    const { office, rows, open, names } = makeOffice();
    const other = { ra_name: 'C=FI,O=Lab Operator,CN=RA 2' };
    writeWithout(
      office,
      rows.map((row, index) => (index % 3 === 0 ? { ...row, ...other } : row)),
    );
    await office.report({ ...generated, first: 4 });
    const found = names().map((name) => open(name));
    const bySerial = found.map(({ raName, credentials }) => [
      raName,
      credentials.map(({ serialNumber }) => serialNumber),
    ]);
    assert.deepEqual(
      new Map(bySerial as [string, string[]][]),
      new Map([
        ['C=FI,O=Lab Operator,CN=RA 2', ['LAB0001', 'LAB0004']],
        ['C=FI,O=Lab Operator,CN=Lab RA', ['LAB0002', 'LAB0003']],
      ]),
    );
  });

  it('are made for eNBs with protection by MAC only', async () => {
    const { office, rows, open } = makeOffice();
    office.writeInventory(
      rows.map((row, index) =>
        index < 10
          ? { ...row, protection: 'vendor-certificate', enb_certificate: '', enb_hw_type: hwType }
          : { ...row, protection: 'mac' },
      ),
    );
    await office.report(generated);
    assert.deepEqual(
      open('registration.p7m').credentials.map(({ serialNumber }) => serialNumber),
      ['LAB0011', 'LAB0012'],
    );
  });

  it('replace none that the inventory holds: such a row is refused', async () => {
    const { office, rows, names } = makeOffice();
    office.writeInventory([
      { ...rows[0]!, credential_reference: 'ref-1' },
      { ...rows[1]!, credential_secret: 'never shown anywhere' },
      { ...rows[2]!, enb_certificate: '' },
    ]);
    const report = await office.report({ ...generated, skipBad: true });
    assert.deepEqual(
      report.rows.map(({ fault }) => [fault?.code, fault?.rule, fault?.where?.field]),
      [
        ['field-invalid', 'credential-generated', 'credential_reference'],
        ['field-invalid', 'credential-generated', 'credential_secret'],
        ['enb-certificate-missing', undefined, 'enb_certificate'],
      ],
    );
    assert(!JSON.stringify(report).includes('never shown'));
    assert.deepEqual([report.made, names()], [0, []]);
  });

  it('are not made by a dry run', async () => {
    const { office, rows } = makeOffice();
    writeWithout(office, rows);
    const report = await office.report({ ...generated, dryRun: true });
    assert.deepEqual([report.refused, existsSync(office.path('out'))], [0, false]);
  });

  it('need the columns of the credential only in other runs', async () => {
    const { office, rows } = makeOffice();
    writeWithout(office, rows);
    const { code, found } = await office.refusal();
    assert.deepEqual(
      [code, found],
      ['inventory-unreadable', 'missing: credential_reference, credential_secret'],
    );
  });

  it('need a certificate of the RA/CA that is in force and can receive', async () => {
    const { office, rows } = makeOffice();
    writeWithout(office, rows);
    const refusal = async (enrolment: object) => {
      office.writeProfile({ enrolment });
      const { code, rule, found = '', where } = await office.refusal(generated);
      assert(where?.file?.endsWith('operator.json'), JSON.stringify(where));
      return [code, rule, found, where?.field].join(' ');
    };
    const fault = 'profile-invalid registration-certificate';
    const member = 'enrolment.registrationCertificate';
    assert.equal(await refusal({}), `${fault}  ${member}`);
    const past = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2021-01-01T00:00:00Z') };
    office.writeCertificate(
      'past.pem',
      makeRegistrationKey(office.operatorRoot, 'Lab Operator', { ...office.options, ...past }),
    );
    assert.equal(
      await refusal({ registrationCertificate: 'past.pem' }),
      `${fault} 2020-01-01T00:00:00Z to 2021-01-01T00:00:00Z ${member}`,
    );
    assert.equal(
      await refusal({ registrationCertificate: 'configuration.pem' }),
      `${fault} EC P-256 ${member}`,
    );
    const training = { ...office.options, training: true };
    office.writeCertificate(
      'training.pem',
      makeRegistrationKey(office.operatorRoot, 'Lab Operator', training),
    );
    assert.equal(
      await refusal({ registrationCertificate: 'training.pem' }),
      `profile-invalid profile-training  ${member}`,
    );
  });

  it('are registered before a bundle is made: a registration that cannot be written leaves none', async () => {
    const { office, rows, open, names } = makeOffice();
    writeWithout(office, rows);
    const obstacle = makeFolder(office, 'out', 'registration.p7m.part');
    const report = await office.report(generated);
    assert.deepEqual([report.made, report.stoppedBy?.code], [0, 'output-unwritable']);
    assert.deepEqual(office.bundleNames(), []);
    rmSync(obstacle, { recursive: true });
    assert.equal((await office.report({ ...generated, resume: true })).made, serials.length);
    assert.equal(open(names()[0] ?? '').credentials.length, serials.length);
  });

  it('are wiped after a run, also after one that is refused', async (context) => {
    const { office, rows, open } = makeOffice();
    writeWithout(office, rows);
    const made: GeneratedCredentials[] = [];
    const forRows = GeneratedCredentials.forRows.bind(GeneratedCredentials);
    context.mock.method(GeneratedCredentials, 'forRows', (count: number) => {
      const one = forRows(count);
      made.push(one);
      return one;
    });
    await office.report({
      ...generated,
      onProgress: ({ phase, done }) => {
        if (phase === 'making' && done > 0) assert(made[0]?.bytes.some((byte) => byte !== 0));
      },
    });
    assert.equal(open('registration.p7m').credentials.length, serials.length);
    await office.refusal({ ...generated, passphraseFor: () => Promise.resolve(ok(Buffer.from('wrong'))) });
    assert.equal(made.length, 2);
    for (const { bytes } of made) assert(bytes.length > 0 && bytes.every((byte) => byte === 0));
  });

  it('reach the threads that make the bundles', async () => {
    const { office, rows, open } = makeOffice();
    const others = Array.from({ length: 2_000 }, (_, index) =>
      office.row(`LAB${String(index + 1000)}`, {
        ...{ protection: 'vendor-certificate', enb_certificate: '', enb_hw_type: hwType },
        ...noCredential,
      }),
    );
    office.writeInventory(
      [...rows.slice(0, 6), ...others, ...rows.slice(6)].map((row) => ({ protection: '', ...row })),
    );
    const report = await office.report({ ...generated, workers: 2 });
    assert.equal(report.made, others.length + serials.length);
    const { credentials } = open('registration.p7m');
    assert.equal(credentials.length, serials.length);
    for (const { reference, secret, serialNumber } of credentials)
      assert.deepEqual(office.sealed(serialNumber)?.credential, { reference, secret });
  });
});
