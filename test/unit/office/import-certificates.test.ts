import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { describe, it } from 'node:test';
import { encodePem } from '../../../main/asn1/index.ts';
import { parseCertificates } from '../../../main/cms/index.ts';
import { createCore, importEnbCertificates, type ImportReport } from '../../../main/core/index.ts';
import type { Fault, Result } from '../../../main/faults/index.ts';
import type { ImportProgress } from '../../../main/office/index.ts';
import { authorisationFor, hwType, issueCrl, now } from '../../kit/bundle.ts';
import { rootFault } from '../../kit/fault.ts';
import { makeConfigurationKey, makeEnb, makeVendor } from '../../kit/issue-certificate.ts';
import { logEntries, openLogIn } from '../../kit/log.ts';
import { LabOffice, surroundingsIn } from '../../kit/operator.ts';
import { dates, makeCertificate, type Contents } from '../../kit/pki.ts';

const otherType = '1.3.6.1.4.1.32473.9.9';

/** What an import does differently. */
interface Changes {
  readonly profile?: string;
  readonly now?: Date;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
}

/** Imports the certificates at these paths of the office. */
async function importInto(
  office: LabOffice,
  paths: readonly string[],
  { profile = 'operator.json', now: time = now, signal, onProgress }: Changes = {},
): Promise<Result<ImportReport>> {
  const core = createCore(surroundingsIn(office.home, { now: () => time }));
  try {
    return await importEnbCertificates(
      core,
      { paths: paths.map((path) => office.path(path)), profile: office.path(profile) },
      {
        signal: signal ?? new AbortController().signal,
        onProgress: onProgress ?? (() => undefined),
      },
    );
  } finally {
    core.stores.close();
  }
}

async function reportOf(office: LabOffice, paths: readonly string[], changes?: Changes) {
  const report = await importInto(office, paths, changes);
  assert(report.ok, JSON.stringify(report));
  return report.value;
}

/** The counts of a report that are not 0. */
function counts({ problems: _, stoppedBy: __, ...numbers }: ImportReport) {
  return Object.fromEntries(Object.entries(numbers).filter(([, count]) => count > 0));
}

/** The code of a fault, of what is beneath it if anything is, and its place in the file. */
function brief(fault: Fault): string {
  const root = rootFault(fault);
  const codes = root === fault ? fault.code : `${fault.code} because ${root.code}`;
  return fault.where?.field === undefined ? codes : `${codes}, ${fault.where.field}`;
}

/** A folder of the office with these files. */
function folderOf(office: LabOffice, name: string, files: Readonly<Record<string, string | Uint8Array>>) {
  mkdirSync(office.path(name));
  for (const [file, contents] of Object.entries(files)) {
    const path = `${name}/${file}`;
    if (file.includes('/')) mkdirSync(office.path(path, '..'), { recursive: true });
    office.write(path, contents);
  }
  return name;
}

const pem = (office: LabOffice, serial: string) =>
  encodePem('CERTIFICATE', office.enb(serial).certificate.der);
const unnamed = { enb_certificate: '' };

/** Makes bundles for serial numbers alone, and returns the faults of the rows. */
async function prepared(
  office: LabOffice,
  serials: readonly string[],
  changes = {},
  profile = 'operator.json',
) {
  office.writeInventory(serials.map((serial) => office.row(serial, { ...unnamed, ...changes })));
  const { rows } = await office.report({ dryRun: true, profile: office.path(profile) });
  return rows.map(({ fault }) => fault && [fault.code, fault.rule].filter((one) => one).join(' '));
}

