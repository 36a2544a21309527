/** `openssl cmp` as the client of the RA/CA. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, describe, it } from 'node:test';
import { parseCertificates } from '../../../main/cms/index.ts';
import { nameToText, plainSpki, spkiOf, type Certificate } from '../../../main/pki/index.ts';
import { otherIdentity } from '../../kit/bundle.ts';
import { makePkiOfToday } from '../../kit/cmp-pki.ts';
import {
  reference,
  secret,
  serveAuthority,
  type AuthorityChanges,
  type ServedAuthority,
} from '../../kit/cmp.ts';
import { generateKey, type KeyKind } from '../../kit/issue-certificate.ts';
import { Workbench, type Run } from './openssl.ts';

const bench = new Workbench();
const served: ServedAuthority[] = [];
afterEach(async () => {
  await Promise.all(served.splice(0).map((one) => one.close()));
});
after(() => bench.remove());

const pki = makePkiOfToday();
const rootFile = bench.certificate(pki.operatorRoot.certificate);

const start = async (changes: AuthorityChanges = {}) => {
  const authority = await serveAuthority({ certificates: pki, ...changes });
  served.push(authority);
  return authority;
};

const newKey = (kind: KeyKind = 'P-256') => {
  const key = generateKey(kind);
  return { key, file: bench.file(key.export({ format: 'pem', type: 'pkcs8' })) };
};

/** How eNB 1 proves itself, and what it asks for. */
const credential = [
  '-ref',
  reference.toString(),
  '-secret',
  `pass:${secret.toString()}`,
  '-mac',
  'hmacWithSHA256',
];
const order = ['-subject', '/O=Lab Operator/CN=LAB0001'];
const vendorCredential = (who = pki) => [
  ...['-cert', bench.certificate(who.otherEnb.certificate), '-key', bench.key(who.otherEnb)],
  ...['-extracerts', bench.certificate(who.vendor.issuing.certificate)],
];
const otherOrder = ['-subject', '/O=Lab Operator/CN=LAB0002'];

/** What openssl did and said, and the files that it stored. */
interface CmpRun {
  readonly status: Run['status'];
  /** Its log and its errors: it writes both here and there. */
  readonly said: string;
  readonly certificate: string;
  readonly chain: string;
}

async function cmp(
  { port }: ServedAuthority,
  command: string,
  args: readonly string[],
  { path = '.well-known/cmp', recipient = '/C=FI/O=Lab Operator/CN=Lab CA' } = {},
): Promise<CmpRun> {
  const [certificate, chain] = [bench.file(''), bench.file('')];
  const { status, output, errors } = await bench.tryAside(
    ...['cmp', '-config', '', '-batch', '-cmd', command, '-server', `127.0.0.1:${port}`, '-path', path],
    ...['-no_proxy', '127.0.0.1', '-recipient', recipient, '-trusted', rootFile],
    ...(command === 'rr' || command === 'genm' ? [] : ['-certout', certificate, '-chainout', chain]),
    ...args,
  );
  return { status, said: output.toString() + errors, certificate, chain };
}

function succeeded(run: CmpRun): CmpRun {
  assert.equal(run.status, 0, run.said);
  return run;
}

/** What openssl stored must lead to the operator's root, to the letter of RFC 5280. */
function verify({ certificate, chain }: CmpRun): void {
  const how = ['-x509_strict', '-CAfile', rootFile, '-untrusted', chain];
  const { status, errors } = bench.try('verify', ...how, certificate);
  assert.equal(status, 0, errors);
}

function certificateIn(file: string): Certificate {
  const certificates = parseCertificates(readFileSync(file));
  assert(certificates.ok, JSON.stringify(certificates));
  const [certificate] = certificates.value;
  assert(certificate);
  return certificate;
}

/** eNB 1 enrols, and gets what signs for it from then on. */
async function enrolled(authority: ServedAuthority): Promise<{ run: CmpRun; own: readonly string[] }> {
  const key = newKey();
  const run = succeeded(await cmp(authority, 'ir', [...credential, ...order, '-newkey', key.file]));
  return { run, own: ['-cert', run.certificate, '-key', key.file, '-extracerts', run.chain] };
}

