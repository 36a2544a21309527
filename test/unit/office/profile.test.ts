import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ok, type Fault } from '../../../main/faults/index.ts';
import { issue, makeConfigurationKey, makeVendor, type KeyPair } from '../../kit/issue-certificate.ts';
import { readProfile } from '../../../main/office/profile.ts';
import { authorisationFor, issueCrl, referenceOperator, type CrlContents } from '../../kit/bundle.ts';
import { makeCrl } from '../../kit/pki.ts';
import { LabOffice, referenceOffice, referenceRows, referenceVendors } from '../../kit/operator.ts';
import { rootFault } from '../../kit/fault.ts';

const office = new LabOffice();
office.writeInventory([office.row('LAB0001')]);
const profileFile = office.path('operator.json');

/** Code, rule, field, and the root cause's code and rule: all that a script can tell a fault by. */
function summary(fault: Fault): string {
  const root = rootFault(fault);
  const cause = root === fault ? [] : ['because', root.code, root.rule];
  return [fault.code, fault.rule, fault.where?.field, ...cause]
    .filter((part) => part !== undefined)
    .join(' ');
}

function refusal(contents: string | Uint8Array): string {
  office.write('operator.json', contents);
  const read = readProfile(profileFile);
  assert(!read.ok);
  assert.equal(read.fault.where?.file, profileFile);
  return summary(read.fault);
}

function refusalOf(changes: object): string {
  office.writeProfile(changes);
  return refusal(readFileSync(profileFile));
}

function read(changes: object = {}) {
  office.writeProfile(changes);
  const profile = readProfile(profileFile);
  assert(profile.ok, JSON.stringify(profile));
  return profile.value;
}

const vendors = (changes: object) => ({ vendors: { lab: office.vendorMember(changes) } });

