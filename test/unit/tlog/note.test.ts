import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { noteCrypto } from '../../../main/audit/index.ts';
import {
  checkpointBody,
  cosign,
  cosignatureType,
  ed25519Type,
  formatNote,
  formatVerifierKey,
  fromBase64,
  fromHex,
  keyIdOf,
  noteBody,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  signatureLine,
  toBase64,
  toHex,
  verifyCosignature,
  verifySignature,
  type VerifierKey,
} from '../../../main/tlog/index.ts';

// Made by Go's golang.org/x/mod/sumdb/note.
const origin = 'siteseal.invalid/log/0011223344556677';
const goKeys = [
  `${origin}+4b88427a+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4`,
  'éxample.invalid/second+774d8f1f+AQu8NGpXZnw4ASC9nH/X5R0sX9/qN80vW/QFssa/by14',
];
const root = '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328';
const goCheckpoint = `${origin}
8
XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

— ${origin} S4hCejNN8PSiioyS2yxjSKOM+i5IPJHVcm7naVTIc0DiGmmuA0kzlJYYZuPMAo6OIGaPLomD2GXbM7tnbCOHEEjmxgM=
— éxample.invalid/second d02PH3LCjqEzFMVUIOKomMX3QV0G32WORDFGI8jsmZ+xkaBdbjtbgxTP0HXYO92kuk0ajmN5nD0qa0DzlS4s+99z/wU=
`;
const goPoem = `Ognuno sta solo

ed è subito sera.

— ${origin} S4hCekfwcGVviUZyh/+7Nt7dx8gNuBSsNSD+wfA8sZxCRkVbp1d2aDp7G7n0yExuSaPswoJ+1szqlKMuaZHMLPZC/ww=
`;