const answersOf = ({ events }: ServedAuthority) => events.map(({ type, answer }) => `${type} ${answer}`);

describe('openssl cmp', () => {
  const ways: readonly (readonly [string, string, (key: string) => readonly string[]])[] = [
    ['ir', 'by PBM', (key) => [...credential, ...order, '-newkey', key]],
    ['cr', 'by PBM', (key) => [...credential, ...order, '-newkey', key]],
    [
      'p10cr',
      'by PBM',
      (key) => {
        const csr = bench.file(bench.run('req', '-new', '-key', key, '-subj', '/O=Lab Operator/CN=LAB0001'));
        return [...credential, '-csr', csr];
      },
    ],
    ['ir', 'by the vendor certificate', (key) => [...vendorCredential(), ...otherOrder, '-newkey', key]],
  ];
  for (const [command, how, argumentsFor] of ways) {
    for (const kind of ['P-256', 'P-384', 'RSA-2048'] as const) {
      it(`gets a certificate for a key of kind ${kind} with ${command} ${how}, and confirms it`, async () => {
        const authority = await start();
        const { key, file } = newKey(kind);
        const run = succeeded(await cmp(authority, command, argumentsFor(file)));
        verify(run);
        const certificate = certificateIn(run.certificate);
        assert.deepEqual(plainSpki(certificate.publicKey), new Uint8Array(spkiOf(key)));
        assert.equal(authority.journal.isConfirmed(certificate.sha256), true);
        assert.deepEqual(answersOf(authority), [
          `${command} ${command === 'ir' ? 'ip' : 'cp'}`,
          'certConf pkiconf',
        ]);
      });
    }
  }

  it('signs as an eNB of a vendor with RSA keys, and verifies the RSA signatures of the RA/CA', async () => {
    const certificates = makePkiOfToday('RSA-2048');
    const authority = await start({ certificates });
    const trusted = ['-trusted', bench.certificate(certificates.operatorRoot.certificate)];
    const own = [...vendorCredential(certificates), ...otherOrder, '-newkey', newKey('RSA-2048').file];
    succeeded(await cmp(authority, 'ir', [...trusted, ...own]));
    assert.deepEqual(answersOf(authority), ['ir ip', 'certConf pkiconf']);
  });

  it('takes less than the vendor certificate names: the RA/CA says that it granted with changes', async () => {
    const authority = await start();
    const run = await cmp(authority, 'ir', [...vendorCredential(), ...otherOrder, '-newkey', newKey().file]);
    assert.match(succeeded(run).said, /granted with modifications/);
    const own = ['-san_nodefault', '-issuer', '/C=FI/O=Lab Operator/CN=Lab CA'];
    const plain = [...vendorCredential(), ...otherOrder, ...own, '-newkey', newKey().file];
    assert.doesNotMatch(succeeded(await cmp(await start(), 'ir', plain)).said, /modifications/);
  });

  it('needs no confirmation where it asks for none', async () => {
    const authority = await start();
    const args = [...credential, ...order, '-newkey', newKey().file, '-implicit_confirm'];
    const run = succeeded(await cmp(authority, 'ir', args));
    assert.deepEqual(answersOf(authority), ['ir ip']);
    assert.equal(authority.journal.isConfirmed(certificateIn(run.certificate).sha256), true);
  });

  it('polls until the RA/CA has decided', async () => {
    const authority = await start({ polls: 1 });
    verify((await enrolled(authority)).run);
    assert.deepEqual(answersOf(authority), ['ir ip', 'pollReq pollRep', 'pollReq ip', 'certConf pkiconf']);
  });

  it('gets the names that are registered', async () => {
    const args = [...credential, ...order, '-newkey', newKey().file, '-sans', 'enb1.example 2001:db8::1'];
    const run = succeeded(await cmp(await start(), 'ir', args));
    const text = bench.run('x509', '-noout', '-ext', 'subjectAltName', '-in', run.certificate).toString();
    assert.match(text, /DNS:enb1\.example, IP Address:2001:DB8:0:0:0:0:0:1/);
  });

  it('repeats its request for the same key, and gets the same certificate', async () => {
    const authority = await start();
    const args = [...credential, ...order, '-newkey', newKey().file];
    const runs = [await cmp(authority, 'ir', args), await cmp(authority, 'ir', args)];
    const [first, again] = runs.map((run) => certificateIn(succeeded(run).certificate).sha256);
    assert.equal(first, again);
  });

  it('renews with a new key, and the old certificate has then served', async () => {
    const authority = await start();
    const { run: first, own } = await enrolled(authority);
    const { key, file } = newKey();
    const renewed = succeeded(await cmp(authority, 'kur', [...own, '-newkey', file]));
    verify(renewed);
    const certificate = certificateIn(renewed.certificate);
    assert.deepEqual(plainSpki(certificate.publicKey), new Uint8Array(spkiOf(key)));
    assert.equal(nameToText(certificate.subject), nameToText(certificateIn(first.certificate).subject));
    const late = await cmp(authority, 'kur', [...own, '-newkey', newKey().file]);
    refused(late, 'certRevoked', 'has been replaced by a newer one');
  });

  for (const [how, args, reason] of [
    ['without a reason', [], 0],
    ['with a reason', ['-revreason', '1'], 1],
  ] as const) {
    it(`revokes its certificate ${how}, which then signs no more`, async () => {
      const authority = await start();
      const { run, own } = await enrolled(authority);
      succeeded(await cmp(authority, 'rr', [...own, '-oldcert', run.certificate, ...args]));
      const { serialNumber } = certificateIn(run.certificate);
      const revoked = authority.journal.revoked();
      assert.deepEqual(
        revoked.map((one) => [one.serialNumber, one.reason]),
        [[serialNumber, reason]],
      );
      refused(
        await cmp(authority, 'kur', [...own, '-newkey', newKey().file]),
        'certRevoked',
        'The certificate of the signer is revoked',
      );
    });
  }

  it('asks for the CA certificates, with a credential, a certificate or nothing', async () => {
    const authority = await start();
    for (const own of [credential, vendorCredential(), ['-unprotected_requests', '-ref', 'anybody']]) {
      const { said } = succeeded(await cmp(authority, 'genm', [...own, '-infotype', 'caCerts']));
      assert.match(said, /ITAV of type: id-it-caCerts/);
    }
  });
});

