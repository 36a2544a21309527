import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parseCertificates } from '../../main/cms/index.ts';
import { encodePem } from '../../main/asn1/index.ts';
import { nameToText, plainSpki, spkiOf, type Certificate } from '../../main/pki/index.ts';
import { sitesealJson, siteseal, type CliOptions, type FaultDocument } from '../kit/cli.ts';
import {
  operatorCa,
  operatorRoot,
  otherEnb,
  ra,
  secret,
  startAuthority,
  vendor,
  type TestAuthority,
} from '../kit/cmp.ts';
import { temporaryFolder } from '../kit/enb.ts';
import { makeCa } from '../kit/pki.ts';

const folder = temporaryFolder();
const where: CliOptions = { home: join(folder, 'home'), cwd: folder, isWarm: true };
mkdirSync(where.home);
const write = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return name;
};
const pem = (...certificates: readonly Certificate[]) =>
  certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
write('root.pem', pem(operatorRoot.certificate));
write('secret', secret);
write('enb2.pem', pem(otherEnb.certificate));
write('issuing.pem', pem(vendor.issuing.certificate));
write('enb2.key', otherEnb.key.export({ format: 'pem', type: 'pkcs8' }));

const servers: Server[] = [];
const authorities: TestAuthority[] = [];
after(() => {
  for (const server of servers) server.close();
  for (const authority of authorities) authority.close();
});

/** An RA/CA over HTTP. `loses` names the messages whose answer is lost, counted from 1. */
class RaCa {
  readonly url: string;
  readonly test: TestAuthority;
  messages = 0;
  loses: readonly number[] = [];

  private constructor(test: TestAuthority, url: string) {
    this.test = test;
    this.url = url;
  }

  static async start(options: Parameters<typeof startAuthority>[0] = {}): Promise<RaCa> {
    const test = await startAuthority(options);
    authorities.push(test);
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        void test.authority.answer(Buffer.concat(parts)).then(({ bytes }) => {
          if (raCa.loses.includes(++raCa.messages)) request.socket.destroy();
          else response.writeHead(200, { 'content-type': 'application/pkixcmp' }).end(bytes);
        });
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const raCa = new RaCa(test, `http://127.0.0.1:${port}/pkix/`);
    return raCa;
  }
}

const raName = ['--ca-name', nameToText(ra.certificate.subject), '--trust', 'root.pem'];
const byMac = ['--subject', 'O=Lab Operator,CN=LAB0001', '--reference', 'enb-1', '--secret-file', 'secret'];
const byVendor = ['--subject', 'O=Lab Operator,CN=LAB0002', '--cert', 'enb2.pem', '--key', 'enb2.key'];
const chain = ['--chain', 'issuing.pem'];

interface Answered {
  readonly document: { readonly certificate?: string; readonly fault?: FaultDocument };
  readonly code: number | null;
}

async function run(command: string, raCa: RaCa, ...args: readonly string[]): Promise<Answered> {
  const { document, code } = await sitesealJson(['cmp', command, raCa.url, ...args], where);
  return { document: document as Answered['document'], code };
}

const enrol = (raCa: RaCa, out: string, ...args: readonly string[]) =>
  run('enrol', raCa, ...raName, '--out', out, ...(args.length > 0 ? args : byMac));

async function codeOf(answered: Promise<Answered>): Promise<string> {
  const { document, code } = await answered;
  const { fault } = document;
  return fault ? `${fault.code}${fault.rule ? ` ${fault.rule}` : ''} ${code}` : `done ${code}`;
}

function certificatesIn(...names: readonly string[]): readonly Certificate[] {
  const read = parseCertificates(readFileSync(join(folder, ...names)));
  assert(read.ok);
  return read.value;
}

const filesOf = (out: string) => readdirSync(join(folder, out)).sort();
const finished = ['certificate.pem', 'chain.pem', 'key.pem'];
const keyOf = (out: string) => createPrivateKey(readFileSync(join(folder, out, 'key.pem')));
const holder = `reference:${Buffer.from('enb-1').toString('hex')}`;