describe('a profile', () => {
  it('has defaults for all that it may leave out', () => {
    const { document } = read({ securityGateways: { 'seg1.example': {} } });
    const secrets = { minimumSecretLength: 12, unusualCredentials: false };
    const enrolment = {
      protection: 'mac',
      subject: 'CN={serial}',
      subjectAltNames: [],
      renewAt: 70,
      ...secrets,
    };
    assert.deepEqual(document.enrolment, enrolment);
    assert.deepEqual(document.securityGateways, { 'seg1.example': {} });
    assert.deepEqual(document.initialIpsec, {
      required: true,
      identity: 'dn',
      proposals: ['aes128gcm16-prfsha256-ecp256', 'aes128-sha256-ecp256'],
      espProposals: ['aes128gcm16', 'aes128-sha256'],
    });
    assert.deepEqual(read({ enrolment: { subject: 'O=X,CN={serial}' } }).document.enrolment, {
      ...enrolment,
      subject: 'O=X,CN={serial}',
    });
  });

  it('names files relative to itself', () => {
    office.write('operator.json', readFileSync(office.writeProfile({})));
    mkdirSync(office.path('sub'), { recursive: true });
    const roots = ['../operator-root.pem', office.path('operator-root.pem')];
    const vendor = Object.fromEntries(
      Object.entries(office.vendorMember()).filter(([name]) => name !== 'intermediates'),
    );
    const moved = {
      ...vendor,
      rootCertificates: ['../vendor-root.pem'],
      configurationKey: { pkcs8: '../configuration.key', certificates: ['../configuration.pem'] },
    };
    office.writeProfile({ operatorRootCertificates: roots, vendors: { lab: moved } }, 'sub/operator.json');
    const profile = readProfile(office.path('sub', 'operator.json'));
    assert(profile.ok, JSON.stringify(profile));
    assert.equal(profile.value.operatorRoots.length, 2);
  });

  it('that is not there is file-unreadable, one that is endless file-too-large', () => {
    const missing = readProfile(office.path('missing.json'));
    assert(!missing.ok);
    assert.deepEqual([missing.fault.code, missing.fault.found], ['file-unreadable', 'ENOENT']);
    assert.equal(refusal(' '.repeat(1024 * 1024 + 1)), 'file-too-large');
  });

  const garbage: readonly (readonly [name: string, contents: string | Uint8Array, rule: string])[] = [
    ['empty', '', 'json-syntax'],
    ['no JSON', 'name: x', 'json-syntax'],
    ['cut off', '{"name": "x"', 'json-syntax'],
    ['with a comment', '{} // x', 'json-syntax'],
    ['in UTF-16', Buffer.from('\ufeff{}', 'utf16le'), 'json-utf8'],
    ['an array', '[]', 'json-type'],
    ['null', 'null', 'json-type'],
  ];
  for (const [name, contents, rule] of garbage) {
    it(`that is ${name} is profile-invalid`, () => {
      assert.match(refusal(contents), new RegExp(`^profile-invalid ${rule}`));
    });
  }

  it('that is another document names no member, as none is wrong', () => {
    const read = readProfile(office.write('other.json', '[]'));
    assert(!read.ok);
    assert.deepEqual(read.fault.where, { file: office.path('other.json') });
  });

  it('with a name twice is profile-invalid', () => {
    assert.equal(refusal('{"name": "x", "name": "y"}'), 'profile-invalid json-duplicate-name');
  });

  it('without a required member is profile-invalid, and names it', () => {
    for (const name of ['name', 'plmn', 'operatorRootCertificates', 'vendors']) {
      assert.equal(refusalOf({ [name]: undefined }), `profile-invalid json-type ${name}`);
    }
    assert.equal(
      refusalOf(vendors({ rootCertificates: undefined })),
      'profile-invalid json-type vendors.lab.rootCertificates',
    );
    assert.equal(
      refusalOf(vendors({ configurationKey: undefined })),
      'profile-invalid json-type vendors.lab.configurationKey',
    );
  });

  it('with a member that there is not is profile-invalid, and names it, at every depth', () => {
    const members: readonly (readonly [field: string, changes: object])[] = [
      ['passphrase', { passphrase: 'x' }],
      ['enrolment.passphrase', { enrolment: { passphrase: 'x' } }],
      ['securityGateways.seg.x', { securityGateways: { seg: { x: 1 } } }],
      ['initialIpsec.proposal', { initialIpsec: { proposal: [] } }],
      ['vendors.lab.crl', vendors({ crl: [] })],
    ];
    for (const [field, changes] of members) {
      assert.equal(refusalOf(changes), `profile-invalid json-unknown-member ${field}`);
    }
    const key = { pkcs8: 'configuration.key', certificates: ['configuration.pem'], passphrase: 'x' };
    assert.match(
      refusalOf(vendors({ configurationKey: key })),
      /^profile-invalid \S+ vendors\.lab\.configurationKey/,
    );
  });

  const invalid: readonly (readonly [name: string, changes: object, rule: string, field: string])[] = [
    ['an empty name', { name: '' }, 'json-type', 'name'],
    ['a name with control characters', { name: 'a\u0007' }, 'label', 'name'],
    ['a PLMN of four digits', { plmn: '2449' }, 'plmn', 'plmn'],
    ['a PLMN that is a number', { plmn: 24491 }, 'json-type', 'plmn'],
    ['no operator root', { operatorRootCertificates: [] }, 'json-type', 'operatorRootCertificates'],
    ['null where something may be left out', { enrolment: null }, 'json-type', 'enrolment'],
    ['another protection', { enrolment: { protection: 'none' } }, 'json-type', 'enrolment.protection'],
    ['a renewal before the start', { enrolment: { renewAt: 0 } }, 'renew-at', 'enrolment.renewAt'],
    ['a renewal near the end', { enrolment: { renewAt: 96 } }, 'renew-at', 'enrolment.renewAt'],
    ['a renewal in half percents', { enrolment: { renewAt: 1.5 } }, 'json-type', 'enrolment.renewAt'],
    [
      'a subject that is no name',
      { enrolment: { subject: '{serial}' } },
      'distinguished-name',
      'enrolment.subject',
    ],
    [
      'an alternative name of no known form',
      { enrolment: { subjectAltNames: ['dns:{serial}.enb.example', '{serial}'] } },
      'subject-alt-name',
      'enrolment.subjectAltNames.1',
    ],
    [
      'a subnet without prefix',
      { securityGateways: { seg: { remoteSubnets: ['192.0.2.0'] } } },
      'address-with-prefix',
      'securityGateways.seg.remoteSubnets.0',
    ],
    [
      'one gateway in two spellings',
      { securityGateways: { 'Seg.example': {}, 'seg.example': {} } },
      'hosts-once',
      'securityGateways',
    ],
    [
      'a proposal of words for one gateway',
      { securityGateways: { seg: { espProposals: ['AES 128'] } } },
      'proposal',
      'securityGateways.seg.espProposals.0',
    ],
    [
      'two inner addresses of one family',
      { securityGateways: { seg: { inner: { method: 'static', addresses: ['192.0.2.1', '192.0.2.2'] } } } },
      'inner-addresses',
      'securityGateways.seg.inner',
    ],
    ['a name of a DNS server', { enrolment: { dns: ['dns.example'] } }, 'address', 'enrolment.dns.0'],
    ['another kind of identity', { initialIpsec: { identity: 'ip' } }, 'json-type', 'initialIpsec.identity'],
    [
      'no subnet',
      { securityGateways: { seg: { remoteSubnets: [] } } },
      'json-type',
      'securityGateways.seg.remoteSubnets',
    ],
    [
      'a proposal of words',
      { initialIpsec: { proposals: ['AES 128'] } },
      'proposal',
      'initialIpsec.proposals.0',
    ],
    ['no proposal', { initialIpsec: { espProposals: [] } }, 'json-type', 'initialIpsec.espProposals'],
    ['a key in no form', vendors({ configurationKey: {} }), 'json-type', 'vendors.lab.configurationKey'],
  ];
  for (const [name, changes, rule, field] of invalid) {
    it(`with ${name} is profile-invalid, and names the member`, () => {
      assert.equal(refusalOf(changes), `profile-invalid ${rule} ${field}`);
    });
  }

  it('may name security gateways by name or address, and nothing else', () => {
    read({ securityGateways: { 'seg.example': {}, '198.51.100.1': {}, '2001:db8::1': {} } });
    assert.match(refusalOf({ securityGateways: { 'seg 1': {} } }), /^profile-invalid \S+ securityGateways/);
  });
});

