import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { certificatesToPem } from '../../../main/pki/index.ts';
import { createCore, initOfficeKey, takeOfficeCertificate } from '../../../main/core/index.ts';
import { ok } from '../../../main/faults/index.ts';
import { labOptions } from '../../kit/bundle.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { makeOperatorRoot } from '../../kit/issue-certificate.ts';
import { surroundingsIn } from '../../kit/operator.ts';
import { Workbench } from './openssl.ts';

const bench = new Workbench();
after(() => bench.remove());

const officeSigning = '2.25.67185770713137499404239916306837926263.4';
const folder = temporaryFolder();
const file = (name: string) => join(folder, name);
const root = makeOperatorRoot('Lab Operator', labOptions);
writeFileSync(file('root.pem'), certificatesToPem([root.certificate]));
const document = { name: 'Lab Operator', plmn: '00101', operatorRootCertificates: ['root.pem'], vendors: {} };
writeFileSync(file('operator.json'), JSON.stringify(document));
const core = createCore(surroundingsIn(join(folder, 'home')));
after(() => core.stores.close());
const place = { profile: file('operator.json'), folder: file('keys') };
const made = await initOfficeKey(core, { ...place, subject: undefined }, () =>
  Promise.resolve(ok(Buffer.from('open sesame'))),
);

describe('OpenSSL, of an office key that Siteseal makes,', () => {
  assert(made.ok, JSON.stringify(made));
  const { key, request } = made.value;

  it('verifies the request, and reads what it asks for', () => {
    const text = bench.run('req', '-verify', '-noout', '-text', '-in', request).toString();
    assert.match(text, /Subject: O ?= ?Lab Operator, CN ?= ?Lab Operator office/);
    assert.match(text, /Key Usage: critical\s+Digital Signature\s/);
    assert.ok(text.includes(officeSigning), text);
  });

  it('opens the key, which is encrypted with AES-256-CBC and PBKDF2', () => {
    const parsed = bench.run('asn1parse', '-in', key).toString();
    assert.match(parsed, /PBKDF2[\s\S]*aes-256-cbc/);
    bench.run('pkey', '-in', key, '-passin', 'pass:open sesame', '-noout');
  });

  it('issues the certificate, which Siteseal takes', () => {
    const certificate = file('issued.pem');
    writeFileSync(certificate, issueWithCa(request));
    const taken = takeOfficeCertificate(core, { ...place, certificate });
    assert(taken.ok, JSON.stringify(taken));
  });
});

/** Issues with `openssl ca`, which copies the extensions of the request. */
function issueWithCa(request: string): Buffer {
  const [index, serial] = [bench.file(''), bench.file('01\n')];
  const config = bench.file(
    [
      ...['[ca]', 'default_ca = one', '[one]', `database = ${index}`, `serial = ${serial}`],
      ...[`new_certs_dir = ${folder}`, 'default_md = sha256', 'policy = any', 'copy_extensions = copy'],
      ...['email_in_dn = no', 'unique_subject = no', 'x509_extensions = usual'],
      ...['[any]', 'organizationName = supplied', 'commonName = supplied'],
      ...['[usual]', 'basicConstraints = CA:FALSE', ''],
    ].join('\n'),
  );
  return bench.make(
    ...['ca', '-batch', '-notext', '-config', config, '-in', request],
    ...['-cert', file('root.pem'), '-keyfile', bench.key(root)],
    ...['-startdate', '20261101000000Z', '-enddate', '20301101000000Z'],
  );
}