describe('siteseal cmp enrol', () => {
  it('keeps key, certificate and chain in a folder, and nothing else', async () => {
    const raCa = await RaCa.start();
    const { document, code } = await enrol(raCa, 'first');
    assert.deepEqual([document, code], [{ certificate: join(folder, 'first', 'certificate.pem') }, 0]);
    assert.deepEqual(filesOf('first'), finished);
    const [certificate] = certificatesIn('first', 'certificate.pem');
    assert(certificate);
    assert.equal(nameToText(certificate.subject), 'O=Lab Operator,CN=LAB0001');
    assert.deepEqual(spkiOf(keyOf('first')), Buffer.from(plainSpki(certificate.publicKey)));
    assert.deepEqual(
      certificatesIn('first', 'chain.pem').map(({ sha256 }) => sha256),
      [operatorCa, operatorRoot].map((one) => one.certificate.sha256),
    );
    if (process.platform !== 'win32')
      assert.equal(statSync(join(folder, 'first', 'key.pem')).mode & 0o777, 0o600);
  });

  it('says that it is done where it is done, and asks nobody', async () => {
    const raCa = await RaCa.start();
    const first = await enrol(raCa, 'twice');
    const { messages } = raCa;
    assert.deepEqual(await enrol(raCa, 'twice'), first);
    assert.equal(raCa.messages, messages);
    const { stdout } = await siteseal(
      ['cmp', 'enrol', raCa.url, ...raName, ...byMac, '--out', 'twice'],
      where,
    );
    assert.match(stdout, /^An earlier run finished this\./);
  });

  it('asks again with the same key when the answer was lost', async () => {
    const raCa = await RaCa.start();
    raCa.loses = [1];
    assert.equal(await codeOf(enrol(raCa, 'lost-ip')), 'cmp-unreachable 4');
    assert.deepEqual(filesOf('lost-ip'), ['key.pem', 'unfinished.json']);
    const key = keyOf('lost-ip');
    assert.equal(await codeOf(enrol(raCa, 'lost-ip')), 'done 0');
    assert(keyOf('lost-ip').equals(key));
    assert.deepEqual(filesOf('lost-ip'), finished);
  });

  it('confirms again when the answer to the confirmation was lost', async () => {
    const raCa = await RaCa.start();
    raCa.loses = [2];
    assert.equal(await codeOf(enrol(raCa, 'lost-conf')), 'cmp-unreachable 4');
    assert.equal(raCa.messages, 2);
    assert.equal(await codeOf(enrol(raCa, 'lost-conf')), 'done 0');
    assert.equal(raCa.messages, 3);
    assert.deepEqual(filesOf('lost-conf'), finished);
  });

  it('has one certificate after it was killed at any step', async () => {
    for (let step = 1; ; step++) {
      const raCa = await RaCa.start();
      const out = `killed-${step}`;
      const args = ['cmp', 'enrol', raCa.url, ...raName, ...byMac, '--out', out];
      const interruption = { signal: 'SIGKILL', step } as const;
      const { signal } = await siteseal(args, { home: where.home, cwd: folder, interruption });
      assert.equal(await codeOf(enrol(raCa, out)), 'done 0', `step ${step}`);
      assert.deepEqual(filesOf(out), finished);
      const [certificate] = certificatesIn(out, 'certificate.pem');
      const { journal } = raCa.test;
      const newest = journal.newest(holder, journal.boundKey(holder) ?? '');
      assert.equal(newest?.certificate.sha256, certificate?.sha256);
      if (signal === null) break;
    }
  });

  it('takes the secret byte by byte, but for one line break at its end', async () => {
    for (const [name, content, expected] of [
      ['lf', `${secret.toString()}\n`, 'done 0'],
      ['crlf', `${secret.toString()}\r\n`, 'done 0'],
      ['two', `${secret.toString()}\n\n`, 'cmp-refused cmp-fail-bad-message-check 1'],
      ['blank', `${secret.toString()} `, 'cmp-refused cmp-fail-bad-message-check 1'],
    ] as const) {
      const args = [...byMac.slice(0, -1), write(`secret-${name}`, content)];
      assert.equal(await codeOf(enrol(await RaCa.start(), `secret-out-${name}`, ...args)), expected, name);
    }
  });

  it('makes the kind of key and asks for the names that it is given', async () => {
    const raCa = await RaCa.start();
    const names = ['--subject-alt-name', 'dns:enb1.example', '--subject-alt-name', 'ip:2001:db8::1'];
    const args = [...byMac, ...names, '--key-type', 'P-384', '--mac', 'pbmac1'];
    assert.equal(await codeOf(enrol(raCa, 'p-384', ...args)), 'done 0');
    assert.equal(createPublicKey(keyOf('p-384')).asymmetricKeyDetails?.namedCurve, 'secp384r1');
    assert.equal(
      await codeOf(enrol(raCa, 'bad-name', ...byMac, '--subject-alt-name', 'x')),
      'usage-invalid subject-alt-name 2',
    );
  });

  it('takes no folder that holds something else', async () => {
    const raCa = await RaCa.start();
    mkdirSync(join(folder, 'other'));
    write('other/notes.txt', 'mine');
    assert.equal(await codeOf(enrol(raCa, 'other')), 'output-not-empty cmp-same-order 3');
    raCa.loses = [1];
    await enrol(raCa, 'begun');
    const another = ['--subject', 'CN=ANOTHER', ...byMac.slice(2)];
    assert.equal(await codeOf(enrol(raCa, 'begun', ...another)), 'output-not-empty cmp-same-order 3');
    assert.equal(await codeOf(enrol(raCa, 'begun')), 'done 0');
    assert.equal(await codeOf(enrol(raCa, 'begun', ...another)), 'output-not-empty cmp-same-order 3');
    assert.deepEqual(filesOf('other'), ['notes.txt']);
  });

  it('needs exactly one proof, a URL and names', async () => {
    const raCa = await RaCa.start();
    const subject = byMac.slice(0, 2);
    for (const proof of [
      [],
      ['--reference', 'x'],
      ['--cert', 'enb2.pem'],
      [...byMac.slice(2), ...byVendor.slice(2)],
    ])
      assert.equal(
        await codeOf(enrol(raCa, 'none', ...subject, ...proof)),
        'usage-invalid cmp-credentials 2',
      );
    assert.equal(
      await codeOf(enrol(raCa, 'none', '--subject', 'LAB1', ...byMac.slice(2))),
      'usage-invalid distinguished-name 2',
    );
    const noUrl = await sitesealJson(['cmp', 'enrol', 'ra', ...raName, ...byMac, '--out', 'none'], where);
    assert.equal((noUrl.document as Answered['document']).fault?.rule, 'enrolment-url');
    assert.equal(raCa.messages, 0);
  });
});