describe('a file that the profile names', () => {
  office.write('garbage', randomBytes(100));
  office.write('empty', '');
  const key = (changes: object) =>
    vendors({
      configurationKey: { pkcs8: 'configuration.key', certificates: ['configuration.pem'], ...changes },
    });
  const members: readonly (readonly [
    field: string,
    changesFor: (name: string) => object,
    garbage: string,
  ])[] = [
    ['operatorRootCertificates', (name) => ({ operatorRootCertificates: [name] }), 'certificate-unreadable'],
    [
      'vendors.lab.rootCertificates',
      (name) => vendors({ rootCertificates: [name] }),
      'certificate-unreadable',
    ],
    ['vendors.lab.intermediates', (name) => vendors({ intermediates: [name] }), 'certificate-unreadable'],
    ['vendors.lab.crls', (name) => vendors({ crls: [name] }), 'crl-unreadable'],
    [
      'vendors.lab.configurationKey.certificates',
      (name) => key({ certificates: [name] }),
      'certificate-unreadable',
    ],
  ];
  for (const [field, changesFor, code] of members) {
    it(`in ${field}: missing, a folder, empty or garbage, it is named`, () => {
      const refuse = (name: string) => {
        office.writeProfile(changesFor(name));
        const profile = readProfile(profileFile);
        assert(!profile.ok);
        const { fault } = profile;
        assert.deepEqual(
          [fault.code, fault.rule, fault.where?.field, fault.found],
          ['profile-invalid', 'profile-file', field, name],
        );
        return fault.because?.code;
      };
      assert.equal(refuse('missing'), 'file-unreadable');
      assert.equal(refuse('.'), 'file-unreadable');
      assert.equal(refuse('empty'), code);
      assert.equal(refuse('garbage'), code);
      assert.equal(refuse('configuration.key'), code);
    });
  }

  it('as a key is named when it is missing, and refused as a key when it is garbage', async () => {
    const missing = 'profile-invalid profile-file vendors.lab.configurationKey';
    assert.equal(refusalOf(key({ pkcs8: 'missing' })), `${missing}.pkcs8 because file-unreadable`);
    const pkcs12 = (name: string) => vendors({ configurationKey: { pkcs12: name } });
    assert.equal(refusalOf(pkcs12('missing')), `${missing}.pkcs12 because file-unreadable`);
    for (const name of ['garbage', 'empty', 'configuration.pem']) {
      office.writeProfile(key({ pkcs8: name }));
      const pkcs8Fault = await office.refusal();
      assert.deepEqual([pkcs8Fault.code, pkcs8Fault.where?.file], ['key-unreadable', name]);
      office.writeProfile(pkcs12(name));
      const pkcs12Fault = await office.refusal();
      assert.deepEqual([pkcs12Fault.code, pkcs12Fault.where?.file], ['pkcs12-unreadable', name]);
    }
  });
});