/** The RA/CA said no: with this failInfo and no other, and openssl shows its words. */
function refused({ status, said }: CmpRun, failInfo: string, words: string): void {
  assert.equal(status, 1, said);
  assert.match(said, new RegExp(`PKIFailureInfo: ${failInfo};? `));
  assert(said.includes(words), said);
}

describe('openssl cmp is told why', () => {
  const usual = (authority: ServedAuthority, ...args: readonly string[]) =>
    cmp(authority, 'ir', [...credential, ...order, '-newkey', newKey().file, ...args]);
  const byCertificate = (authority: ServedAuthority, ...args: readonly string[]) =>
    cmp(authority, 'ir', [...vendorCredential(), ...otherOrder, '-newkey', newKey().file, ...args]);

  /** What is asked, and the answer: its failInfo, and some of its words. */
  const wrong: Readonly<
    Record<string, readonly [(authority: ServedAuthority) => Promise<CmpRun>, string, string]>
  > = {
    'its secret is wrong': [
      (authority) => usual(authority, '-secret', 'pass:another'),
      'badMessageCheck',
      'the secret is another one',
    ],
    'its reference is unknown': [
      (authority) => usual(authority, '-ref', 'enb-7'),
      'badMessageCheck',
      'The reference is not registered here',
    ],
    'its MAC is HMAC-SHA1, as it is by default': [
      (authority) => usual(authority, '-mac', 'hmac-sha1'),
      'badAlg',
      'The MAC or its parameters are not accepted',
    ],
    'it says itself that the proof of possession was verified': [
      (authority) => usual(authority, '-popo', '0'),
      'notAuthorized',
      'Only an RA may say',
    ],
    'it gives no proof of possession': [
      (authority) => usual(authority, '-popo', '-1'),
      'badPOP',
      'no proof of possession',
    ],
    'the recipient is another CA': [
      (authority) =>
        cmp(authority, 'ir', [...credential, ...order, '-newkey', newKey().file], {
          recipient: '/CN=Another CA',
        }),
      'wrongAuthority',
      'The recipient is CN=Another CA',
    ],
    'the subject is not registered': [
      (authority) => usual(authority, '-subject', '/O=Lab Operator/CN=LAB0009'),
      'badCertTemplate',
      'O=Lab Operator,CN=LAB0001 is registered',
    ],
    'it asks for a name that is not registered': [
      (authority) => usual(authority, '-sans', 'enb9.example'),
      'badCertTemplate',
      'The name dns:enb9.example is not registered',
    ],
    'its key is weak': [
      (authority) => usual(authority, '-newkey', bench.file(bench.run('genrsa', '-traditional', '1024'))),
      'badCertTemplate',
      'The key is RSA',
    ],
    'its key is of a kind that IPsec hardly knows': [
      (authority) => usual(authority, '-newkey', bench.file(bench.run('genpkey', '-algorithm', 'ed25519'))),
      'badCertTemplate',
      'Keys are EC',
    ],
    'its credential serves for a second key': [
      async (authority) => {
        succeeded(await usual(authority));
        return usual(authority);
      },
      'notAuthorized',
      'credential-bound-elsewhere: This credential has been used for another key',
    ],
    'its vendor is unknown': [
      (authority) => byCertificate(authority, ...vendorCredential(makePkiOfToday())),
      'signerNotTrusted',
      'leads to no root that is trusted here',
    ],
    'it leaves out the intermediate certificate of its vendor': [
      (authority) => byCertificate(authority, '-extracerts', rootFile),
      'signerNotTrusted',
      'the vendor’s intermediate certificates',
    ],
    'it renews with a secret': [
      async (authority) => {
        const { run } = await enrolled(authority);
        return cmp(authority, 'kur', [...credential, '-oldcert', run.certificate, '-newkey', newKey().file]);
      },
      'wrongIntegrity',
      'A renewal is signed with the certificate that it renews',
    ],
    'it renews a certificate of its vendor': [
      (authority) => cmp(authority, 'kur', [...vendorCredential(), ...otherOrder, '-newkey', newKey().file]),
      'notAuthorized',
      'A renewal is signed with a certificate of this CA',
    ],
    'it revokes another certificate': [
      async (authority) => {
        const { own } = await enrolled(authority);
        return cmp(authority, 'rr', [...own, '-oldcert', bench.certificate(pki.ra.certificate)]);
      },
      'badCertId',
      'does not name the certificate that signs it',
    ],
    'it asks for a certificate with a certificate of the CA': [
      async (authority) => {
        const { own } = await enrolled(authority);
        return cmp(authority, 'ir', [...own, ...order, '-newkey', newKey().file]);
      },
      'notAuthorized',
      'asks for another one with a kur',
    ],
    'it asks what the RA/CA does not know': [
      (authority) => cmp(authority, 'genm', [...credential, '-infotype', 'preferredSymmAlg']),
      'badRequest',
      'is not answered here',
    ],
  };
  for (const [what, [ask, failInfo, words]] of Object.entries(wrong)) {
    it(what, async () => {
      refused(await ask(await start()), failInfo, words);
    });
  }

  it('its eNB is not registered', async () => {
    const authority = await start({ entries: [] });
    refused(await byCertificate(authority), 'notAuthorized', 'The eNB LAB0002');
  });

  it('it is registered for the other kind of protection', async () => {
    const entries = [
      { credential: { reference, secret }, protection: 'vendor-certificate' },
      { enb: otherIdentity },
    ] as const;
    const authority = await start({ entries });
    refused(await usual(authority), 'wrongIntegrity', 'registered to sign with its vendor certificate');
    refused(await byCertificate(authority), 'wrongIntegrity', 'registered to use a reference and a secret');
  });

  it('its path is wrong: HTTP 404', async () => {
    const { status, said } = await cmp(
      await start(),
      'ir',
      [...credential, ...order, '-newkey', newKey().file],
      { path: 'ejbca/publicweb/cmp' },
    );
    assert.equal(status, 1);
    assert.match(said, /404/);
  });
});
