/** Bouncy Castle at the other end of CMP: as a client of the RA/CA, and as an RA/CA for the client. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, describe, it } from 'node:test';
import { encodePem } from '../../../main/asn1/index.ts';
import {
  confirmCertificate,
  httpExchange,
  requestCertificate,
  revokeCertificate,
  type Credentials,
  type Peer,
} from '../../../main/cmp/index.ts';
import { parseCertificate, plainSpki, spkiOf, type Certificate } from '../../../main/pki/index.ts';
import { signerOf } from '../../kit/bundle.ts';
import { makePkiOfToday, type CmpPki } from '../../kit/cmp-pki.ts';
import {
  orderOf,
  reference,
  secret,
  serveAuthority,
  type AuthorityChanges,
  type ServedAuthority,
} from '../../kit/cmp.ts';
import { generateKey, type KeyKind, type KeyPair } from '../../kit/issue-certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'siteseal-bouncy-castle-'));
let files = 0;

function file(octets: string | Uint8Array = ''): string {
  const path = join(folder, String(++files));
  writeFileSync(path, octets);
  return path;
}

const certificateFile = ({ der }: Certificate) => file(encodePem('CERTIFICATE', der));
const keyFile = (key: KeyObject) =>
  file(
    key.export({ format: 'pem', type: 'pkcs8' }).toString() +
      createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString(),
  );

/** Bouncy Castle, which does one thing after the other. */
const java = spawn(
  'java',
  [
    '-cp',
    ['bcprov', 'bcpkix', 'bcutil'].map((name) => `/usr/share/java/${name}.jar`).join(delimiter),
    join(import.meta.dirname, 'CmpPeer.java'),
  ],
  { stdio: ['pipe', 'pipe', 'inherit'] },
);
const lines = createInterface(java.stdout)[Symbol.asyncIterator]();

/** What Bouncy Castle says of a task: `ok` and a value, or why not. */
async function ask(...words: readonly string[]): Promise<string> {
  java.stdin.write(`${words.join('\t')}\n`);
  const { value, done } = await lines.next();
  return done === true ? 'ended' : value;
}

const served: ServedAuthority[] = [];
afterEach(async () => {
  await Promise.all(served.splice(0).map((one) => one.close()));
});
after(() => {
  java.stdin.end();
  rmSync(folder, { recursive: true });
});

async function start(certificates: CmpPki, changes: AuthorityChanges = {}): Promise<ServedAuthority> {
  const authority = await serveAuthority({ certificates, ...changes });
  served.push(authority);
  return authority;
}

const pkis: Readonly<Partial<Record<KeyKind, CmpPki>>> = {
  'P-256': makePkiOfToday(),
  'RSA-2048': makePkiOfToday('RSA-2048'),
};

function pkiOf(kind: KeyKind): CmpPki {
  const pki = pkis[kind];
  assert(pki);
  return pki;
}

/** The protection of Bouncy Castle with a certificate, which its chain follows. */
function signed(algorithm: string, { key, certificate }: KeyPair, ...chain: readonly KeyPair[]): string {
  const certificates = [certificate, ...chain.map((one) => one.certificate)].map(certificateFile);
  return ['sign', algorithm, keyFile(key), ...certificates].join(',');
}

const mac = (kind: 'pbm' | 'pbmac1' | 'default', own = secret) =>
  [kind, reference.toString(), own.toString()].join(',');
const algorithms = {
  ECDSA: ['P-256', 'SHA256withECDSA'],
  RSA: ['RSA-2048', 'SHA256withRSA'],
  'RSA-PSS': ['RSA-2048', 'SHA256withRSAandMGF1'],
} as const;

/** A transaction of Bouncy Castle with an RA/CA. */
async function enrol(
  { port }: ServedAuthority,
  pki: CmpPki,
  protection: string,
  {
    type = 'ir',
    subject = 'O=Lab Operator,CN=LAB0001',
    key = generateKey('P-256'),
    confirmation = 'explicit',
  } = {},
): Promise<{ readonly outcome: string; readonly pair: () => KeyPair }> {
  const output = file();
  const outcome = await ask(
    ...['enrol', `http://127.0.0.1:${port}/pkix/`, certificateFile(pki.ra.certificate), protection],
    ...[certificateFile(pki.operatorRoot.certificate), type, subject, keyFile(key), confirmation, output],
  );
  const pair = () => {
    assert.equal(outcome, 'ok');
    const certificate = parseCertificate(readFileSync(output));
    assert(certificate.ok, JSON.stringify(certificate));
    assert.deepEqual(plainSpki(certificate.value.publicKey), new Uint8Array(spkiOf(key)));
    return { key, certificate: certificate.value };
  };
  return { outcome, pair };
}

