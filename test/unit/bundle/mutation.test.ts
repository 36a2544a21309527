import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  acceptanceCodes,
  makeBundle,
  type Acceptance,
  type AcceptanceCode,
} from '../../../main/bundle/index.ts';
import {
  bundleAround,
  configurationFor,
  issueCrl,
  judge,
  makeScene,
  sealedMembers,
  sealingFor,
  signContent,
  signingOf,
} from '../../kit/bundle.ts';

const scene = makeScene();
const { signing, vendor, configurationKey } = scene;
const configuration = configurationFor(scene);
const crls = [issueCrl(vendor.root), issueCrl(vendor.issuing)];
const bundle = Buffer.from(
  await makeBundle(configuration, sealingFor(scene), signingOf(configurationKey, vendor, crls)),
);
const original = judge(bundle, scene);
const parts = { bundle, recipient: signerRegion(bundle), crls: crlRegion(bundle) };

/** Bytes from `start` up to but not including `end`. */
interface Region {
  readonly start: number;
  readonly end: number;
}

/** The issuer's name in the SignerInfo: the last place where it stands. */
function signerRegion(bytes: Buffer): Region {
  const { der } = vendor.issuing.certificate.subject;
  const start = bytes.lastIndexOf(der);
  return { start, end: start + der.length };
}

/** The CRLs, which nothing in CMS signs: who takes them away, or makes them another's, hides a revocation. */
function crlRegion(bytes: Buffer): Region {
  const starts = crls.map(({ der }) => bytes.indexOf(der));
  const ends = crls.map(({ der }, index) => (starts[index] ?? 0) + der.length);
  return { start: Math.min(...starts), end: Math.max(...ends) };
}

const isIn = ({ start, end }: Region, octet: number) => octet >= start && octet < end;

/** Whatever was done to the bundle, it must not say anything else than its signer did. */
function assertSameOrRefused(acceptance: Acceptance): void {
  if (!acceptance.accepted) return;
  assert.deepEqual(acceptance.configuration, original.configuration);
  assert.deepEqual(acceptance.sealed, original.sealed);
}

/** A verdict has every code in its order, and what was prevented was prevented by something that failed before it. */
function assertWellFormed({ accepted, assumed, checks }: Acceptance): void {
  assert.deepEqual(
    checks.map(({ code }) => code),
    acceptanceCodes,
  );
  const first = checks.find(({ ok }) => ok === false)?.code;
  for (const check of checks) {
    if (check.ok === null && check.why.startsWith('prevented-by')) {
      assert.equal(check.why, `prevented-by:${first}`);
    }
  }
  assert.equal(accepted, first === undefined);
  const isAssumed = (code: AcceptanceCode) => assumed.includes(code);
  assert(checks.every(({ ok, code }) => ok !== true || !isAssumed(code)));
}

function flip(bytes: Uint8Array, bit: number): Buffer {
  const flipped = Buffer.from(bytes);
  const octet = bit >> 3;
  flipped[octet] = (flipped[octet] ?? 0) ^ (0x80 >> (bit & 7));
  return flipped;
}

describe('a bundle with one bit flipped', () => {
  const outside = (octet: number) => !isIn(parts.recipient, octet) && !isIn(parts.crls, octet);

  it('is refused, wherever it is flipped in what the signer vouches for', () => {
    fc.assert(
      fc.property(fc.nat(bundle.length * 8 - 1), (bit) => {
        const acceptance = judge(flip(bundle, bit), scene);
        assertWellFormed(acceptance);
        if (outside(bit >> 3)) assert.equal(acceptance.accepted, false);
        else assertSameOrRefused(acceptance);
      }),
      { numRuns: 1500 },
    );
  });

  it('is refused for every bit of the signed attributes, the signature and all that follows the signer’s name', () => {
    for (let bit = parts.recipient.end * 8; bit < bundle.length * 8; bit++) {
      assert.equal(judge(flip(bundle, bit), scene).accepted, false, `bit ${bit}`);
    }
  });

  it('is refused for every bit of the bytes before the content', () => {
    for (let bit = 0; bit < bundle.indexOf('{"format"') * 8; bit++) {
      assert.equal(judge(flip(bundle, bit), scene).accepted, false, `bit ${bit}`);
    }
  });

  it('is the same bundle when only the case of a letter in the signer’s name has changed', () => {
    // RFC 5280 section 7.1 compares names without case. The bytes differ, and so does the digest of the whole.
    for (let octet = parts.recipient.start; octet < parts.recipient.end; octet++) {
      assertSameOrRefused(judge(flip(bundle, octet * 8 + 2), scene));
    }
  });

  it('never hides a revocation from an eNB that has the CRL itself', () => {
    const later = { thisUpdate: new Date('2026-11-15T00:00:00Z'), number: 2 };
    const context = { crls: [issueCrl(vendor.issuing, { revoked: [configurationKey], ...later })] };
    for (let bit = parts.crls.start * 8; bit < parts.crls.end * 8; bit += 5) {
      assert.equal(judge(flip(bundle, bit), scene, context).accepted, false);
    }
  });
});