describe('certificates of eNBs that are imported', () => {
  it('make an inventory need only serial numbers, and get the bundles sealed to them', async () => {
    const office = new LabOffice();
    const report = await reportOf(office, ['LAB0001.pem', 'LAB0002.pem']);
    assert.deepEqual(counts(report), { files: 2, added: 2 });
    for (const serial of ['LAB0001', 'LAB0002']) rmSync(office.path(`${serial}.pem`));
    office.writeInventory(['LAB0001', 'LAB0002'].map((serial) => office.row(serial, unnamed)));
    const { made } = await office.report();
    assert.equal(made, 2);
    for (const serial of ['LAB0001', 'LAB0002']) assert(office.sealed(serial)?.credential);
  });

  it('are taken from all files of a folder that are named like certificates, and from no other', async () => {
    const office = new LabOffice({ serials: ['LAB0001', 'LAB0002', 'LAB0003', 'LAB0004'] });
    const folder = folderOf(office, 'delivery', {
      'a.CER': office.enb('LAB0001').certificate.der,
      'deep/er/b.pem': pem(office, 'LAB0002'),
      'readme.txt': pem(office, 'LAB0003'),
      'enb.key': 'not opened',
      '.hidden.pem': pem(office, 'LAB0004'),
      '.hidden/c.pem': pem(office, 'LAB0004'),
    });
    assert.deepEqual(counts(await reportOf(office, [folder])), { files: 2, added: 2 });
    const named = await reportOf(office, ['delivery/readme.txt']);
    assert.deepEqual(counts(named), { files: 1, added: 1 });
  });

  it('may come twice', async () => {
    const office = new LabOffice();
    office.write('twice.pem', pem(office, 'LAB0001').repeat(2));
    assert.deepEqual(counts(await reportOf(office, ['twice.pem'])), { files: 1, added: 1, known: 1 });
    assert.deepEqual(counts(await reportOf(office, ['twice.pem'])), { files: 1, known: 2 });
  });

  it('pass over the CA certificates between them', async () => {
    const office = new LabOffice();
    office.writeCertificate('chain.pem', office.enb('LAB0001'), office.vendor.issuing, office.vendor.root);
    assert.deepEqual(counts(await reportOf(office, ['chain.pem'])), { files: 1, added: 1, authorities: 2 });
  });

  it('replace an earlier one of the same eNB, and only an earlier one', async () => {
    const office = new LabOffice({ serials: ['LAB0001'] });
    const starting = (name: string, day: string) => {
      const pair = office.addEnb({ hwType, serialNumber: 'LAB0001' }, { notBefore: new Date(day) }, name);
      return pair.certificate.der;
    };
    const all = {
      first: starting('first.pem', '2026-02-02T00:00:00Z'),
      later: starting('later.pem', '2026-03-03T00:00:00Z'),
      same: starting('same.pem', '2026-03-03T00:00:00Z'),
    };
    const steps = [
      ['first', 'added', 'first'],
      ['later', 'replaced', 'later'],
      ['first', 'older', 'later'],
      ['same', 'older', 'later'],
      ['later', 'known', 'later'],
    ] as const;
    for (const [name, keeping, kept] of steps) {
      const report = await reportOf(office, [`${name}.pem`]);
      assert.deepEqual(counts(report), { files: 1, [keeping]: 1 });
      const stored = office.withStore(({ enbCertificates }) => enbCertificates.bySerialNumber('LAB0001'));
      assert.deepEqual(
        stored.map((certificate) => Buffer.compare(certificate, all[kept])),
        [0],
        `${name} ${keeping}`,
      );
    }
  });

  it('are separate for training', async () => {
    const office = new LabOffice({ training: true });
    await reportOf(office, ['LAB0001.pem']);
    const stored = (training: boolean) =>
      office.withStore(({ enbCertificates }) => enbCertificates.bySerialNumber('LAB0001').length, training);
    assert.deepEqual([stored(true), stored(false)], [1, 0]);
  });

  it('are noted in the log with their numbers', async () => {
    const office = new LabOffice();
    office.write('mixed.pem', `${pem(office, 'LAB0001').repeat(2)}${encodePem('CERTIFICATE', Buffer.of(1))}`);
    await reportOf(office, ['mixed.pem']);
    const entries = office.withStore((store) => logEntries(openLogIn(office.folder, store)));
    assert.deepEqual(
      entries.map(({ action, subject, facts }) => [action, subject, { ...facts, profileSha256: undefined }]),
      [
        [
          'enb-certificates-imported',
          { operator: 'Lab Operator' },
          { added: 1, replaced: 0, unchanged: 1, refused: 1, profileSha256: undefined },
        ],
      ],
    );
  });
});