describe('Bouncy Castle as a client', () => {
  const pki = pkiOf('P-256');
  for (const kind of ['pbm', 'pbmac1'] as const) {
    for (const confirmation of ['explicit', 'implicit']) {
      it(`enrols by ${kind} with ${confirmation} confirmation`, async () => {
        const authority = await start(pki);
        const { certificate } = (await enrol(authority, pki, mac(kind), { confirmation })).pair();
        assert.equal(authority.journal.isConfirmed(certificate.sha256), true);
      });
    }
  }
  for (const [name, [keyKind, algorithm]] of Object.entries(algorithms)) {
    it(`enrols by its vendor's certificate with ${name}, renews and revokes`, async () => {
      const own = pkiOf(keyKind);
      const authority = await start(own);
      const subject = 'O=Lab Operator,CN=LAB0002';
      const first = await enrol(authority, own, signed(algorithm, own.otherEnb, own.vendor.issuing), {
        subject,
        key: generateKey(keyKind),
      });
      const renewed = await enrol(authority, own, signed(algorithm, first.pair(), own.operatorCa), {
        type: 'kur',
        subject,
        key: generateKey(keyKind),
      });
      const last = renewed.pair();
      const revoked = await ask(
        ...['revoke', `http://127.0.0.1:${authority.port}/pkix/`, certificateFile(own.ra.certificate)],
        ...[signed(algorithm, last, own.operatorCa), certificateFile(own.operatorRoot.certificate)],
        ...[certificateFile(last.certificate), '1'],
      );
      assert.equal(revoked, 'ok');
      assert.deepEqual(
        authority.journal.revoked().map((one) => [one.serialNumber, one.reason]),
        [[last.certificate.serialNumber, 1]],
      );
    });
  }

  it('reads the signed refusal of a wrong secret', async () => {
    const { outcome } = await enrol(await start(pki), pki, mac('pbm', Buffer.from('another')));
    assert.match(outcome, /status 2, .*the secret is another one/);
  });

  it('is refused with SHA-1, its default', async () => {
    const { outcome } = await enrol(await start(pki), pki, mac('default'));
    assert.match(outcome, /status 2, .*The MAC or its parameters are not accepted/);
  });

  it('reads the refusal of its second key', async () => {
    const authority = await start(pki);
    await enrol(authority, pki, mac('pbmac1'));
    const { outcome } = await enrol(authority, pki, mac('pbmac1'));
    assert.match(outcome, /status 2, .*credential-bound-elsewhere/);
  });
});

describe('Bouncy Castle as an RA/CA', () => {
  /** A client of Bouncy Castle, and how the two protect their messages. */
  async function respond(pki: CmpPki, protection: string, behaviour: string): Promise<Peer> {
    const root = certificateFile(pki.vendor.root.certificate);
    const ca = [certificateFile(pki.operatorCa.certificate), keyFile(pki.operatorCa.key)];
    const outcome = await ask('respond', protection, ...ca, root, behaviour);
    const [, port] = /^ok (\d+)$/.exec(outcome) ?? [];
    assert(port, outcome);
    return {
      exchange: httpExchange(`http://127.0.0.1:${port}/pkix/`),
      recipient: pki.ra.certificate.subject,
      trustAnchors: [pki.operatorRoot.certificate],
      clock: () => ({ now: new Date(), isExact: true }),
      pause: () => Promise.resolve(),
      patience: 60_000,
    };
  }

  const ways: Readonly<Record<string, readonly [CmpPki, string, Credentials]>> = {
    PBM: [pkiOf('P-256'), mac('pbm'), { kind: 'mac', reference, secret }],
    PBMAC1: [
      pkiOf('P-256'),
      mac('pbmac1'),
      { kind: 'mac', reference, secret, algorithm: 'pbmac1', iterations: 1_000 },
    ],
    ...Object.fromEntries(
      Object.entries(algorithms).map(([name, [keyKind, algorithm]]) => {
        const pki = pkiOf(keyKind);
        const signer = signerOf(pki.enb, pki.vendor.issuing);
        return [name, [pki, signed(algorithm, pki.ra, pki.operatorCa), { kind: 'signature', signer }]];
      }),
    ),
  };
  for (const [name, [pki, protection, credentials]] of Object.entries(ways)) {
    for (const behaviour of ['issue', 'wait']) {
      it(`gives a certificate by ${name}${behaviour === 'wait' ? ' after a poll' : ''}, and takes its confirmation`, async () => {
        const peer = await respond(pki, protection, behaviour);
        const order = orderOf();
        const issued = await requestCertificate(peer, credentials, order);
        assert(issued.ok, JSON.stringify(issued));
        const confirmed = await confirmCertificate(peer, credentials, issued.value);
        assert(confirmed.ok, JSON.stringify(confirmed));
        assert.deepEqual(plainSpki(issued.value.certificate.publicKey), new Uint8Array(spkiOf(order.key)));
        assert.equal(issued.value.chain.at(-1)?.sha256, pki.operatorRoot.certificate.sha256);
      });
    }

    for (const behaviour of ['reject', 'error']) {
      it(`is understood when it says no by ${name}, with ${behaviour}`, async () => {
        const peer = await respond(pki, protection, behaviour);
        const issued = await requestCertificate(peer, credentials, orderOf());
        assert(!issued.ok);
        assert.deepEqual(
          [issued.fault.code, issued.fault.rule],
          ['cmp-refused', 'cmp-fail-bad-cert-template'],
        );
        assert.match(issued.fault.found ?? '', /^Bouncy Castle says no/);
      });
    }
  }

  for (const [name, [keyKind, algorithm]] of Object.entries(algorithms)) {
    it(`renews and revokes by ${name}`, async () => {
      const pki = pkiOf(keyKind);
      const signer = signerOf(pki.enb, pki.vendor.issuing);
      const credentials = { kind: 'signature', signer } as const;
      const peer = await respond(pki, signed(algorithm, pki.ra, pki.operatorCa), 'issue');
      const renewed = await requestCertificate(peer, credentials, orderOf({ kind: 'kur' }));
      assert(renewed.ok, JSON.stringify(renewed));
      const other = await respond(pki, signed(algorithm, pki.ra, pki.operatorCa), 'issue');
      assert.deepEqual(await revokeCertificate(other, credentials, 4), { ok: true, value: undefined });
    });
  }

  it('is not believed with SHA-1, its default', async () => {
    const peer = await respond(pkiOf('P-256'), mac('default'), 'issue');
    const issued = await requestCertificate(peer, { kind: 'mac', reference, secret }, orderOf());
    assert(!issued.ok);
    assert.equal(issued.fault.code, 'cmp-algorithm');
  });
});
