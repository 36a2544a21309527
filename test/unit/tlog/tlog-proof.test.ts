import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { formatTlogProof, fromHex, parseTlogProof, toBase64, toHex } from '../../../main/tlog/index.ts';

const hash = toHex(new Uint8Array(32).fill(7));
const encoded = toBase64(fromHex(hash));
const checkpoint = `siteseal.invalid/log/0011223344556677
9
${encoded}

\u2014 siteseal.invalid/log/0011223344556677 AAAAAAAA
`;
const good = `c2sp.org/tlog-proof@v1
extra AAEC
index 8
${encoded}

${checkpoint}`;

describe('a tlog-proof', () => {
  it('reads back as it was written', () => {
    const extra = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined });
    const hashes = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex), { maxLength: 53 });
    fc.assert(
      fc.property(extra, fc.nat(8), hashes, (some, index, inclusion) => {
        const proof = { ...(some && { extra: some }), index, inclusion, checkpoint };
        const { head, ...read } = parseTlogProof(formatTlogProof(proof)) ?? assert.fail();
        assert.deepEqual(read, proof);
        assert.equal(head.size, 9);
      }),
    );
  });

  it('is the text of the specification', () => {
    const extra = Uint8Array.of(0, 1, 2);
    assert.equal(formatTlogProof({ extra, index: 8, inclusion: [hash], checkpoint }), good);
    assert(parseTlogProof(good.replace('extra AAEC\n', '')));
    assert.equal(parseTlogProof(good.replace('AAEC', ''))?.extra?.length, 0);
  });

  it('is refused in any other form', () => {
    const bad = [
      '',
      '\n\n',
      good.slice(1),
      `\n${good}`,
      good.replace('@v1', '@v2'),
      good.replaceAll('\n', '\r\n'),
      good.replace('AAEC', 'AAE'),
      good.replace('extra ', 'Extra '),
      good.replace('extra AAEC\n', 'extra AAEC\nextra AAEC\n'),
      good.replace('extra AAEC\nindex 8\n', 'index 8\nextra AAEC\n'),
      good.replace('index 8\n', ''),
      good.replace('index 8', 'index 9'),
      good.replace('index 8', 'index 08'),
      good.replace('index 8', 'index -8'),
      good.replace('index 8', 'index  8'),
      good.replace('index 8', 'index 8 '),
      good.replace('index 8', 'index '),
      good.replace('index 8', 'index 99999999999999999'),
      good.replace(`${encoded}\n\n`, `${hash}\n\n`),
      good.replace(`${encoded}\n\n`, `${encoded.slice(0, -4)}\n\n`),
      good.replace(`${encoded}\n\n`, `${encoded}\n\n\n`),
      good.replace(`${encoded}\n\n`, `${encoded}\n`),
      good.replace(`${encoded}\n\n`, `${`${encoded}\n`.repeat(54)}\n`),
      good.slice(0, -1),
      good.replace('AAEC', 'AAAA'.repeat(50_000)),
    ];
    assert(parseTlogProof(good));
    for (const text of bad) assert.equal(parseTlogProof(text), undefined, JSON.stringify(text.slice(0, 500)));
  });
});