describe('roots', () => {
  it('are all of the lab or all real, and the profile is for training accordingly', () => {
    assert.equal(read().training, false);
    const lab = new LabOffice({ training: true });
    const training = readProfile(lab.path('operator.json'));
    assert(training.ok && training.value.training);
    const mixed = 'profile-invalid profile-training vendors';
    office.writeCertificate('lab-vendor-root.pem', lab.vendor.root);
    office.writeCertificate('lab-operator-root.pem', lab.operatorRoot);
    assert.equal(refusalOf(vendors({ rootCertificates: ['lab-vendor-root.pem'] })), mixed);
    assert.equal(refusalOf(vendors({ rootCertificates: ['vendor-root.pem', 'lab-vendor-root.pem'] })), mixed);
    assert.equal(refusalOf({ operatorRootCertificates: ['lab-operator-root.pem'] }), mixed);
    assert.equal(
      refusalOf({ operatorRootCertificates: ['operator-root.pem', 'lab-operator-root.pem'] }),
      mixed,
    );
  });

  it('are certificates of CAs', () => {
    const fault = 'profile-invalid root-certificate';
    assert.equal(
      refusalOf({ operatorRootCertificates: ['LAB0001.pem'] }),
      `${fault} operatorRootCertificates`,
    );
    assert.equal(
      refusalOf(vendors({ rootCertificates: ['configuration.pem'] })),
      `${fault} vendors.lab.rootCertificates`,
    );
  });
});

it('the roots of a vendor are no certificates below a root: eNBs have only the root', () => {
  assert.equal(
    refusalOf(vendors({ rootCertificates: ['vendor-issuing.pem'] })),
    'profile-invalid vendor-root vendors.lab.rootCertificates',
  );
});

/** The summary of the refusal of a run with the office's profile changed. */
async function runRefusal(changes: object): Promise<string> {
  office.writeProfile(changes);
  return summary(await office.refusal({ dryRun: true }));
}

async function runs(changes: object): Promise<void> {
  office.writeProfile(changes);
  const { refused } = await office.report({ dryRun: true });
  assert.equal(refused, 0);
}