interface Signing {
  readonly key: VerifierKey;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

function signing(name: string, type: number): Signing {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const key = { name, type, publicKey: new Uint8Array(spki.subarray(-32)) };
  return { key, sign: (message) => new Uint8Array(sign(null, message, privateKey)) };
}

const log = signing(origin, ed25519Type);
const witness = signing('siteseal.invalid/witness/0011223344556677', cosignatureType);
const body = checkpointBody({ origin, size: 8, root });
const lineOf = ({ key, sign: signWith }: Signing, text = body) =>
  signatureLine(key, signWith(noteBody(text)), noteCrypto);

function parsed(text: string) {
  const note = parseNote(text);
  assert(note, text);
  return note;
}

function changed(signature: Uint8Array): Uint8Array {
  return signature.map((byte, at) => (at === 20 ? byte ^ 1 : byte));
}

/** The text with one bit of its UTF-8 bytes flipped. */
function flipped(text: string, bit: number): string {
  const bytes = new TextEncoder().encode(text);
  bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

describe('a note', () => {
  it('of Go is read and verified, with each of its keys and with empty lines in its text', () => {
    const checkpoint = parseCheckpoint(goCheckpoint);
    assert(checkpoint);
    assert.deepEqual([checkpoint.origin, checkpoint.size, checkpoint.root], [origin, 8, root]);
    for (const text of goKeys) {
      const key = parseVerifierKey(text, noteCrypto);
      assert(key);
      assert.equal(formatVerifierKey(key, noteCrypto), text);
      assert(verifySignature(checkpoint.note, key, noteCrypto));
      assert.equal(verifySignature(parsed(goPoem), key, noteCrypto), key.name === origin);
    }
  });

  it('is refused with any bit flipped', () => {
    const text = formatNote(body, [lineOf(log)]);
    for (let bit = 0; bit < 8 * Buffer.byteLength(text); bit++) {
      const note = parseNote(flipped(text, bit));
      assert(!note || !verifySignature(note, log.key, noteCrypto), `bit ${bit}`);
    }
  });

  it('is refused in any other form', () => {
    const line = lineOf(log);
    const good = formatNote(body, [line]);
    assert(verifySignature(parsed(good), log.key, noteCrypto));
    const [, name = '', encoded = ''] = line.trimEnd().split(' ');
    const bad = [
      '',
      '\n',
      '\n\n',
      body,
      formatNote(body, []),
      `${body}${line}`,
      good.slice(0, -1),
      `${good}\n`,
      `${good} `,
      `\ufeff${good}`.replace('\n\n', '\n'),
      good.replaceAll('\n', '\r\n'),
      good.replace(origin, `${origin}\t`),
      good.replace(origin, `${origin}\0`),
      good.replace(origin, `${origin}\ud800`),
      good.replace(origin, `${origin}\ufffd`),
      formatNote(body, [line.replace('\u2014', '-')]),
      formatNote(body, [line.replace('\u2014 ', '\u2014')]),
      formatNote(body, [`\u2014 ${name}  ${encoded}\n`]),
      formatNote(body, [`\u2014 ${name}+ ${encoded}\n`]),
      formatNote(body, [`\u2014 ${name}\u00a0 ${encoded}\n`]),
      formatNote(body, [`\u2014 ${name}\u0085 ${encoded}\n`]),
      formatNote(body, [`\u2014  ${encoded}\n`]),
      formatNote(body, [`\u2014 ${name} ${encoded.replace(/=+$/, '')}\n`]),
      formatNote(body, [`\u2014 ${name} ${encoded.slice(0, 4)}\n`]),
      formatNote(body, [`\u2014 ${name}\n`]),
      formatNote(body, [line, '\n', line]),
      formatNote(body, Array<string>(65).fill(line)),
      formatNote(`${'x'.repeat(70_000)}\n`, [line]),
    ];
    for (const text of bad) {
      const note = parseNote(text);
      assert(!note || !verifySignature(note, log.key, noteCrypto), JSON.stringify(text));
    }
  });

  it('may have signatures of others, which prove and break nothing', () => {
    const other = signing(origin, ed25519Type);
    const bogus = signatureLine({ ...other.key, name: 'else.invalid' }, new Uint8Array(3), noteCrypto);
    const note = parsed(formatNote(body, [lineOf(other), bogus, lineOf(log)]));
    assert(verifySignature(note, log.key, noteCrypto));
    assert(!verifySignature(parsed(formatNote(body, [lineOf(other), bogus])), log.key, noteCrypto));
    assert(!verifySignature(parsed(formatNote(body, [lineOf(log)])), other.key, noteCrypto));
  });

  it('is refused with an invalid signature, one of another length, or two of one key', () => {
    const bad = changed(log.sign(noteBody(body)));
    for (const signature of [bad, bad.subarray(1), new Uint8Array(65)]) {
      const line = signatureLine(log.key, signature, noteCrypto);
      assert(!verifySignature(parsed(formatNote(body, [line])), log.key, noteCrypto));
      for (const lines of [
        [line, lineOf(log)],
        [lineOf(log), line],
        [lineOf(log), lineOf(witness), lineOf(log)],
      ])
        assert.equal(parseNote(formatNote(body, lines)), undefined);
    }
  });
});

describe('a verifier key', () => {
  it('is refused with another name, type, key or key id, or in another form', () => {
    const text = formatVerifierKey(log.key, noteCrypto);
    assert.deepEqual(parseVerifierKey(text, noteCrypto), log.key);
    const [name = '', keyId = '', ...rest] = text.split('+');
    const key = rest.join('+');
    const bad = [
      '',
      '++',
      name,
      `${name}+${keyId}`,
      `x${text}`,
      `${text}=`,
      ` ${text}`,
      `${text}\n`,
      `${name}+${keyId.toUpperCase()}x+${key}`,
      `${name}+00000000+${key}`,
      `${name}+${keyId}+${key.slice(4)}`,
      `+${keyIdOf({ ...log.key, name: '' }, noteCrypto)}+${key}`,
      ...['a b', 'a\u0085', 'a\u0001', 'a\ud800', 'a\u00a0'].map((odd) =>
        formatVerifierKey({ ...log.key, name: odd }, noteCrypto),
      ),
    ];
    for (const one of bad) assert.equal(parseVerifierKey(one, noteCrypto), undefined, JSON.stringify(one));
    for (let at = 0; at < text.length; at++) {
      const other = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
      assert.equal(parseVerifierKey(other, noteCrypto), undefined);
    }
  });

  it('that is no point of the curve verifies nothing', () => {
    const key = { ...log.key, publicKey: new Uint8Array(32).fill(0xff) };
    const line = signatureLine(key, log.sign(noteBody(body)), noteCrypto);
    assert(!verifySignature(parsed(formatNote(body, [line])), key, noteCrypto));
  });
});

describe('a checkpoint', () => {
  it('reads back as it was written', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex);
    fc.assert(
      fc.property(fc.maxSafeNat(), hash, (size, some) => {
        const read = parseCheckpoint(formatNote(checkpointBody({ origin, size, root: some }), [lineOf(log)]));
        assert.deepEqual([read?.origin, read?.size, read?.root], [origin, size, some]);
      }),
    );
  });

  it('is refused in any other form', () => {
    const encoded = toBase64(fromHex(root));
    const bad = [
      `${origin}\n8\n${encoded}\nextension\n`,
      `${origin}\n8\n`,
      `${origin}\n08\n${encoded}\n`,
      `${origin}\n+8\n${encoded}\n`,
      `${origin}\n-8\n${encoded}\n`,
      `${origin}\n8.0\n${encoded}\n`,
      `${origin}\n8e1\n${encoded}\n`,
      `${origin}\n\u0668\n${encoded}\n`,
      `${origin}\n9007199254740992\n${encoded}\n`,
      `${origin}\n99999999999999999999\n${encoded}\n`,
      `${origin}\n8 \n${encoded}\n`,
      `\n8\n${encoded}\n`,
      `${origin}\n\n8\n${encoded}\n`,
      `${origin}\n8\n${encoded.slice(0, -1)}\n`,
      // The last bits of the last letter are not zero.
      `${origin}\n8\n${encoded.slice(0, -2)}h=\n`,
      `${origin}\n8\n${toBase64(fromHex(root).subarray(1))}\n`,
      `${origin}\n8\n${root}\n`,
    ];
    for (const text of bad) {
      assert(parseNote(formatNote(text, [lineOf(log)])));
      assert.equal(parseCheckpoint(formatNote(text, [lineOf(log)])), undefined, text);
    }
  });
});

