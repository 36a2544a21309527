/** OpenSSL's CMP client against the lab's RA/CA, over HTTP. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { decodePem } from '../../../main/asn1/index.ts';
import type { AnsweredMessage } from '../../../main/cmp/index.ts';
import { RaCa, registrationsFormat, rootFile, type Listening } from '../../../main/lab/index.ts';
import {
  isTrainingCertificate,
  nameToText,
  parseCertificate,
  type Certificate,
} from '../../../main/pki/index.ts';
import { identity, labOptions, otherIdentity } from '../../kit/bundle.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { generateKey, makeEnb, makeVendor, type KeyPair } from '../../kit/issue-certificate.ts';
import { Workbench } from './openssl.ts';
import { registrationsIn } from '../../kit/registrations.ts';

const bench = new Workbench();
const folder = temporaryFolder();
// OpenSSL takes the time of this computer.
const options = {
  ...labOptions,
  notBefore: new Date(Date.now() - 3_600_000),
  notAfter: new Date(Date.now() + 24 * 3_600_000),
};
const vendor = makeVendor('Lab Vendor', options);
const otherVendor = makeVendor('Other Vendor', options);
const secret = 'correct horse battery';

const mac = (reference: string, more: object = {}) => ({
  ...{ ...identity, protection: 'mac', subject: `O=Operator,CN=${reference}` },
  ...{ subjectAltNames: [`dns:${reference}.example`], credential: { reference, secret } },
  ...more,
});
const registered = [
  ...['first', 'bound', 'wrong', 'implicit', 'renewed', 'revoked', 'waits'].map((reference) =>
    mac(reference),
  ),
  { ...mac('many', { bound: false }), subject: undefined, subjectAltNames: undefined },
  { ...identity, protection: 'vendor-certificate', subject: 'O=Operator,CN=certified' },
];

let raCa: RaCa;
let listening: Listening;
let answered: AnsweredMessage[] = [];

async function start(polls: number): Promise<void> {
  const registrations = registrationsIn(
    Buffer.from(JSON.stringify({ format: registrationsFormat, registrations: registered })),
  );
  assert(registrations.ok, JSON.stringify(registrations));
  const opened = await RaCa.open({
    ...{ folder, registrations: registrations.value, validity: 3_600_000, polls, now: () => new Date() },
    vendorRoots: [vendor.root.certificate],
    vendorIntermediates: [],
    onAnswered: (event) => answered.push(event),
    onError: (error) => assert.fail(String(error)),
  });
  assert(opened.ok, JSON.stringify(opened));
  raCa = opened.value;
  listening = await raCa.listen('127.0.0.1', 0);
}

async function stop(): Promise<void> {
  await listening.close();
  raCa.close();
}

before(() => start(0));
after(async () => {
  await stop();
  bench.remove();
});

const newKey = () => bench.file(generateKey('P-256').export({ format: 'pem', type: 'pkcs8' }));
const withSecret = (reference: string, value = secret) => [
  ...['-ref', reference, '-secret', `pass:${value}`, '-mac', 'hmacWithSHA256'],
];
const withCertificate = ({ certificate, key }: KeyPair, ...chain: readonly Certificate[]) => [
  ...['-cert', bench.certificate(certificate), '-key', bench.key({ certificate, key })],
  ...(chain.length > 0 ? ['-extracerts', bench.certificate(...chain)] : []),
];

interface Result {
  readonly status: number | null;
  readonly errors: string;
  /** The file of the certificate. */
  readonly file: string;
}

