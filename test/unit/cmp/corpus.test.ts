import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { decode, der, tags } from '../../../main/asn1/index.ts';
import { readMessage, saidIn } from '../../../main/cmp/index.ts';
import { isMac } from '../../../main/cmp/mac.ts';
import { checkMac, judgeSignature } from '../../../main/cmp/protection.ts';
import { exactly } from '../../../main/pki/index.ts';
import { read } from '../../kit/cmp-answers.ts';
import { secret } from '../../kit/cmp.ts';

const folder = join(import.meta.dirname, '../../data/cmp');
const files = readdirSync(folder).filter((file) => file.endsWith('.der'));
const bytesOf = (file: string) => readFileSync(join(folder, file));

/** The body of each message, its protection, and how many certificates come with it. */
const expected: Readonly<Record<string, string>> = {
  'openssl-certconf-mac.der': 'certConf mac 0',
  'openssl-certconf-signed.der': 'certConf signature 2',
  'openssl-cp.der': 'cp signature 2',
  'openssl-error.der': 'error mac 0',
  'openssl-genm.der': 'genm mac 0',
  'openssl-genp.der': 'genp mac 0',
  'openssl-ip-mac.der': 'ip mac 1',
  'openssl-ip-signed.der': 'ip signature 2',
  'openssl-ip-waiting.der': 'ip mac 0',
  'openssl-ir-mac.der': 'ir mac 0',
  'openssl-ir-signed.der': 'ir signature 2',
  'openssl-kup.der': 'kup signature 2',
  'openssl-kur.der': 'kur signature 2',
  'openssl-p10cr.der': 'p10cr signature 2',
  'openssl-pkiconf-mac.der': 'pkiconf mac 0',
  'openssl-pkiconf-signed.der': 'pkiconf signature 2',
  'openssl-pollrep.der': 'pollRep mac 0',
  'openssl-pollreq.der': 'pollReq mac 0',
  'openssl-rp.der': 'rp signature 2',
  'openssl-rr.der': 'rr signature 2',
  'siteseal-certconf.der': 'certConf mac 0',
  'siteseal-error-open.der': 'error none 1',
  'siteseal-ip-pbm.der': 'ip mac 1',
  'siteseal-ip-signed.der': 'ip signature 2',
  'siteseal-ir-pbm.der': 'ir mac 0',
  'siteseal-ir-pbmac1.der': 'ir mac 0',
  'siteseal-ir-signed.der': 'ir signature 2',
  'siteseal-rr.der': 'rr signature 2',
};

function kindOf(file: string): 'mac' | 'signature' | 'none' {
  const { protection, header } = read(bytesOf(file));
  if (!protection) return 'none';
  return isMac(header.protectionAlgorithm ?? new Uint8Array()) ? 'mac' : 'signature';
}

describe('a message of the corpus', () => {
  it('is read as what it is', () => {
    const found = files.map((file) => {
      const { body, extraCerts } = read(bytesOf(file));
      return [file, `${body.type} ${kindOf(file)} ${extraCerts.length}`];
    });
    assert.deepEqual(Object.fromEntries(found), expected);
  });

  it('holds under its secret, and under no other', () => {
    for (const file of files.filter((one) => kindOf(one) === 'mac')) {
      const message = read(bytesOf(file));
      const isOpenssl = file.startsWith('openssl');
      const own = isOpenssl ? Buffer.from('secret') : secret;
      assert.deepEqual(checkMac(message, own, { allowHmacSha1: true }), { ok: true, value: true }, file);
      const other = checkMac(message, Buffer.from('Secret'), { allowHmacSha1: true });
      assert.deepEqual(other, { ok: true, value: false }, file);
      const strict = checkMac(message, own);
      assert.equal(strict.ok, !isOpenssl, file);
    }
  });

  it('is signed by the certificate that comes with it, which nobody trusts', () => {
    for (const file of files.filter((one) => kindOf(one) === 'signature')) {
      const trust = { trustAnchors: [], intermediates: [], clock: exactly(new Date('2026-12-01')) };
      const judged = judgeSignature(read(bytesOf(file)), trust);
      assert(!judged.ok);
      assert.equal(judged.fault.code, 'cmp-signer-unfit', file);
    }
  });

  it('says what its error says', () => {
    assert.match(saidIn(bytesOf('openssl-error.der')), /error processing message.*badRequest/);
    assert.equal(saidIn(bytesOf('siteseal-error-open.der')), 'Your clock is wrong. (badTime)');
  });
});

