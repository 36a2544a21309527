import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Registrations, registrationsFormat } from '../../../../main/lab/index.ts';
import { nameToText } from '../../../../main/pki/index.ts';
import { registrationsIn } from '../../../kit/registrations.ts';

const enb = { hwType: '1.3.6.1.4.1.99999.1', serialNumber: 'LAB0001' };
const subject = 'C=FI,O=Operator,CN=LAB0001';
const secret = 'never shown anywhere';
const mac = { ...enb, protection: 'mac', subject, credential: { reference: 'ref-1', secret } };
const certified = { ...enb, protection: 'vendor-certificate', subject };

const bytesOf = (...registrations: readonly unknown[]) =>
  Buffer.from(JSON.stringify({ format: registrationsFormat, registrations }));

function read(...registrations: readonly unknown[]): Registrations {
  const result = registrationsIn(bytesOf(...registrations));
  assert(result.ok, JSON.stringify(result));
  return result.value;
}

describe('the registrations of an RA/CA', () => {
  it('are found by the bytes of their reference', () => {
    const reference = 'ref-é';
    const registrations = read({ ...mac, credential: { reference, secret: 'geheim ü' } });
    const found = registrations.byReference(Buffer.from(reference));
    assert.deepEqual(found?.secret, Buffer.from('geheim ü'));
    const { registration } = found;
    assert.deepEqual(registration.enb, enb);
    assert.equal(registration.protection, 'mac');
    assert(registration.subject);
    assert.equal(nameToText(registration.subject), subject);
    assert.deepEqual(registration.subjectAltNames, []);
    assert.equal(registration.isBound, true);
    for (const other of ['ref-e', 'ref-é ', 'REF-É', '', 'ref-é'.normalize('NFD')])
      assert.equal(registrations.byReference(Buffer.from(other)), undefined);
    assert.equal(registrations.byReference(Buffer.from(reference, 'latin1')), undefined);
  });

  it('are found by the identity of the eNB, by hardware type and serial number', () => {
    const registrations = read({ ...certified, subjectAltNames: ['dns:enb.example'] });
    assert.deepEqual(registrations.byEnb(enb)?.subjectAltNames, ['dns:enb.example']);
    assert.equal(registrations.byEnb({ ...enb, serialNumber: 'lab0001' }), undefined);
    assert.equal(registrations.byEnb({ ...enb, hwType: '1.2.3' }), undefined);
  });

  it('allow what is for a vendor certificate to an eNB that also has a credential', () => {
    for (const entries of [
      [mac, certified],
      [certified, mac],
    ])
      assert.equal(read(...entries).byEnb(enb)?.protection, 'vendor-certificate');
    assert.equal(read(mac).byEnb(enb)?.protection, 'mac');
  });

  it('may leave the subject open, and a credential unbound, only to test with', () => {
    const { subject: _, ...open } = mac;
    const registrations = read({ ...open, bound: false });
    const found = registrations.byReference(Buffer.from('ref-1'));
    assert.equal(found?.registration.subject, undefined);
    assert.equal(found?.registration.isBound, false);
    assert.equal(registrations.unbound, 1);
    assert.equal(read(mac, certified).unbound, 0);
  });

  const second = { ...mac, credential: { reference: 'ref-2', secret } };
  const { subject: _, ...withoutSubject } = mac;
  const { credential: __, ...withoutCredential } = mac;
  const refusals: readonly (readonly [
    why: string,
    entries: readonly unknown[],
    field: string,
    rule: string,
  ])[] = [
    [
      'a reference twice',
      [mac, second, mac],
      'registrations.2.credential.reference',
      'registration-reference',
    ],
    ['an eNB twice', [certified, certified], 'registrations.1.serialNumber', 'registration-enb'],
    [
      'MAC without a credential',
      [withoutCredential],
      'registrations.0.credential',
      'registration-credential',
    ],
    [
      'a credential beside a vendor certificate',
      [{ ...certified, credential: mac.credential }],
      'registrations.0.credential',
      'registration-credential',
    ],
    ['no subject', [mac, withoutSubject], 'registrations.1.subject', 'registration-subject'],
    [
      'a subject that is no name',
      [{ ...mac, subject: secret }],
      'registrations.0.subject',
      'distinguished-name',
    ],
    [
      'an alternative name without a form',
      [{ ...mac, subjectAltNames: ['dns:a', secret] }],
      'registrations.0.subjectAltNames.1',
      'subject-alt-name',
    ],
    [
      'a serial number with a slash',
      [{ ...mac, serialNumber: '../A' }],
      'registrations.0.serialNumber',
      'serial-number',
    ],
    ['a hardware type in words', [{ ...mac, hwType: secret }], 'registrations.0.hwType', 'json-oid'],
    ['another protection', [{ ...mac, protection: secret }], 'registrations.0.protection', 'json-type'],
    ['a member that is unknown', [{ ...mac, secret }], 'registrations.0.secret', 'json-unknown-member'],
    [
      'an empty reference',
      [{ ...mac, credential: { reference: '', secret } }],
      'registrations.0.credential.reference',
      'json-empty',
    ],
    [
      'an empty secret',
      [{ ...mac, credential: { reference: 'ref-1', secret: '' } }],
      'registrations.0.credential.secret',
      'json-empty',
    ],
    ['null for an absent member', [{ ...mac, bound: null }], 'registrations.0.bound', 'json-type'],
  ];
  for (const [why, entries, field, rule] of refusals) {
    it(`are refused with ${why}, by the entry and the rule alone`, () => {
      const result = registrationsIn(bytesOf(...entries));
      assert(!result.ok);
      assert.deepEqual(result.fault, { code: 'json-malformed', rule, where: { field } });
    });
  }

  it('are refused in another format, and with anything after the document', () => {
    for (const text of [
      '[]',
      '{"registrations":[]}',
      '{"format":"siteseal-lab-registrations/2","registrations":[]}',
      `${bytesOf(mac).toString()} {}`,
    ]) {
      const result = registrationsIn(Buffer.from(text));
      assert.equal(!result.ok && result.fault.code, 'json-malformed', text);
    }
  });

  it('may be many', () => {
    const entries = Array.from({ length: 5_000 }, (_, index) => ({
      ...mac,
      serialNumber: `LAB${index}`,
      credential: { reference: `ref-${index}`, secret: `${secret} ${index}` },
    }));
    const registrations = read(...entries);
    assert.deepEqual(
      registrations.byReference(Buffer.from('ref-4999'))?.secret,
      Buffer.from(`${secret} 4999`),
    );
  });

  it('keep every reference and secret byte for byte, whatever they are', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter(isText);
    const credentials = fc.uniqueArray(fc.record({ reference: text, secret: text }), {
      selector: ({ reference }) => reference,
      maxLength: 8,
    });
    fc.assert(
      fc.property(credentials, (all) => {
        const registrations = read(...all.map((credential) => ({ ...mac, credential })));
        for (const { reference, secret } of all)
          assert.deepEqual(registrations.byReference(Buffer.from(reference))?.secret, Buffer.from(secret));
      }),
    );
  });

  it('never make it throw or show a secret, whatever has been changed in the document', () => {
    const good = bytesOf(mac, second, certified).toString();
    fc.assert(
      fc.property(
        fc.nat(good.length),
        fc.nat(12),
        fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('null', '{', '}', '[', ']', '"', ',', '1e9')),
        (at, length, instead) => {
          const changed = good.slice(0, at) + instead + good.slice(at + length);
          const result = registrationsIn(Buffer.from(changed));
          if (!result.ok) assert(!JSON.stringify(result.fault).includes(secret));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

/** Whether JSON can hold the text as I-JSON demands. */
function isText(text: string): boolean {
  return text.isWellFormed() && !/\p{Noncharacter_Code_Point}/u.test(text) && text.length <= 1024;
}