describe('a certificate that cannot be imported', () => {
  const office = new LabOffice({ serials: ['LAB0001', 'LAB0002', 'LAB0003'] });
  const namesake = makeVendor('Lab Vendor', office.options);
  const enb = { hwType, serialNumber: 'LAB0009' };
  const usage = ['digitalSignature', 'keyAgreement'] as const;
  const made = (changes: Contents, { issuing } = office.vendor) =>
    encodePem(
      'CERTIFICATE',
      makeCertificate('CN=eNB', { keyUsage: usage, ...dates, ...changes }, issuing).certificate.der,
    );
  office.write('issuing.crl', issueCrl(office.vendor.issuing, { revoked: [office.enb('LAB0002')] }).der);
  office.writeProfile({ vendors: { lab: office.vendorMember({ crls: ['issuing.crl'] }) } }, 'crl.json');

  const cases: readonly (readonly [name: string, file: string, fault: string])[] = [
    ['has expired', made({ enb, notAfter: new Date(now.getTime() - 1000) }), 'enb-certificate-expired'],
    ['is not valid yet', made({ enb, notBefore: new Date(now.getTime() + 1000) }), 'enb-certificate-expired'],
    ['is of another vendor of the same name', made({ enb }, namesake), 'enb-certificate-untrusted'],
    ['is weak', made({ enb, keyUsage: ['digitalSignature'] }), 'enb-certificate-weak'],
    ['names no eNB', made({}), 'enb-identity-missing'],
    ['is revoked', pem(office, 'LAB0002'), 'enb-certificate-untrusted because certificate-revoked'],
    ['is garbage', encodePem('CERTIFICATE', Buffer.from('garbage')), 'certificate-unreadable'],
    ['is larger than a certificate', encodePem('CERTIFICATE', Buffer.alloc(65537)), 'file-too-large'],
  ];
  for (const [name, bad, expected] of cases) {
    it(`because it ${name}, is refused with its place, and the others are taken`, async () => {
      office.write('bundle.pem', `${pem(office, 'LAB0001')}${bad}${pem(office, 'LAB0003')}`);
      const report = await reportOf(office, ['bundle.pem'], { profile: 'crl.json' });
      const [first, ...more] = report.problems;
      assert(first);
      assert.deepEqual([report.refused, report.added + report.known, more], [1, 2, []]);
      assert.equal(first.where?.file, office.path('bundle.pem'));
      const [code, place] = brief(first).split(', ');
      assert.equal(place, 'certificate 2');
      assert(code?.startsWith(expected), code);
    });
  }
});

