import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { decodePem } from '../../../main/asn1/index.ts';
import { type Fault } from '../../../main/faults/index.ts';
import { faultRecord } from '../../../main/words/index.ts';
import {
  exactly,
  findEnbCertificate,
  nameToText,
  readEnbIdentity,
  validateCertificate,
  type Certificate,
} from '../../../main/pki/index.ts';
import { parseCertificates } from '../../../main/cms/index.ts';

const pathOf = (name: string) => join(import.meta.dirname, '..', '..', 'data', 'foreign-certificates', name);
const read = (name: string) => parseCertificates(readFileSync(pathOf(name)));
const certificatesOf = (name: string): readonly Certificate[] => {
  const certificates = read(name);
  assert(certificates.ok, JSON.stringify(certificates));
  return certificates.value;
};

/** What is wrong with an eNB's certificate, from the file to the eNB's name. */
function faultOf(name: string): Fault | undefined {
  const certificates = read(name);
  if (!certificates.ok) return certificates.fault;
  const [target] = certificates.value;
  assert(target);
  const path = validateCertificate({
    target,
    trustAnchors: certificatesOf('odd-root.pem'),
    intermediates: certificatesOf('odd-sub.pem'),
    crls: [],
    requireCrl: false,
    clock: exactly(new Date('2026-11-29T12:00:00Z')),
  });
  const identity = path.ok ? readEnbIdentity(target) : path;
  return identity.ok ? undefined : identity.fault;
}

describe('a certificate that breaks a rule is the vendor\u2019s to replace, and not damaged', () => {
  const cases: readonly (readonly [string, string, string, string | undefined])[] = [
    ['odd-bool-01.crt', 'certificate-malformed', 'der-boolean', undefined],
    ['odd-ecdsa-null-params.crt', 'certificate-malformed', 'ecdsa-parameters', undefined],
    ['odd-rdn-set-order.crt', 'certificate-malformed', 'der-set-order', undefined],
    ['odd-ku-trailing-bits.crt', 'certificate-extension-malformed', 'der-bit-string', '2.5.29.15'],
    ['odd-hwserial-slash.crt', 'enb-identity-missing', 'serial-number', 'NF/100 0001'],
    ['odd-hwserial-utf8.crt', 'enb-identity-missing', 'serial-number', 'NF-Ü1'],
  ];
  for (const [file, code, rule, found] of cases)
    test(file, () => {
      const fault = faultOf(file);
      assert(fault);
      assert.deepEqual([fault.code, fault.rule, fault.found], [code, rule, found]);
      const words = JSON.stringify(faultRecord(fault));
      assert.match(words, /vendor/);
      assert.doesNotMatch(words, /damaged|not DER|get .* again/i);
    });
});

describe('a certificate file', () => {
  const subjects = (name: string) => certificatesOf(name).map(({ subject }) => nameToText(subject));

  test('of PKCS#7 is read, the certificate before those that issued it', () => {
    assert.equal(subjects('odd-p7b.crt')[0], 'CN=enb-nf1000001');
    assert.equal(faultOf('odd-p7b.crt'), undefined);
    const [block] = decodePem(readFileSync(pathOf('odd-p7b.crt'), 'utf8'));
    assert(block);
    // The same in BER, as programs write it that do not know the length beforehand.
    const content = block.bytes.subarray(block.bytes[1] === 0x82 ? 4 : 3);
    const ber = Buffer.concat([Buffer.from([0x30, 0x80]), content, Buffer.from([0, 0])]);
    const parsed = parseCertificates(ber);
    assert(parsed.ok, JSON.stringify(parsed));
    assert.equal(nameToText(parsed.value[0]!.subject), 'CN=enb-nf1000001');
  });

  test('may begin with text that begins with the digit 0', () => {
    assert.equal(subjects('pem-text-begins-with-0.crt').length, 1);
  });

  test('with the root first has the eNB\u2019s certificate all the same', () => {
    const certificates = certificatesOf('chain-root-first.crt');
    const found = findEnbCertificate(certificates);
    assert(found);
    assert.ok(readEnbIdentity(found).ok);
    assert.notEqual(found, certificates[0]);
    const [, other] = [found, certificates[0]!];
    assert.equal(findEnbCertificate([other]), other);
    assert.equal(findEnbCertificate([]), undefined);
  });
});