describe('a bundle cut, spliced, swapped or overwritten anywhere', () => {
  const place = fc.nat(bundle.length);
  const edit = fc.oneof(
    fc.record({ kind: fc.constant('insert' as const), at: place, octets: fc.uint8Array({ maxLength: 40 }) }),
    fc.record({
      kind: fc.constant('overwrite' as const),
      at: place,
      octets: fc.uint8Array({ maxLength: 8 }),
    }),
    fc.record({ kind: fc.constant('delete' as const), at: place, length: fc.nat(40) }),
    fc.record({ kind: fc.constant('repeat' as const), at: place, length: fc.nat(600) }),
  );

  it('says the same as before or is refused, and never throws', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let bytes = bundle;
        for (const one of edits) {
          const before = bytes.subarray(0, one.at);
          const after = bytes.subarray(one.at);
          switch (one.kind) {
            case 'insert':
              bytes = Buffer.concat([before, one.octets, after]);
              break;
            case 'overwrite':
              bytes = Buffer.concat([before, one.octets, after.subarray(one.octets.length)]);
              break;
            case 'delete':
              bytes = Buffer.concat([before, after.subarray(one.length)]);
              break;
            case 'repeat':
              bytes = Buffer.concat([before, after.subarray(0, one.length), after]);
          }
        }
        const acceptance = judge(bytes, scene);
        assertWellFormed(acceptance);
        assertSameOrRefused(acceptance);
      }),
      { numRuns: 1000 },
    );
  });

  it('is no bundle when it is bytes at random', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const acceptance = judge(bytes, scene);
        assertWellFormed(acceptance);
        assert.equal(acceptance.accepted, false);
      }),
      { numRuns: 300 },
    );
  });
});

describe('whatever an authorised signer writes', () => {
  const members = Object.keys(configuration).filter((name) => name !== 'format');
  /** Texts that are almost what some member wants. */
  const awkward = [
    ...['\u0000', '%', '1.99=x', '2.999999999999999999999999=x', 'CN=', 'CN=\\', '2026-02-30T00:00:00Z'],
    ...[
      'http://[',
      'http://[::1%1]/',
      'http://0x7f.1/',
      '::/129',
      '0.0.0.0/0',
      '::ffff:0:0/96',
      'AAAA',
      'ip:::',
    ],
  ];
  const anything = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constantFrom(...awkward));

  it('in the place of a member gets a verdict and never an exception', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...members), anything, async (member, value) => {
        const content = JSON.stringify({ ...configuration, [member]: value });
        assertWellFormed(judge(await signContent(content, signing), scene));
      }),
      { numRuns: 300 },
    );
  });

  it('in the place of a text deep inside gets a verdict and never an exception', async () => {
    const texts: (readonly string[])[] = [];
    const collect = (value: unknown, path: readonly string[]) => {
      if (typeof value === 'string') texts.push(path);
      else if (typeof value === 'object' && value !== null) {
        for (const [name, one] of Object.entries(value)) collect(one, [...path, name]);
      }
    };
    collect({ ...configuration, format: 0 }, []);
    const text = fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: 'binary', minLength: 1 }));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...texts), text, async (path, value) => {
        const content = structuredClone(configuration) as unknown;
        const last = path.at(-1) ?? '';
        const parent = path
          .slice(0, -1)
          .reduce((object, name) => Reflect.get(object as object, name) as unknown, content);
        Reflect.set(parent as object, last, value);
        assertWellFormed(judge(await signContent(JSON.stringify(content), signing), scene));
      }),
      { numRuns: 300 },
    );
  });

  it('as JSON of its own gets a verdict and never an exception', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), async (content) => {
        const acceptance = judge(await signContent(content, signing), scene);
        assertWellFormed(acceptance);
        assert.equal(acceptance.accepted, false);
      }),
      { numRuns: 200 },
    );
  });

  it('as the plaintext of a sealed part gets a verdict and never an exception', async () => {
    const good = sealedMembers(configuration, signing);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(good)), fc.jsonValue(), async (member, value) => {
        const acceptance = judge(
          await bundleAround(scene, configuration, JSON.stringify({ ...good, [member]: value })),
          scene,
        );
        assertWellFormed(acceptance);
        assert.equal(acceptance.accepted, false);
      }),
      { numRuns: 150 },
    );
  });
});
