import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPublicKey, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { encodePem, oids } from '../../../../main/asn1/index.ts';
import { labCertificates, LabIssuer, type KeyPair } from '../../../../main/lab/index.ts';
import {
  allowsKeyUsage,
  exactly,
  extension,
  isTrainingCertificate,
  nameFromText,
  parseCrl,
  validateCertificate,
  type Certificate,
} from '../../../../main/pki/index.ts';
import { temporaryFolder } from '../../../kit/enb.ts';
import { generateKey, issue, type KeyKind } from '../../../kit/issue-certificate.ts';

const now = new Date('2026-11-29T12:00:00Z');
const minute = 60_000;
const validity = 3 * 365 * 24 * 60 * minute;
const dates = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') };

function makeCa(keyKind: KeyKind, training = true, more: Partial<typeof dates> = {}): KeyPair {
  const options = { keyKind, training, ...dates };
  return issue({ ...labCertificates.operatorRoot('Operator', options), ...more }, keyKind);
}

const root = makeCa('P-256');
let crlNumber = 0;

function openIssuer(ca = root, options: { readonly now?: () => Date; readonly validity?: number } = {}) {
  const nextCrlNumber = () => ++crlNumber;
  return LabIssuer.open(ca, [], { now: () => now, validity, nextCrlNumber, ...options });
}

function requestOf(
  keyKind: KeyKind = 'P-256',
  subjectAltNames: readonly string[] = [],
  text = 'C=FI,O=Operator,CN=enb',
) {
  const subject = nameFromText(text);
  assert(subject.ok);
  const publicKey = createPublicKey(generateKey(keyKind)).export({ format: 'der', type: 'spki' });
  return { subject: subject.value, publicKey, subjectAltNames };
}

/** The output of openssl about files. */
function openssl(args: readonly string[], files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = temporaryFolder();
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(folder, name), contents);
  return execFileSync('openssl', args, { cwd: folder, encoding: 'utf8' });
}

const pem = ({ der }: Certificate) => encodePem('CERTIFICATE', der);