/** The elements of a message: header, body, protection, extraCerts. */
function partsOf(bytes: Uint8Array): readonly Uint8Array[] {
  const parts = decode(bytes, (reader) =>
    reader.sequence((inner) => inner.rest((one) => one.element().bytes)),
  );
  assert(parts.ok);
  return parts.value;
}

/** A message whose header has other fields. */
function withFields(bytes: Uint8Array, change: (fields: readonly Uint8Array[]) => readonly Uint8Array[]) {
  const [header = new Uint8Array(), ...rest] = partsOf(bytes);
  return der.sequence(der.sequence(...change(partsOf(header))), ...rest);
}

const longLength = (bytes: Uint8Array) => {
  const contents = bytes.subarray(4);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(contents.length);
  return Buffer.concat([Uint8Array.of(tags.sequence, 0x84), length, contents]);
};

/** What makes a good message one that is not read. */
const changes: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  'a byte after it': (bytes) => Buffer.concat([bytes, Uint8Array.of(0)]),
  'its last byte missing': (bytes) => bytes.subarray(0, -1),
  'an indefinite length': (bytes) =>
    Buffer.concat([Uint8Array.of(tags.sequence, 0x80), bytes.subarray(4), Uint8Array.of(0, 0)]),
  'a length that is too long': longLength,
  'two messages': (bytes) => Buffer.concat([bytes, bytes]),
  'no header': (bytes) => der.sequence(...partsOf(bytes).slice(1)),
  'no body': (bytes) => der.sequence(...partsOf(bytes).filter((_, index) => index !== 1)),
  'two bodies': (bytes) => {
    const [header = new Uint8Array(), body = new Uint8Array(), ...rest] = partsOf(bytes);
    return der.sequence(header, body, body, ...rest);
  },
  'its parts reversed': (bytes) => der.sequence(...partsOf(bytes).toReversed()),
  'another part at its end': (bytes) => der.sequence(...partsOf(bytes), der.explicit(2, der.null)),
  'no certificate in extraCerts': (bytes) =>
    der.sequence(...partsOf(bytes).slice(0, 3), der.explicit(1, der.sequence())),
  'something else in extraCerts': (bytes) =>
    der.sequence(...partsOf(bytes).slice(0, 3), der.explicit(1, der.sequence(der.null))),
  'unused bits in its protection': (bytes) =>
    der.sequence(
      ...partsOf(bytes).slice(0, 2),
      der.explicit(0, der.element(tags.bitString, Uint8Array.of(4, 0xf0))),
    ),
  'fields of its header in another order': (bytes) =>
    withFields(bytes, (fields) => [...fields.slice(0, 3), ...fields.slice(3).toReversed()]),
  'a field of its header twice': (bytes) =>
    withFields(bytes, (fields) => fields.flatMap((field, index) => (index === 4 ? [field, field] : [field]))),
  'an unknown field in its header': (bytes) =>
    withFields(bytes, (fields) => [...fields, der.explicit(9, der.null)]),
  'a negative version': (bytes) =>
    withFields(bytes, (fields) => [der.element(tags.integer, Uint8Array.of(0xff)), ...fields.slice(1)]),
  'a version that is too long': (bytes) =>
    withFields(bytes, (fields) => [der.element(tags.integer, Uint8Array.of(0, 2)), ...fields.slice(1)]),
};

describe('a message is not read with', () => {
  for (const [what, change] of Object.entries(changes))
    it(what, () => {
      for (const file of files.filter((one) => kindOf(one) !== 'none')) {
        const read = readMessage(change(bytesOf(file)));
        assert(!read.ok, file);
        assert.equal(read.fault.code, 'cmp-malformed');
      }
    });
});