describe('a file that cannot be imported', () => {
  const office = new LabOffice();
  const { key } = office.enb('LAB0001');
  const keyPem = key.export({ format: 'pem', type: 'pkcs8' }).toString();

  it('is refused by its name, and the others of its folder are taken', async () => {
    const folder = folderOf(office, 'mixed', {
      '1-key.pem': keyPem,
      '2-key.der': key.export({ format: 'der', type: 'pkcs8' }),
      '3-empty.pem': '',
      '4-large.pem': '',
      '5-good.pem': pem(office, 'LAB0001'),
    });
    truncateSync(office.path('mixed/4-large.pem'), 256 * 1024 * 1024 + 1);
    const { problems, ...report } = await reportOf(office, [folder]);
    assert.deepEqual(counts({ ...report, problems }), { files: 5, added: 1, refused: 4 });
    assert.deepEqual(
      problems.map((one) => [one.where?.file, one.code, one.found]),
      [
        [office.path('mixed/1-key.pem'), 'certificate-unreadable', 'PRIVATE KEY'],
        [office.path('mixed/2-key.der'), 'certificate-unreadable', undefined],
        [office.path('mixed/3-empty.pem'), 'certificate-unreadable', undefined],
        [office.path('mixed/4-large.pem'), 'file-too-large', String(256 * 1024 * 1024 + 1)],
      ],
    );
    const said = JSON.stringify(problems);
    const [, secret = ''] = keyPem.split('\n');
    assert(!said.includes(secret.slice(0, 16)), said);
  });

  it('is not one with a private key beside its certificate', async () => {
    office.write('both.pem', `${keyPem}${pem(office, 'LAB0002')}`);
    assert.deepEqual(counts(await reportOf(office, ['both.pem'])), { files: 1, added: 1 });
  });

  it('is behind a symbolic link in a folder', { skip: process.platform === 'win32' }, async () => {
    const folder = folderOf(office, 'linked', { 'good.pem': pem(office, 'LAB0001') });
    symlinkSync(office.path('LAB0002.pem'), office.path('linked/away.pem'));
    symlinkSync(office.path('linked'), office.path('linked/circle'));
    symlinkSync(office.path('linked/nowhere'), office.path('linked/nowhere'));
    const { problems } = await reportOf(office, [folder]);
    assert.deepEqual(
      problems.map(({ code, found, where }) => [code, found, where?.file]),
      ['away.pem', 'circle'].map((name) => [
        'file-unreadable',
        'a symbolic link',
        office.path('linked', name),
      ]),
    );
  });

  it('is one that is not there, or a folder without any', async () => {
    folderOf(office, 'empty', { 'readme.txt': '' });
    const { problems } = await reportOf(office, ['not-there.pem', 'empty']);
    assert.deepEqual(
      problems.map(({ code, rule, found }) => [code, rule, found]),
      [
        ['file-unreadable', undefined, 'ENOENT'],
        ['certificate-unreadable', 'certificate-files', undefined],
      ],
    );
  });
});

describe('an import', () => {
  it('that is stopped keeps what it has, and a repeat continues', async () => {
    const office = new LabOffice({ serials: ['LAB0001'] });
    const many = Array.from({ length: 250 }, (_, index) => `${hwType}.${index}`);
    const vendors = many.map((type) => office.addEnb({ hwType: type, serialNumber: 'LAB0001' }));
    office.writeCertificate('many.pem', ...vendors);
    const stop = new AbortController();
    const stopped = await reportOf(office, ['many.pem', 'LAB0001.pem'], {
      signal: stop.signal,
      onProgress: ({ certificates }) => {
        if (certificates === 200) stop.abort();
      },
    });
    assert.deepEqual([counts(stopped), stopped.stoppedBy?.code], [{ files: 1, added: 200 }, 'cancelled']);
    const repeated = await reportOf(office, ['many.pem']);
    assert.deepEqual(counts(repeated), { files: 1, added: 50, known: 200 });
  });

  it('is refused as a whole only for its profile', async () => {
    const office = new LabOffice();
    office.write('broken.json', '{}');
    const report = await importInto(office, ['LAB0001.pem'], { profile: 'broken.json' });
    assert.equal(!report.ok && report.fault.code, 'profile-invalid');
  });
});