describe('an issuer', () => {
  for (const caKind of ['P-256', 'P-384', 'RSA-2048'] as const) {
    for (const keyKind of ['P-256', 'P-384', 'RSA-2048'] as const) {
      it(`certifies a key of kind ${keyKind} with a CA's of kind ${caKind}, and OpenSSL agrees`, async () => {
        const ca = makeCa(caKind);
        const request = requestOf(keyKind);
        const certificate = await (await openIssuer(ca)).issue(request);
        assert.deepEqual(Buffer.from(certificate.publicKey.spki), request.publicKey);
        assert.deepEqual(certificate.subject.der, request.subject.der);
        const path = validateCertificate({
          target: certificate,
          trustAnchors: [ca.certificate],
          intermediates: [],
          crls: [],
          requireCrl: false,
          clock: exactly(now),
        });
        assert(path.ok, JSON.stringify(path));
        const time = String(now.getTime() / 1000);
        openssl(['verify', '-x509_strict', '-attime', time, '-CAfile', 'ca.pem', 'enb.pem'], {
          'ca.pem': pem(ca.certificate),
          'enb.pem': pem(certificate),
        });
        const isRsa = keyKind.startsWith('RSA');
        assert(allowsKeyUsage(certificate, 'digitalSignature', isRsa ? 'keyEncipherment' : 'keyAgreement'));
        assert(!allowsKeyUsage(certificate, isRsa ? 'keyAgreement' : 'keyEncipherment'));
        assert.equal(certificate.extensions.get(oids.keyUsage)?.critical, true);
        assert.deepEqual(
          extension(certificate, oids.authorityKeyIdentifier),
          extension(ca.certificate, oids.subjectKeyIdentifier),
        );
      });
    }
  }

  it('gives each certificate a random number of 160 bits', async () => {
    const issuer = await openIssuer();
    const numbers = await Promise.all(
      Array.from({ length: 20 }, async () => (await issuer.issue(requestOf())).serialNumber),
    );
    assert.equal(new Set(numbers).size, numbers.length);
    for (const number of numbers) assert.match(number, /^[4-7][0-9a-f]{39}$/);
  });

  it('writes alternative names of every form, and OpenSSL reads them', async () => {
    const names = [
      'dns:enb.example',
      'ip:192.0.2.1',
      'ip:2001:db8::1',
      'ip:::ffff:192.0.2.1',
      'email:a@b',
      'uri:urn:x',
    ];
    const certificate = await (await openIssuer()).issue(requestOf('P-256', names));
    const text = openssl(['x509', '-in', 'enb.pem', '-noout', '-ext', 'subjectAltName'], {
      'enb.pem': pem(certificate),
    });
    assert.match(
      text,
      /DNS:enb\.example, IP Address:192\.0\.2\.1, IP Address:2001:DB8:0:0:0:0:0:1, IP Address:0:0:0:0:0:FFFF:C000:201, email:a@b, URI:urn:x/,
    );
    assert.equal(certificate.extensions.get(oids.subjectAltName)?.critical, false);
  });

  it('throws for a name of another form, which the registrations never let pass', async () => {
    const issuer = await openIssuer();
    await assert.rejects(async () => issuer.issue(requestOf('P-256', ['other:name'])));
  });

  it('marks what a training CA issues, and nothing else', async () => {
    assert(isTrainingCertificate(await (await openIssuer()).issue(requestOf())));
    const real = await openIssuer(makeCa('P-256', false));
    assert(!isTrainingCertificate(await real.issue(requestOf())));
  });

  it('starts a little in the past, and ends after the validity', async () => {
    const { notBefore, notAfter } = await (await openIssuer()).issue(requestOf());
    assert.equal(now.getTime() - notBefore.getTime(), 5 * minute);
    assert.equal(notAfter.getTime() - now.getTime(), validity);
    const short = await (await openIssuer(root, { validity: 10 * minute })).issue(requestOf());
    assert.equal(now.getTime() - short.notBefore.getTime(), minute);
    assert.equal(short.notAfter.getTime() - now.getTime(), 10 * minute);
  });

  it('takes dates that a request wishes, if they lie within its own', async () => {
    const issuer = await openIssuer();
    const at = (minutes: number) => new Date(now.getTime() + minutes * minute);
    const wished = { notBefore: at(0), notAfter: at(60) };
    const granted = await issuer.issue({ ...requestOf(), validity: wished });
    assert.deepEqual([granted.notBefore, granted.notAfter], [at(0), at(60)]);
    const tooWide = { notBefore: at(-60), notAfter: at(validity / minute + 1) };
    const own = await issuer.issue({ ...requestOf(), validity: tooWide });
    assert.deepEqual([own.notBefore, own.notAfter], [at(-5), at(validity / minute)]);
  });

  it("never goes beyond the CA's own dates, and issues nothing after them", async () => {
    const notBefore = new Date(now.getTime() - minute);
    const notAfter = new Date(now.getTime() + minute);
    const ca = makeCa('P-256', true, { notBefore, notAfter });
    const certificate = await (await openIssuer(ca)).issue(requestOf());
    assert.deepEqual([certificate.notBefore, certificate.notAfter], [notBefore, notAfter]);
    const late = await openIssuer(ca, { now: () => notAfter });
    await assert.rejects(async () => late.issue(requestOf()), /expired/);
  });

  it('makes no list again within a minute while nothing changes', async () => {
    let time = now;
    const issuer = await openIssuer(root, { now: () => time });
    const revoked = [{ serialNumber: '41', at: now, reason: 1 }];
    const first = await issuer.makeCrl(revoked);
    time = new Date(now.getTime() + minute - 1);
    assert.deepEqual(await issuer.makeCrl(revoked), first);
    time = new Date(now.getTime() + minute);
    const second = await issuer.makeCrl(revoked);
    assert.notDeepEqual(second, first);
    time = now; // A clock that goes back.
    assert.notDeepEqual(await issuer.makeCrl(revoked), second);
  });

  it('makes CRLs with rising numbers, and OpenSSL agrees', async () => {
    const issuer = await openIssuer();
    const certificate = await issuer.issue(requestOf());
    const number = randomBytes(19).toString('hex').replace(/^./, 'f');
    const revoked = [
      { serialNumber: certificate.serialNumber, at: now, reason: 1 },
      { serialNumber: `00${number}`, at: now, reason: 0 },
    ];
    const crls = [await issuer.makeCrl(revoked), await issuer.makeCrl([])].map((der) => {
      const crl = parseCrl(der);
      assert(crl.ok, JSON.stringify(crl));
      return crl.value;
    });
    const [first, second] = crls;
    assert(first?.number && second?.number);
    assert.deepEqual(first.revoked, new Set([certificate.serialNumber, `00${number}`]));
    assert.deepEqual(second.revoked, new Set());
    assert.equal(Buffer.compare(first.number, second.number), -1);
    assert.equal((first.nextUpdate?.getTime() ?? 0) - now.getTime(), 7 * 24 * 60 * minute);
    const files = {
      'ca.pem': pem(root.certificate),
      'enb.pem': pem(certificate),
      'crl.pem': encodePem('X509 CRL', first.der),
    };
    const text = openssl(['crl', '-in', 'crl.pem', '-noout', '-text', '-CAfile', 'ca.pem'], files);
    assert.match(text, /Key Compromise/);
    assert.match(text, RegExp(number, 'i'));
    const time = String(now.getTime() / 1000);
    assert.throws(() => {
      openssl(
        ['verify', '-crl_check', '-attime', time, '-CAfile', 'ca.pem', '-CRLfile', 'crl.pem', 'enb.pem'],
        files,
      );
    }, /revoked/);
  });
});
