import assert from 'node:assert/strict';
import { createHash, createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import {
  acceptanceCodes,
  openRegistration,
  outerSha256,
  verifyReceipt,
  type Configuration,
} from '../../../main/bundle/index.ts';
import { canonicalise, type JsonObject } from '../../../main/json/index.ts';
import { isTrainingCertificate } from '../../../main/pki/index.ts';
import { subjectOf } from '../../kit/bundle.ts';
import { registrationContent, registrationFolder } from '../../vectors/registration-vector.ts';
import {
  judgeVector,
  readVector,
  readVectorCertificate,
  readVectorEnb,
  readVectorFile,
  vectorsFolder,
} from '../../vectors/vector.ts';

const { bundles, receipts } = readVectorFile();

suite('bundles of docs/test-vectors', () => {
  for (const vector of bundles) {
    test(`${vector.file}: ${vector.shows}`, () => {
      assert.deepEqual(judgeVector(vector), vector.verdict);
    });
  }

  test('every code of the acceptance has a bundle that is refused for it alone', () => {
    const refusals = bundles.map(({ verdict }) =>
      verdict.checks.filter((check) => check.ok === false).map(({ code }) => code),
    );
    for (const code of acceptanceCodes)
      assert(
        refusals.some((codes) => codes.length === 1 && codes[0] === code),
        code,
      );
  });

  test('folders say which bundles are accepted', () => {
    for (const { file, verdict } of bundles)
      assert.equal(verdict.accepted, !file.startsWith('refused/'), file);
  });
});

suite('receipts of docs/test-vectors', () => {
  for (const { file, shows, at, context, valid } of receipts) {
    test(`${file}: ${shows}`, () => {
      const verified = verifyReceipt(readVector(file), {
        vendorRoots: context.vendorRoots.map(readVectorCertificate),
        clock: { now: new Date(at), isExact: true },
        enb: readVectorEnb(context.enb.certificate),
        subject: subjectOf(readVector(context.bundle)),
        challenge: context.challenge,
      });
      assert.equal(verified.ok, valid);
    });
  }
});

suite('files of docs/test-vectors', () => {
  test('each bundle and receipt there is a vector', () => {
    const named = new Set([...bundles, ...receipts].map(({ file }) => file));
    for (const folder of ['accepted', 'refused'])
      for (const name of readdirSync(join(vectorsFolder, folder)))
        assert(named.has(`${folder}/${name}`), `${folder}/${name}`);
  });

  test('every certificate whose key is published is marked as training', () => {
    const certificates = readdirSync(join(vectorsFolder, 'keys')).filter((name) => name.endsWith('.crt'));
    for (const name of certificates)
      assert(isTrainingCertificate(readVectorCertificate(`keys/${name}`)), name);
  });

  test('the parts of the example fit together', () => {
    const content = readVector('example/LAB0001.content.txt').toString();
    const configuration = JSON.parse(content) as Configuration;
    const { sealed = '', ...outer } = configuration;
    const plaintext = JSON.parse(readVector('example/LAB0001.plaintext.txt').toString()) as JsonObject;
    const receipt = JSON.parse(readVector('example/LAB0001.receipt.txt').toString()) as JsonObject;
    assert.equal(readVector('example/LAB0001.outer.txt').toString(), canonicalise(outer as JsonObject));
    assert.equal(readVector('example/LAB0001.sealed.der').toString('base64'), sealed);
    assert.equal(plaintext['outerSha256'], outerSha256(configuration));
    const enb = readVectorCertificate('keys/LAB0001.crt');
    assert.equal(configuration.enb.certificateSha256, enb.sha256);
    const bundleSha256 = createHash('sha256').update(readVector('example/LAB0001.p7m')).digest('hex');
    assert.equal(receipt['bundleSha256'], bundleSha256);
  });
});

suite('the registration of docs/test-vectors', () => {
  const read = (name: string) => readFileSync(join(registrationFolder, name));

  test('opens for the RA/CA, and says what is published', () => {
    const opened = openRegistration(read('registration.p7m'), createPrivateKey(read('ra.key')), [
      readVectorCertificate('keys/configuration.crt'),
    ]);
    assert(opened.ok, JSON.stringify(opened));
    assert.deepEqual(opened.value, registrationContent);
    assert.deepEqual(JSON.parse(String(read('registration.json'))), registrationContent);
  });
});