describe('a configuration key', () => {
  const { configurationKey, vendor, options } = office;
  const scope = authorisationFor(['LAB0000-LAB9999']);
  const cipher = { cipher: 'aes-256-cbc', passphrase: office.passphrase } as const;
  const pkcs8 = (name: string, certificates = ['configuration.pem']) =>
    vendors({ configurationKey: { pkcs8: name, certificates } });

  function withPair(pair: KeyPair, ...chain: readonly KeyPair[]): object {
    office.write('other.key', office.encrypted(pair));
    office.writeCertificate('other.pem', pair, ...chain);
    return pkcs8('other.key', ['other.pem']);
  }

  it('is encrypted PKCS#8, in PEM or DER', async () => {
    await runs({});
    office.write('der.key', configurationKey.key.export({ format: 'der', type: 'pkcs8', ...cipher }));
    await runs(pkcs8('der.key'));
  });

  it('may bring intermediates with it, in any order', async () => {
    for (const certificates of [
      ['configuration.pem', 'vendor-issuing.pem'],
      ['vendor-issuing.pem', 'configuration.pem'],
    ]) {
      const configurationKey = { pkcs8: 'configuration.key', certificates };
      office.writeProfile(vendors({ intermediates: [], configurationKey }));
      await office.report({ dryRun: true });
    }
  });

  it('is PKCS#12 of either vendor of the reference operator', async () => {
    const reference = referenceOffice();
    reference.write('inventory.csv', referenceRows([1, 124]));
    const { refused, rows } = await reference.report({ dryRun: true });
    assert.deepEqual([refused, rows.length], [0, 2]);
    reference.write('inventory.csv', referenceRows([1]));
    for (const [passphrase, code] of [
      ['wrong', 'passphrase-wrong'],
      ['', 'passphrase-wrong'],
      ['field-test ', 'passphrase-wrong'],
    ] as const) {
      const fault = await reference.refusal({
        passphraseFor: () => Promise.resolve(ok(Buffer.from(passphrase))),
      });
      assert.equal(fault.code, code);
      assert.match(fault.where?.file ?? '', /config-vendor-a\.p12$/);
    }
    const none = await reference.refusal({ passphraseFor: () => Promise.resolve(ok(undefined)) });
    assert.equal(none.code, 'passphrase-missing');
  });

  it('is not opened by another passphrase, or by none', async () => {
    office.writeProfile({});
    for (const passphrase of ['wrong', 'correct horse ', 'Correct horse']) {
      const fault = await office.refusal({
        passphraseFor: () => Promise.resolve(ok(Buffer.from(passphrase))),
      });
      assert.deepEqual([fault.code, fault.where?.file], ['passphrase-wrong', 'configuration.key']);
    }
    const none = await office.refusal({ passphraseFor: () => Promise.resolve(ok(undefined)) });
    assert.equal(none.code, 'passphrase-missing');
  });

  it('never lies unencrypted in its file', async () => {
    const { key } = configurationKey;
    for (const open of [
      key.export({ format: 'pem', type: 'pkcs8' }),
      key.export({ format: 'der', type: 'pkcs8' }),
      key.export({ format: 'pem', type: 'sec1' }),
    ]) {
      office.write('open.key', open);
      assert.equal(await runRefusal(pkcs8('open.key')), 'key-not-encrypted');
    }
  });

  it('fits its certificate', async () => {
    office.write('other.key', office.encrypted(office.enb('LAB0001')));
    assert.equal(await runRefusal(pkcs8('other.key')), 'key-certificate-mismatch');
  });

  it('is strong enough', async () => {
    // The lab never makes a configuration key as weak as this.
    const weak = issue(
      {
        subject: 'CN=weak',
        keyUsage: ['digitalSignature'],
        extendedKeyUsage: ['2.25.67185770713137499404239916306837926263.2'],
        authorisation: scope,
        ...options,
      },
      'RSA-2048',
      vendor.issuing,
    );
    assert.equal(await runRefusal(withPair(weak)), 'key-unfit configuration-key');
  });

  it("is certified by the vendor's own root, and for configuration", async () => {
    const rogue = makeVendor('Rogue', options);
    assert.equal(
      await runRefusal(withPair(makeConfigurationKey(rogue, 'Lab Operator', scope, options))),
      'signer-untrusted because issuer-unknown',
    );
    assert.equal(
      await runRefusal(withPair(office.enb('LAB0001'))),
      'signer-not-a-configuration-key configuration-eku because extended-key-usage-insufficient',
    );
    assert.equal(await runRefusal(vendors({ intermediates: [] })), 'signer-untrusted because issuer-unknown');
  });

  it('of the reference operator that is expired or unscoped is refused as that, although it lies unencrypted', async () => {
    const reference = referenceOffice();
    for (const [vendor, row] of [
      ['vendor-a', 1],
      ['vendor-b', 124],
    ] as const) {
      reference.write('inventory.csv', referenceRows([row]));
      const refusalWith = async (name: string) => {
        const file = join(referenceOperator, 'operator', `config-${name}${vendor}`);
        const configurationKey = { pkcs8: `${file}.key`, certificates: [`${file}.crt`] };
        const known = referenceVendors()[vendor];
        reference.writeProfile({ vendors: { [vendor]: { ...known, configurationKey } } });
        return summary(await reference.refusal());
      };
      assert.equal(await refusalWith('expired-'), 'signer-expired because certificate-expired');
      assert.equal(
        await refusalWith('unscoped-'),
        'signer-not-a-configuration-key configuration-authorisation',
      );
      assert.equal(await refusalWith(''), 'key-not-encrypted');
    }
  });

  it('is asked for once for each vendor that the inventory names, and for no other; the passphrase is wiped', async () => {
    const reference = referenceOffice();
    const asked: string[] = [];
    const given: Buffer[] = [];
    const passphraseFor = (vendor: string) => {
      asked.push(vendor);
      given.push(Buffer.from(reference.passphrase));
      return Promise.resolve(ok(given.at(-1)));
    };
    reference.write('inventory.csv', referenceRows([130, 131, 132]));
    await reference.report({ dryRun: true, passphraseFor });
    assert.deepEqual(asked, ['vendor-b']);
    reference.write('inventory.csv', referenceRows([1, 130, 2]));
    await reference.report({ dryRun: true, passphraseFor });
    assert.deepEqual(asked, ['vendor-b', 'vendor-a', 'vendor-b']);
    for (const passphrase of given) assert(passphrase.every((octet) => octet === 0));
  });

  it('is wiped also when the unlocking throws', async () => {
    const given = Buffer.from(office.passphrase);
    const surroundings = {
      now: () => {
        throw new Error('a bug');
      },
    };
    office.writeInventory([office.row('LAB0001')]);
    const passphraseFor = () => Promise.resolve(ok(given));
    await assert.rejects(office.prepare({ dryRun: true, passphraseFor, surroundings }), /a bug/);
    assert(given.every((octet) => octet === 0));
  });
});

