// What a peer asks to be computed is bounded, and refused before anything is computed.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { der, oids } from '../../../main/asn1/index.ts';
import { requestCertificate } from '../../../main/cmp/index.ts';
import { party } from '../../../main/cmp/header.ts';
import { writeMac, type Mac } from '../../../main/cmp/mac.ts';
import { writeMessage, writeProtectedPart } from '../../../main/cmp/message.ts';
import type { Protector } from '../../../main/cmp/protection.ts';
import {
  answerTo,
  bySecret,
  certificateFor,
  granting,
  headerFor,
  pbm,
  scripted,
} from '../../kit/cmp-answers.ts';
import { firstHeader, messageOf, refusalTo, requestFor } from '../../kit/cmp-requests.ts';
import {
  credential,
  orderOf,
  ra,
  reference,
  startAuthority,
  vendorCredential,
  type TestAuthority,
} from '../../kit/cmp.ts';
import { generateKey } from '../../kit/issue-certificate.ts';

const key = generateKey('P-256');
const good = certificateFor(key);
const salt = Buffer.alloc(16, 5);
const hmac = (oid: string) => der.sequence(der.oid(oid), der.null);
const sha256 = der.sequence(der.oid(oids.sha256));
const sha1Oid = '1.3.14.3.2.26';

interface Pbm {
  readonly salt?: Uint8Array;
  readonly owf?: Uint8Array;
  readonly iterations?: number | bigint;
  readonly mac?: Uint8Array;
}

function pbmWith({ salt: own = salt, owf = sha256, iterations = 500, mac = hmac(oids.hmacWithSha256) }: Pbm) {
  const parameters = der.sequence(der.octetString(own), owf, der.integer(iterations), mac);
  return der.sequence(der.oid(oids.passwordBasedMac), parameters);
}

interface Pbmac1 extends Pick<Pbm, 'salt' | 'iterations' | 'mac'> {
  readonly keyLength?: Uint8Array;
  readonly prf?: Uint8Array;
  readonly kdf?: string;
}

function pbmac1With({
  salt: own = salt,
  iterations = 500,
  keyLength = der.integer(32),
  prf = hmac(oids.hmacWithSha256),
  mac = hmac(oids.hmacWithSha256),
  kdf = oids.pbkdf2,
}: Pbmac1): Uint8Array {
  const parameters = der.sequence(der.octetString(own), der.integer(iterations), keyLength, prf);
  const scheme = der.sequence(der.oid(kdf), parameters);
  return der.sequence(der.oid(oids.pbmac1), der.sequence(scheme, mac));
}

const none = new Uint8Array();
/** Algorithms that are out of bounds, weak or unknown. */
const refused: Readonly<Record<string, Uint8Array>> = {
  'PBM with no iteration': pbmWith({ iterations: 0 }),
  'PBM with 99 iterations': pbmWith({ iterations: 99 }),
  'PBM with 100,001 iterations': pbmWith({ iterations: 100_001 }),
  'PBM with 2^40 iterations': pbmWith({ iterations: 2 ** 40 }),
  'PBM with 2^64 iterations': pbmWith({ iterations: 2n ** 64n }),
  'PBM with a salt of 7 bytes': pbmWith({ salt: Buffer.alloc(7) }),
  'PBM with a salt of 65 bytes': pbmWith({ salt: Buffer.alloc(65) }),
  'PBM with SHA-1': pbmWith({ owf: der.sequence(der.oid(sha1Oid)) }),
  'PBM with MD5': pbmWith({ owf: der.sequence(der.oid('1.2.840.113549.2.5')) }),
  'PBM with HMAC-SHA1': pbmWith({ mac: hmac(oids.hmacSha1) }),
  'PBM with HMAC-SHA1 of PKCS': pbmWith({ mac: hmac(oids.hmacWithSha1) }),
  'PBM with an unknown MAC': pbmWith({ mac: hmac('1.2.3.4') }),
  'PBM without parameters': der.sequence(der.oid(oids.passwordBasedMac)),
  'PBMAC1 with 99 iterations': pbmac1With({ iterations: 99 }),
  'PBMAC1 with 1,000,001 iterations': pbmac1With({ iterations: 1_000_001 }),
  'PBMAC1 with 2^40 iterations': pbmac1With({ iterations: 2 ** 40 }),
  'PBMAC1 with a salt of 7 bytes': pbmac1With({ salt: Buffer.alloc(7) }),
  'PBMAC1 with a salt of 65 bytes': pbmac1With({ salt: Buffer.alloc(65) }),
  'PBMAC1 with a key of 15 bytes': pbmac1With({ keyLength: der.integer(15) }),
  'PBMAC1 with a key of 65 bytes': pbmac1With({ keyLength: der.integer(65) }),
  'PBMAC1 with a key of 1 GiB': pbmac1With({ keyLength: der.integer(2 ** 30) }),
  'PBMAC1 with no length of the key': pbmac1With({ keyLength: none }),
  'PBMAC1 with no PRF, which is SHA-1': pbmac1With({ prf: none }),
  'PBMAC1 with SHA-1 as PRF': pbmac1With({ prf: hmac(oids.hmacWithSha1) }),
  'PBMAC1 with HMAC-SHA1': pbmac1With({ mac: hmac(oids.hmacWithSha1) }),
  'PBMAC1 with scrypt': pbmac1With({ kdf: '1.3.6.1.4.1.11591.4.11' }),
  'RSA with SHA-1': der.sequence(der.oid('1.2.840.113549.1.1.5'), der.null),
  'RSA with MD5': der.sequence(der.oid('1.2.840.113549.1.1.4'), der.null),
  'ECDSA with SHA-1': der.sequence(der.oid('1.2.840.10045.4.1')),
  'a Diffie-Hellman MAC': der.sequence(der.oid('1.2.840.113533.7.66.30'), der.sequence(sha256, sha256)),
  'an unknown algorithm': der.sequence(der.oid('1.2.3.4')),
};

