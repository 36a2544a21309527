import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Configuration, RegistrationContent } from '../../../main/bundle/index.ts';
import { readCsv } from '../../../main/office/csv.ts';
import { now, referenceOperator } from '../../kit/bundle.ts';
import { referenceOffice, referenceRows } from '../../kit/operator.ts';
import { Workbench } from './openssl.ts';

const bench = new Workbench();
after(() => bench.remove());

/** Rows of either vendor: EC and RSA, with the last of each and every form of secret and address. */
const rows = [1, 2, 3, 60, 119, 120, 121, 122, 123, 180, 239, 240];
const office = referenceOffice();
office.write('inventory.csv', referenceRows(rows));
const report = await office.report();

/** The cells of the inventory by column, as any reader of CSV has them. */
function inventory(): readonly Readonly<Record<string, string>>[] {
  const text = readFileSync(office.path('inventory.csv'));
  const [header = [], ...lines] = [...readCsv(text, 0x2c)].map(({ cells }) =>
    cells.map((cell) => Buffer.from(cell).toString()),
  );
  return lines.map((cells) => Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ''])));
}

interface Sealed {
  readonly bundleId: string;
  readonly serialNumber: string;
  readonly credential: { readonly reference: string; readonly secret: string };
}

describe('what prepare makes of the inventory of the reference operator, to openssl', () => {
  for (const [index, cells] of inventory().entries()) {
    const { vendor = '', enb_serial: serial = '', credential_secret: secret, site_id: site } = cells;
    const file = (...names: readonly string[]) => join(referenceOperator, vendor, ...names);
    const key = createPrivateKey(readFileSync(file('enb-keys', `${serial}.key`)));

    it(`row ${rows[index]} (${vendor}, ${key.asymmetricKeyType}): verified, decrypted, and the secret is that of the inventory`, () => {
      assert.equal(report.rows[index]?.state, 'made');
      const content = bench.make(
        ...[
          'cms',
          '-verify',
          '-binary',
          '-inform',
          'DER',
          '-in',
          office.path('out', 'bundles', `${serial}.p7m`),
        ],
        ...[
          '-CAfile',
          file('root.crt'),
          '-purpose',
          'any',
          '-cades',
          '-attime',
          String(now.getTime() / 1000),
        ],
      );
      const configuration = JSON.parse(content.toString()) as Configuration;
      assert.deepEqual([configuration.enb.serialNumber, configuration.site.id], [serial, site]);
      const plaintext = bench.make(
        ...['cms', '-decrypt', '-binary', '-inform', 'DER'],
        ...['-in', bench.file(Buffer.from(configuration.sealed!, 'base64'))],
        ...['-recip', file('enb-certs', `${serial}.crt`), '-inkey', file('enb-keys', `${serial}.key`)],
      );
      const sealed = JSON.parse(plaintext.toString()) as Sealed;
      assert.deepEqual(sealed.credential, { reference: cells['credential_reference'], secret });
      assert.deepEqual([sealed.bundleId, sealed.serialNumber], [configuration.bundleId, serial]);
    });
  }

  it('is decrypted by no other eNB of the vendor', () => {
    const { sealed } = office.configuration('AR1000000');
    const file = (...names: readonly string[]) => join(referenceOperator, 'vendor-a', ...names);
    const { status, output } = bench.try(
      ...['cms', '-decrypt', '-binary', '-inform', 'DER', '-in', bench.file(Buffer.from(sealed!, 'base64'))],
      ...['-recip', file('enb-certs', 'AR1000001.crt'), '-inkey', file('enb-keys', 'AR1000001.key')],
    );
    assert.notEqual(status, 0);
    assert.equal(output.length, 0);
  });
});

describe('the registration of the credentials that prepare makes, to openssl', () => {
  const kinds: readonly (readonly [kind: string, ...options: string[]])[] = [
    ['P-256', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-addext', 'keyUsage=critical,keyAgreement'],
    ['RSA', 'rsa:2048', '-addext', 'keyUsage=critical,keyEncipherment'],
  ];
  for (const [kind, ...options] of kinds) {
    it(`opens with the ${kind} key of the RA/CA alone, and has the credentials of the bundles`, async () => {
      const ra = referenceOffice();
      const [key, certificate] = [ra.path('ra.key'), ra.path('ra.crt')];
      bench.run(
        ...['req', '-x509', '-newkey', ...options, '-nodes', '-days', '3650', '-subj', '/CN=RA'],
        ...['-keyout', key, '-out', certificate],
      );
      ra.writeProfile({ enrolment: { registrationCertificate: 'ra.crt' } });
      const cells = inventory();
      const noCredential = { credential_reference: '', credential_secret: '' };
      ra.writeInventory(cells.map((row) => ({ ...row, ...noCredential })));
      const { made, registrations = [] } = await ra.report({
        generateCredentials: true,
        surroundings: { now: () => new Date() },
      });
      assert.deepEqual([made, registrations.length], [cells.length, 2]); // One for each vendor, whose key signs it.
      const credentials = registrations.flatMap((file) => {
        const sealed = bench.make(
          ...['cms', '-verify', '-binary', '-noverify', '-inform', 'DER', '-in', file],
        );
        const plaintext = bench.make(
          ...['cms', '-decrypt', '-binary', '-inform', 'DER', '-in', bench.file(sealed)],
          ...['-recip', certificate, '-inkey', key],
        );
        return (JSON.parse(plaintext.toString()) as RegistrationContent).credentials;
      });
      for (const { vendor = '', enb_serial: serial = '' } of cells) {
        const { sealed = '' } = ra.configuration(serial);
        const file = (...names: readonly string[]) => join(referenceOperator, vendor, ...names);
        const plaintext = bench.make(
          ...[
            'cms',
            '-decrypt',
            '-binary',
            '-inform',
            'DER',
            '-in',
            bench.file(Buffer.from(sealed, 'base64')),
          ],
          ...['-recip', file('enb-certs', `${serial}.crt`), '-inkey', file('enb-keys', `${serial}.key`)],
        );
        const own = credentials.find(({ serialNumber }) => serialNumber === serial);
        assert(own);
        const { reference, secret } = own;
        assert.deepEqual((JSON.parse(plaintext.toString()) as Sealed).credential, { reference, secret });
      }
    });
  }
});