describe('CRLs of a profile', () => {
  const { root, issuing } = office.vendor;

  /** A profile with a list of the issuing CA and one of the root. */
  function lists(contents: CrlContents = {}, rootContents: CrlContents = {}): object {
    office.write('issuing.crl', issueCrl(issuing, contents).der);
    office.write('root.crl', issueCrl(root, rootContents).der);
    return vendors({ crls: ['issuing.crl', 'root.crl'] });
  }

  it('that are in force and name nobody of the path do no harm', async () => {
    await runs(lists());
  });

  it('that have ended let nobody sign where the profile asks for fresh ones', async () => {
    const passed = { nextUpdate: new Date('2026-11-15T11:59:59Z') };
    const fresh = { requireFreshCrl: true };
    assert.equal(await runRefusal({ ...lists(passed), ...fresh }), 'crl-unusable crl-expired');
    assert.equal(await runRefusal({ ...lists({}, passed), ...fresh }), 'crl-unusable crl-expired');
    await runs({ ...lists(), ...fresh });
    // Without, the key may sign; certificates of eNBs that the list would have to clear are refused all the same.
    office.writeProfile(lists({}, passed));
    const { rows } = await office.report({ dryRun: true });
    assert.deepEqual(new Set(rows.map((row) => row.fault?.code)), new Set(['enb-certificate-untrusted']));
  });

  it('that are not in force yet let nobody sign', async () => {
    const future = { thisUpdate: new Date('2026-11-15T12:00:01Z') };
    assert.equal(await runRefusal(lists(future)), 'crl-unusable crl-not-yet-valid');
  });

  it('that name the configuration certificate or a CA above it let it sign no more', async () => {
    const refusal = 'signer-revoked because certificate-revoked';
    assert.equal(await runRefusal(lists({ revoked: [office.configurationKey] })), refusal);
    assert.equal(await runRefusal(lists({}, { revoked: [issuing] })), refusal);
  });

  it('that another key has signed are not believed', async () => {
    office.write('forged.crl', makeCrl(issuing, { key: root.key }).der);
    assert.equal(await runRefusal(vendors({ crls: ['forged.crl'] })), 'crl-unusable crl-signature');
  });

  it('must fit into a bundle, of which each takes all of them', async () => {
    const crl = office.write('many.crl', issueCrl(issuing).der);
    assert.equal(
      refusalOf(vendors({ crls: Array(17).fill(crl) })),
      'profile-invalid cms-too-many vendors.lab.crls',
    );
    await runs(vendors({ crls: Array(16).fill(crl) }));
    const revoked = Array<KeyPair>(30_000).fill(office.enb('LAB0002'));
    office.write('large.crl', issueCrl(issuing, { revoked }).der);
    assert.equal(refusalOf(vendors({ crls: ['large.crl'] })), 'profile-invalid crl-size vendors.lab.crls');
    office.write('fit.crl', issueCrl(issuing, { revoked: revoked.slice(0, 1800) }).der);
    await runs(vendors({ crls: Array(14).fill('fit.crl') }));
    assert.equal(
      refusalOf(vendors({ crls: Array(16).fill('fit.crl') })),
      'profile-invalid bundle-size vendors.lab.crls',
    );
  });
});