/** What computes for a peer. */
const costly = ['hash', 'createHash', 'createHmac', 'pbkdf2Sync', 'pbkdf2', 'verify'] as const;
const real = { ...crypto };
let calls = 0;

// A mock of node:test would keep every call, of which there are some 100,000.
before(() => {
  for (const name of costly) {
    const compute = real[name] as (...given: unknown[]) => unknown;
    Object.assign(crypto, {
      [name]: (...given: unknown[]) => {
        calls++;
        return compute(...given);
      },
    });
  }
  syncBuiltinESMExports();
});
after(() => {
  for (const name of costly) Object.assign(crypto, { [name]: real[name] });
  syncBuiltinESMExports();
});

describe('a client computes nothing for an answer by', () => {
  for (const [what, algorithm] of Object.entries(refused))
    it(what, async () => {
      for (const credentials of [credential, vendorCredential]) {
        const { peer } = scripted((message) => {
          const header = { ...headerFor(message), protectionAlgorithm: algorithm, senderKid: reference };
          const bytes = writeMessage(writeProtectedPart(header, granting(good)), Buffer.alloc(32), [
            ra.certificate.der,
          ]);
          calls = 0;
          return bytes;
        });
        const result = await requestCertificate(peer, credentials, orderOf({ key }));
        assert.equal(calls, 0);
        assert(!result.ok);
        assert.match(result.fault.code, /^cmp-(algorithm|malformed|unauthentic)$/);
        if (credentials === credential) assert.notEqual(result.fault.code, 'cmp-unauthentic');
      }
    });
});

async function within(work: (ca: TestAuthority) => Promise<void>): Promise<void> {
  const ca = await startAuthority();
  try {
    await work(ca);
  } finally {
    ca.close();
  }
}

describe('an RA/CA computes nothing for a request by', () => {
  for (const [what, algorithm] of Object.entries(refused))
    it(what, () =>
      within(async (ca) => {
        const header = {
          ...firstHeader(bySecret),
          recipient: party(ra.certificate.subject),
          protectionAlgorithm: algorithm,
          senderKid: reference,
        };
        const part = writeProtectedPart(header, await requestFor(key));
        const message = writeMessage(part, Buffer.alloc(32), [ra.certificate.der]);
        calls = 0;
        const refusal = await refusalTo(ca, message);
        assert.equal(calls, 0);
        assert.equal(refusal, 'badAlg');
      }),
    );
});

describe('what is just within the bounds is computed', () => {
  const macs: readonly Mac[] = [
    { ...pbm, iterations: 100, salt: Buffer.alloc(8, 1) },
    { ...pbm, iterations: 100_000, salt: Buffer.alloc(64, 1) },
    { ...pbm, owf: 'sha384', mac: 'sha512' },
    {
      kind: 'pbmac1',
      salt: Buffer.alloc(8, 1),
      iterations: 100,
      keyLength: 16,
      prf: 'sha256',
      mac: 'sha384',
    },
    {
      kind: 'pbmac1',
      salt: Buffer.alloc(64, 1),
      iterations: 1_000_000,
      keyLength: 64,
      prf: 'sha512',
      mac: 'sha256',
    },
  ];
  for (const mac of macs)
    it(`${mac.kind} with ${mac.iterations} iterations and a salt of ${mac.salt.length} bytes`, async () => {
      assert(writeMac(mac).length > 0);
      const protector: Protector = { ...bySecret, mac: () => mac } as Protector;
      const { peer } = scripted((message) => answerTo(message, granting(good), { protector }));
      calls = 0;
      const issued = await requestCertificate(peer, credential, orderOf({ key }));
      assert(issued.ok, JSON.stringify(issued));
      assert(calls > 0, 'Nothing was counted');
      await within(async (ca) =>
        assert.equal(await refusalTo(ca, messageOf(await requestFor(key), protector)), 'ip'),
      );
    });
});

it('an unknown reference costs as much as a wrong secret, so that its time gives nothing away', () =>
  within(async (ca) => {
    const costs: number[] = [];
    for (const change of [{ secret: Buffer.from('wrong') }, { reference: Buffer.from('nobody') }]) {
      const protector = { ...bySecret, ...change } as Protector;
      const message = await messageOf(await requestFor(key), protector);
      calls = 0;
      assert.equal(await refusalTo(ca, message), 'badMessageCheck');
      costs.push(calls);
    }
    assert.equal(costs[0], costs[1]);
    assert((costs[0] ?? 0) > 100);
  }));