describe('a cosignature', () => {
  const line = cosign(witness.key, body, 1_679_315_147, witness.sign, noteCrypto);

  it('says when the witness saw the checkpoint', () => {
    for (const lines of [[line], [lineOf(log), line], [line, lineOf(log)]]) {
      const note = parsed(formatNote(body, lines));
      assert.equal(verifyCosignature(note, witness.key, noteCrypto), 1_679_315_147);
    }
  });

  it('signs the time and the text of the checkpoint, as the specification writes them', () => {
    let message = '';
    cosign(
      witness.key,
      body,
      1_679_315_147,
      (bytes) => ((message = Buffer.from(bytes).toString()), bytes.slice(0, 64)),
      noteCrypto,
    );
    assert.equal(message, `cosignature/v1\ntime 1679315147\n${origin}\n8\n${toBase64(fromHex(root))}\n`);
    const bytes = fromBase64(line.trimEnd().split(' ')[2] ?? '');
    assert.equal(bytes?.length, 4 + 8 + 64);
    assert.equal(toHex(bytes.subarray(4, 12)), '00000000641850cb');
  });

  it('is refused with another time, text, key, type or length', () => {
    const bytes = fromBase64(line.trimEnd().split(' ')[2] ?? '')?.subarray(4) ?? new Uint8Array();
    const refused = (text: string, lines: readonly string[], key = witness.key) =>
      assert.equal(verifyCosignature(parsed(formatNote(text, lines)), key, noteCrypto), undefined);
    for (let at = 0; at < bytes.length; at++) {
      const bad = signatureLine(
        witness.key,
        bytes.map((byte, place) => (place === at ? byte ^ 0x80 : byte)),
        noteCrypto,
      );
      refused(body, [bad]);
    }
    refused(body, [signatureLine(witness.key, bytes.subarray(0, -1), noteCrypto)]);
    refused(body, [signatureLine(witness.key, bytes.subarray(0, 8), noteCrypto)]);
    refused(body, [lineOf(witness)]);
    refused(body, [lineOf(log)]);
    refused(checkpointBody({ origin, size: 9, root }), [line]);
    refused(body, [line], { ...witness.key, type: ed25519Type });
    refused(body, [line], { ...witness.key, name: 'siteseal.invalid/witness/ffffffffffffffff' });
    assert(!verifySignature(parsed(formatNote(body, [line])), witness.key, noteCrypto));
  });
});

describe('base64 and hex', () => {
  it('have one form for all bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        assert.equal(toBase64(bytes), Buffer.from(bytes).toString('base64'));
        assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
        assert.equal(toHex(bytes), Buffer.from(bytes).toString('hex'));
        assert.deepEqual(fromHex(toHex(bytes)), bytes);
      }),
    );
    for (const bad of [
      'A',
      'AA',
      'AAA',
      'AA=',
      'AB==',
      'AAB=',
      'AA==\n',
      ' AAAA',
      'AA-_',
      'AAAA====',
      '====',
      'AA==AAAA',
    ])
      assert.equal(fromBase64(bad), undefined, bad);
  });
});