describe('siteseal cmp renew and revoke', () => {
  it('renew in a new folder with a new key, and leave the old one alone', async () => {
    const raCa = await RaCa.start();
    assert.equal(await codeOf(enrol(raCa, 'old', ...byVendor, ...chain)), 'done 0');
    const before = finished.map((name) => readFileSync(join(folder, 'old', name), 'utf8'));
    const renew = () => run('renew', raCa, '--trust', 'root.pem', '--from', 'old', '--out', 'new');
    raCa.loses = [raCa.messages + 1];
    assert.equal(await codeOf(renew()), 'cmp-unreachable 4');
    assert.equal(await codeOf(renew()), 'done 0');
    assert.deepEqual(filesOf('new'), finished);
    assert.deepEqual(
      finished.map((name) => readFileSync(join(folder, 'old', name), 'utf8')),
      before,
    );
    const [[old], [renewed]] = [
      certificatesIn('old', 'certificate.pem'),
      certificatesIn('new', 'certificate.pem'),
    ];
    assert(old && renewed);
    assert.equal(renewed.subject.key, old.subject.key);
    assert(!keyOf('old').equals(keyOf('new')));
    const { messages } = raCa;
    assert.equal(await codeOf(renew()), 'done 0');
    assert.equal(raCa.messages, messages);
    const same = run('renew', raCa, '--trust', 'root.pem', '--from', 'old', '--out', 'old');
    assert.equal(await codeOf(same), 'output-not-empty cmp-same-order 3');
  });

  it('revoke a certificate, which then renews nothing', async () => {
    const raCa = await RaCa.start();
    assert.equal(await codeOf(enrol(raCa, 'gone', ...byVendor, ...chain)), 'done 0');
    const from = ['--trust', 'root.pem', '--from', 'gone'];
    const { document, code } = await run('revoke', raCa, ...from, '--reason', 'keyCompromise');
    const [certificate] = certificatesIn('gone', 'certificate.pem');
    assert.deepEqual([document, code], [{ revoked: true, serialNumber: certificate?.serialNumber }, 0]);
    assert.deepEqual(
      raCa.test.journal.revoked().map(({ serialNumber, reason }) => [serialNumber, reason]),
      [[certificate?.serialNumber, 1]],
    );
    assert.match(
      await codeOf(run('renew', raCa, ...from, '--out', 'gone-2')),
      /^cmp-refused cmp-fail-\S+ 1$/,
    );
    const odd = await siteseal(['cmp', 'revoke', raCa.url, ...from, '--reason', 'boredom'], where);
    assert.equal(odd.code, 2);
  });
});

