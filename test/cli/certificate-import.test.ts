import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { describe, it } from 'node:test';
import { encodePem } from '../../main/asn1/index.ts';
import { siteseal, sitesealJson, type FaultDocument, type PrepareDocument } from '../kit/cli.ts';
import { LabOffice, makeFolder } from '../kit/operator.ts';

interface ImportDocument {
  readonly added: number;
  readonly known: number;
  readonly problems: readonly FaultDocument[];
  readonly fault?: FaultDocument;
}

const serials = ['LAB0001', 'LAB0002', 'LAB0003'];

/** An office whose certificates are still with the vendor. */
function officeWithout(): { readonly office: LabOffice; readonly where: { home: string; cwd: string } } {
  const office = new LabOffice({ serials });
  makeFolder(office, 'home');
  office.write('passphrase', `${office.passphrase}\n`);
  for (const serial of serials) rmSync(office.path(`${serial}.pem`));
  const bundled = serials.map((serial) => office.enb(serial));
  office.writeCertificate('delivery.pem', ...bundled, office.vendor.issuing);
  return { office, where: { home: office.home, cwd: office.folder } };
}

const importing = ['certificate', 'import', '--profile', 'operator.json'];

async function importInto(where: { home: string; cwd: string }, ...paths: readonly string[]) {
  const ran = await sitesealJson([...importing, ...paths], { ...where, isWarm: true });
  return { ...ran, document: ran.document as ImportDocument };
}

describe('siteseal certificate import', () => {
  const forms = {
    'a PEM file': undefined,
    'PKCS#7 in DER': ['-outform', 'DER'],
    'PKCS#7 in PEM': ['-outform', 'PEM'],
  } as const;
  for (const [name, form] of Object.entries(forms)) {
    it(`takes ${name} of many certificates, and prepare then needs only serial numbers`, async () => {
      const { office, where } = officeWithout();
      const file = form ? 'delivery.p7b' : 'delivery.pem';
      if (form) {
        const args = ['crl2pkcs7', '-nocrl', '-certfile', 'delivery.pem', ...form, '-out', file];
        execFileSync('openssl', args, { cwd: office.folder });
      }
      const { document, code, stderr } = await importInto(where, file);
      assert.deepEqual(document, {
        files: 1,
        added: 3,
        replaced: 0,
        known: 0,
        older: 0,
        authorities: 1,
        refused: 0,
        problems: [],
      });
      assert.deepEqual([code, stderr], [0, '']);
      office.writeInventory(serials.map((serial) => office.row(serial, { enb_certificate: '' })));
      const preparing = ['prepare', 'inventory.csv', '--profile', 'operator.json', '--out', 'out'];
      const args = [...preparing, '--passphrase-file', 'passphrase'];
      const ran = await sitesealJson(args, { ...where, isWarm: true });
      assert.equal((ran.document as PrepareDocument).made, 3);
      for (const serial of serials) assert(office.sealed(serial)?.credential);
    });
  }

  it('takes a folder, names what it refuses, and exits as its first problem says', async () => {
    const { office, where } = officeWithout();
    mkdirSync(office.path('vendor/day 1'), { recursive: true });
    const [first, second] = serials.map((serial) => office.enb(serial).certificate.der);
    assert(first && second);
    const bad = encodePem('CERTIFICATE', Buffer.from('bad'));
    office.write('vendor/day 1/a.pem', `${encodePem('CERTIFICATE', first)}${bad}`);
    office.write('vendor/b.der', second);
    const { document, code } = await importInto(where, 'vendor');
    assert.deepEqual([document.added, code], [2, 1]);
    const [problem, ...more] = document.problems;
    const place = { file: office.path('vendor/day 1/a.pem'), field: 'certificate 2' };
    assert.deepEqual([problem?.code, problem?.where, more], ['certificate-unreadable', place, []]);
    const again = await siteseal([...importing, 'vendor'], { ...where, isWarm: true });
    assert.equal(again.code, 1);
    assert.match(again.stderr, /^certificate-unreadable: .*certificate 2/m);
    assert.match(again.stderr, /^eNB certificates from 2 files: 0 new, .* 2 known, 1 refused\.$/m);
    const missing = await importInto(where, 'nowhere.pem');
    assert.deepEqual([missing.code, missing.document.problems[0]?.code], [3, 'file-unreadable']);
  });

  it('refuses a profile that it cannot read, with the same document', async () => {
    const { where } = officeWithout();
    const args = ['certificate', 'import', 'delivery.pem', '--profile', 'nowhere.json'];
    const { document, code } = await sitesealJson(args, { ...where, isWarm: true });
    const { added, problems, fault } = document as ImportDocument;
    assert.deepEqual([code, added, problems, fault?.code], [3, 0, [], 'file-unreadable']);
  });
});