/** Runs openssl cmp to its end. It cannot run in the way of the RA/CA, which is in this process. */
async function cmp(command: string, ...args: readonly string[]): Promise<Result> {
  answered = [];
  const file = bench.file('');
  const all = ['cmp', '-config', '', '-cmd', command, '-server', `127.0.0.1:${listening.port}/pkix/`].concat(
    ['-recipient', '/C=FI/O=Lab Operator/CN=Lab Operator RA', '-trusted', `${folder}/${rootFile}`],
    command === 'rr' ? [] : ['-certout', file],
    args,
  );
  const child = spawn('openssl', all, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return { status, errors: output + errors, file };
}

const request = (key: string, subject: string) => ['-newkey', key, '-subject', subject];

function certificateOf({ status, errors, file }: Result): Certificate {
  assert.equal(status, 0, errors);
  const [block] = decodePem(readFileSync(file, 'utf8'));
  const certificate = parseCertificate(block?.bytes ?? new Uint8Array());
  assert(certificate.ok, JSON.stringify(certificate));
  return certificate.value;
}

const kinds = () => answered.map(({ type, answer }) => `${type} ${answer}`);

function assertRefused({ status, errors }: Result, reason: string): void {
  assert.notEqual(status, 0);
  assert.match(errors, RegExp(reason));
}

const enrol = (reference: string, key: string, ...more: readonly string[]) =>
  cmp('ir', ...withSecret(reference), ...request(key, `/O=Operator/CN=${reference}`), ...more);

describe("the lab's RA/CA, to openssl cmp", () => {
  it('enrols with a secret, and confirms', async () => {
    const certificate = certificateOf(await enrol('first', newKey()));
    assert.equal(nameToText(certificate.subject), 'O=Operator,CN=first');
    assert(isTrainingCertificate(certificate));
    assert.deepEqual(kinds(), ['ir ip', 'certConf pkiconf']);
  });

  it('gives a credential the same certificate for its key again, and none for another key', async () => {
    const key = newKey();
    const first = certificateOf(await enrol('bound', key));
    assert.equal(certificateOf(await enrol('bound', key)).sha256, first.sha256);
    assertRefused(await enrol('bound', newKey()), 'credential-bound-elsewhere');
  });

  it('gives a test credential certificates for many keys and subjects', async () => {
    for (const subject of ['/CN=a', '/O=Any/CN=b']) {
      const certificate = certificateOf(
        await cmp('ir', ...withSecret('many'), ...request(newKey(), subject)),
      );
      assert.match(nameToText(certificate.subject), /CN=[ab]$/);
    }
  });

  it('enrols with a vendor certificate', async () => {
    const enb = makeEnb(vendor, identity, options);
    const signing = withCertificate(enb, vendor.issuing.certificate);
    const certificate = certificateOf(
      await cmp('ir', ...signing, ...request(newKey(), '/O=Operator/CN=certified')),
    );
    assert.equal(nameToText(certificate.subject), 'O=Operator,CN=certified');
  });

  it('needs no certConf where the client asks for that', async () => {
    certificateOf(await enrol('implicit', newKey(), '-implicit_confirm'));
    assert.deepEqual(kinds(), ['ir ip']);
  });

  it('renews once, and with the newest certificate alone', async () => {
    const oldKey = newKey();
    const old = await enrol('renewed', oldKey);
    const certificate = certificateOf(old);
    const signing = ['-cert', old.file, '-key', oldKey];
    const newer = certificateOf(await cmp('kur', ...signing, '-newkey', newKey()));
    assert.deepEqual(newer.subject.der, certificate.subject.der);
    assert.notEqual(newer.sha256, certificate.sha256);
    assertRefused(await cmp('kur', ...signing, '-newkey', newKey()), 'certRevoked');
  });

  it('revokes, and takes nothing from a revoked certificate', async () => {
    const key = newKey();
    const enrolled = await enrol('revoked', key);
    certificateOf(enrolled);
    const signing = ['-cert', enrolled.file, '-key', key];
    const { status, errors } = await cmp('rr', ...signing, '-oldcert', enrolled.file, '-revreason', '1');
    assert.equal(status, 0, errors);
    assertRefused(await cmp('kur', ...signing, '-newkey', newKey()), 'certRevoked');
  });

  it('lets a client wait', async () => {
    await stop();
    await start(1);
    certificateOf(await enrol('waits', newKey()));
    assert.deepEqual(kinds(), ['ir ip', 'pollReq pollRep', 'pollReq ip', 'certConf pkiconf']);
    await stop();
    await start(0);
  });

  const refusals: readonly (readonly [why: string, reason: string, ask: () => Promise<Result>])[] = [
    [
      'a wrong secret',
      'badMessageCheck',
      () => cmp('ir', ...withSecret('wrong', 'other'), ...request(newKey(), '/O=Operator/CN=wrong')),
    ],
    [
      'an unknown reference',
      'badMessageCheck',
      () => cmp('ir', ...withSecret('nobody'), ...request(newKey(), '/O=Operator/CN=nobody')),
    ],
    [
      'another subject',
      'badCertTemplate',
      () => cmp('ir', ...withSecret('wrong'), ...request(newKey(), '/O=Operator/CN=first')),
    ],
    [
      'a name that is not registered',
      'badCertTemplate',
      () => enrol('wrong', newKey(), '-sans', 'first.example'),
    ],
    ['no proof of possession', 'badPOP', () => enrol('wrong', newKey(), '-popo', '-1')],
    ['a proof that only an RA may give', 'notAuthorized', () => enrol('wrong', newKey(), '-popo', '0')],
    [
      'a vendor that is not trusted',
      'signerNotTrusted',
      () =>
        cmp(
          'ir',
          ...withCertificate(makeEnb(otherVendor, identity, options), otherVendor.issuing.certificate),
          ...request(newKey(), '/O=Operator/CN=certified'),
        ),
    ],
    [
      'an eNB that is not registered',
      'notAuthorized',
      () =>
        cmp(
          'ir',
          ...withCertificate(makeEnb(vendor, otherIdentity, options), vendor.issuing.certificate),
          ...request(newKey(), '/O=Operator/CN=certified'),
        ),
    ],
  ];
  for (const [why, reason, ask] of refusals)
    it(`refuses ${why}`, async () => {
      assertRefused(await ask(), reason);
    });
});