describe('a stored certificate', () => {
  /** Two operators in one office. Each calls its vendor `lab`, but they are two vendors, with one serial number. */
  function twoVendors(secondType: string): LabOffice {
    const office = new LabOffice({ serials: ['LAB0001'] });
    const second = new LabOffice({ serials: [] });
    const scope = authorisationFor(['LAB0001'], secondType);
    const key = makeConfigurationKey(second.vendor, 'Second Operator', scope, second.options);
    office.writeCertificate('second-root.pem', second.vendor.root);
    office.writeCertificate('second-issuing.pem', second.vendor.issuing);
    office.writeCertificate('second-configuration.pem', key);
    office.write('second.key', office.encrypted(key));
    const enb = { hwType: secondType, serialNumber: 'LAB0001' };
    office.writeCertificate('second-enb.pem', makeEnb(second.vendor, enb, second.options));
    const lab = {
      rootCertificates: ['second-root.pem'],
      intermediates: ['second-issuing.pem'],
      configurationKey: { pkcs8: 'second.key', certificates: ['second-configuration.pem'] },
    };
    office.writeProfile({ name: 'Second Operator', vendors: { lab } }, 'second.json');
    office.writeProfile({ vendors: { first: office.vendorMember(), second: lab } }, 'both.json');
    return office;
  }

  for (const [name, secondType] of [
    ['another hardware type', otherType],
    ['the same hardware type', hwType],
  ] as const) {
    it(`is never that of another vendor of the same name, for eNBs of ${name}`, async () => {
      const office = twoVendors(secondType);
      await reportOf(office, ['LAB0001.pem']);
      assert.deepEqual(await prepared(office, ['LAB0001'], {}, 'second.json'), ['enb-certificate-missing']);
      await reportOf(office, ['second-enb.pem'], { profile: 'second.json' });
      for (const [profile, file] of [
        ['operator.json', 'LAB0001.pem'],
        ['second.json', 'second-enb.pem'],
      ] as const) {
        assert.deepEqual(await prepared(office, ['LAB0001'], {}, profile), [undefined]);
        const out = `out of ${profile}`;
        await office.report({ profile: office.path(profile), out: office.path(out) });
        const own = parseCertificates(readFileSync(office.path(file)));
        const { certificateSha256 } = office.configuration('LAB0001', out).enb;
        assert.equal(certificateSha256, own.ok && own.value[0]?.sha256);
      }
    });
  }

  it('that cannot be read is as if it were missing', async () => {
    const office = new LabOffice({ serials: ['LAB0001'] });
    const damaged = { hwType, serialNumber: 'LAB0001', certificate: Buffer.of(1) };
    office.withStore(({ enbCertificates }) => enbCertificates.add(damaged));
    assert.deepEqual(await prepared(office, ['LAB0001']), ['enb-certificate-missing']);
    assert.deepEqual(counts(await reportOf(office, ['LAB0001.pem'])), { files: 1, added: 1 });
    assert.deepEqual(await prepared(office, ['LAB0001']), [undefined]);
  });

  it('is judged under each vendor of the profile', async () => {
    const office = twoVendors(hwType);
    const report = await reportOf(office, ['LAB0001.pem', 'second-enb.pem'], { profile: 'both.json' });
    assert.deepEqual(counts(report), { files: 2, added: 2 });
    office.writeProfile({ vendors: {} }, 'none.json');
    const { problems } = await reportOf(office, ['LAB0001.pem'], { profile: 'none.json' });
    assert.deepEqual(problems.map(brief), ['enb-certificate-untrusted, certificate 1']);
  });

  it('is found under every name that profiles give its vendor', async () => {
    const office = new LabOffice({ serials: ['LAB0001'] });
    await reportOf(office, ['LAB0001.pem']);
    office.writeProfile(
      { name: 'Second Operator', vendors: { other: office.vendorMember() } },
      'second.json',
    );
    assert.deepEqual(await prepared(office, ['LAB0001'], { vendor: 'other' }, 'second.json'), [undefined]);
    office.writeInventory([office.row('LAB0001', { ...unnamed, vendor: 'other' })]);
    await office.report({ profile: office.path('second.json') });
    assert.deepEqual(await prepared(office, ['LAB0001']), [undefined]);
  });

  it('needs the hardware type if there are several of one serial number', async () => {
    const office = new LabOffice({ serials: ['LAB0001'] });
    office.addEnb({ hwType: otherType, serialNumber: 'LAB0001' }, {}, 'other.pem');
    await reportOf(office, ['LAB0001.pem', 'other.pem']);
    assert.deepEqual(await prepared(office, ['LAB0001']), ['field-invalid hw-type-one']);
    assert.deepEqual(await prepared(office, ['LAB0001'], { enb_hw_type: hwType }), [undefined]);
    assert.deepEqual(await prepared(office, ['LAB0001'], { enb_hw_type: otherType }), ['enb-out-of-scope']);
  });
});
