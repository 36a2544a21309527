import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodePem, der, encodePem, oids } from '../../../main/asn1/index.ts';
import { keySigner, makeCertificationRequest, readCertificationRequest } from '../../../main/keys/index.ts';
import { nameFromText, nameToText, spkiOf } from '../../../main/pki/index.ts';
import { rootFault } from '../../kit/fault.ts';
import { flipped } from '../../kit/flips.ts';
import { generateKey } from '../../kit/issue-certificate.ts';

const key = generateKey('P-256');
const signer = keySigner(key);
const subject = nameFromText('O=Example\\, Inc,CN=Office');
assert(signer && subject.ok);
const purpose = der.sequence(
  der.oid(oids.extendedKeyUsage),
  der.octetString(der.sequence(der.oid(oids.officeSigning))),
);
const asked = { subject: subject.value, spki: spkiOf(key), extensions: [purpose] };
const pem = await makeCertificationRequest(asked, signer);
const bytes = decodePem(pem)[0]?.bytes ?? new Uint8Array();

function refusal(file: Uint8Array) {
  const read = readCertificationRequest(file);
  assert(!read.ok);
  assert.equal(read.fault.code, 'request-unreadable');
  return rootFault(read.fault);
}

/** A request with this CertificationRequestInfo, signed by the key. */
async function signed(...info: readonly Uint8Array[]): Promise<Uint8Array> {
  const tbs = der.sequence(...info);
  const algorithm = der.sequence(der.oid(oids.ecdsaWithSha256));
  return der.sequence(tbs, algorithm, der.bitString((await signer?.sign(tbs)) ?? new Uint8Array()));
}

const attribute = (type: string, value: Uint8Array) => der.sequence(der.oid(type), der.setOf([value]));
const extensions = attribute(oids.extensionRequest, der.sequence(purpose));
const parts = [der.integer(0), asked.subject.der, asked.spki] as const;

describe('a certification request', () => {
  const older = encodePem('NEW CERTIFICATE REQUEST', bytes);
  const forms = { PEM: Buffer.from(pem), DER: bytes, 'PEM of older programs': Buffer.from(older) };
  for (const [form, file] of Object.entries(forms))
    it(`is read from ${form} as it was made`, () => {
      const read = readCertificationRequest(file);
      assert(read.ok, JSON.stringify(read));
      assert.equal(nameToText(read.value.subject), 'O=Example\\, Inc,CN=Office');
      assert.deepEqual(Buffer.from(read.value.publicKey.spki), Buffer.from(asked.spki));
      assert.deepEqual([...read.value.extensions.keys()], [oids.extendedKeyUsage]);
    });

  it('that has changed in any byte is refused', () => {
    for (let bit = 0; bit < bytes.length * 8; bit += 5)
      assert(!readCertificationRequest(flipped(bytes, bit)).ok, String(bit));
  });

  it('may ask for nothing, and may have other attributes', async () => {
    const challenge = attribute('1.2.840.113549.1.9.7', der.utf8String('secret'));
    for (const attributes of [[], [challenge], [challenge, extensions]]) {
      const read = readCertificationRequest(await signed(...parts, der.setOf(attributes, 0xa0)));
      assert(read.ok, JSON.stringify(read));
    }
  });

  it('of another version, with its extensions twice, or with something after them, is refused', async () => {
    const attributes = der.setOf([extensions], 0xa0);
    const version = await signed(der.integer(1), parts[1], parts[2], attributes);
    assert.equal(refusal(version).rule, 'request-version');
    const twice = await signed(...parts, der.setOf([extensions, extensions], 0xa0));
    assert.equal(refusal(twice).rule, 'request-extensions-twice');
    assert.equal(refusal(await signed(...parts, attributes, der.null)).rule, 'der-trailing');
  });

  it('is not another file', () => {
    assert.equal(refusal(new Uint8Array()).code, 'request-unreadable');
    assert.equal(refusal(Buffer.from(encodePem('CERTIFICATE', bytes))).found, 'CERTIFICATE');
    assert.equal(refusal(Buffer.concat([bytes, Uint8Array.of(0)])).code, 'der-malformed');
  });
});