describe('siteseal cmp ca-certs and root-update', () => {
  const question = ['--trust', 'root.pem', '--reference', 'enb-1', '--secret-file', 'secret'];

  it('saves what the RA/CA offers, and says that it is not trusted', async () => {
    const raCa = await RaCa.start();
    const args = ['cmp', 'ca-certs', raCa.url, ...question, '--out', 'offered'];
    const { stdout, code } = await siteseal(args, where);
    assert.equal(code, 0);
    assert.match(stdout, /None of them is trusted/);
    assert.deepEqual(
      certificatesIn('offered', 'ca-certificates.pem').map(({ sha256 }) => sha256),
      [operatorCa, operatorRoot].map((one) => one.certificate.sha256),
    );
  });

  it('proposes a new root that the old one vouches for', async () => {
    const newRoot = makeCa('C=FI,O=Lab Operator,CN=Lab Root CA 2');
    const newWithOld = makeCa('C=FI,O=Lab Operator,CN=Lab Root CA 2', { key: newRoot.key }, operatorRoot);
    const successor = { newWithNew: newRoot.certificate, newWithOld: newWithOld.certificate };
    const { document, code } = await run(
      'root-update',
      await RaCa.start({ successor }),
      ...question,
      '--out',
      'next',
    );
    const { sha256, subject } = newRoot.certificate;
    const file = join(folder, 'next', 'proposed-root.pem');
    assert.deepEqual([document, code], [{ proposed: file, subject: nameToText(subject), sha256 }, 0]);
    assert.deepEqual(
      certificatesIn('next', 'proposed-root.pem').map((one) => one.sha256),
      [sha256],
    );
    assert.deepEqual(readFileSync(join(folder, 'root.pem'), 'utf8'), pem(operatorRoot.certificate));
  });

  it('says that there is no new root, and refuses one that the old one does not vouch for', async () => {
    const none = await run('root-update', await RaCa.start(), ...question, '--out', 'none');
    assert.deepEqual([none.document, none.code], [{ proposed: null }, 0]);
    const newRoot = makeCa('C=FI,O=Lab Operator,CN=Lab Root CA 2');
    const liar = makeCa('C=FI,O=Lab Operator,CN=Lab Root CA');
    const newWithOld = makeCa('C=FI,O=Lab Operator,CN=Lab Root CA 2', { key: newRoot.key }, liar);
    const successor = { newWithNew: newRoot.certificate, newWithOld: newWithOld.certificate };
    const forged = run('root-update', await RaCa.start({ successor }), ...question, '--out', 'forged');
    assert.equal(await codeOf(forged), 'cmp-certificate-unfit cmp-new-with-old 1');
    write('roots.pem', pem(operatorRoot.certificate, newRoot.certificate));
    const two = run('root-update', await RaCa.start(), '--trust', 'roots.pem', '--out', 'two');
    assert.equal(await codeOf(two), 'usage-invalid cmp-one-root 2');
  });
});
