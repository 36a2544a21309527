import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { treeHashes } from '../../../main/audit/index.ts';
import {
  CompactRange,
  emptyRoot,
  isHash,
  ProofMaker,
  consistencyPath,
  inclusionPath,
  splitAt,
  type Hash,
} from '../../../main/tlog/index.ts';
import { rootOf } from './reference.ts';

// The test vectors of the Certificate Transparency project.
const inputs = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const ofFirstTwo = '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e';
const ofRightFour = '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4';
const second = '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7';
const vectors = [
  { path: inclusionPath(0, 8), proof: [second, ofFirstTwo, ofRightFour] },
  { path: consistencyPath(1, 8), proof: [second, ofFirstTwo, ofRightFour] },
  {
    path: consistencyPath(6, 8),
    proof: [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  },
  {
    path: consistencyPath(2, 5),
    proof: [ofFirstTwo, 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b'],
  },
];

function rangeOf(leaves: readonly Hash[]): CompactRange {
  const range = new CompactRange(treeHashes);
  for (const leaf of leaves) range.append(leaf);
  return range;
}

const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => treeHashes.leaf(String(index)));

describe('the tree', () => {
  it('has the published roots and proofs', () => {
    const maker = new ProofMaker(
      treeHashes,
      vectors.map(({ path }) => path),
    );
    const found: Hash[] = [maker.tree.root()];
    for (const input of inputs) {
      maker.append(treeHashes.leaf(Buffer.from(input, 'hex')));
      found.push(maker.tree.root());
    }
    assert.deepEqual(found, roots);
    assert.deepEqual(
      maker.proofs(),
      vectors.map(({ proof }) => proof),
    );
    assert.equal(emptyRoot, roots[0]);
  });

  it('hashes an entry that is text as its UTF-8 bytes', () => {
    for (const text of ['', 'räksmörgås', '\ud83d\ude00'])
      assert.equal(treeHashes.leaf(text), treeHashes.leaf(new TextEncoder().encode(text)));
  });

  it('is the same whether it grows leaf by leaf, is restored on the way, or takes in subtrees whole', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sizes, (parts) => {
        const leaves = leavesOf(parts.reduce((sum, part) => sum + part, 0));
        let range = new CompactRange(treeHashes);
        parts.forEach((part, at) => {
          const from = range.size;
          if (at % 2 === 0) for (const leaf of leaves.slice(from, from + part)) range.append(leaf);
          else
            for (const level of splitAt(from, from + part)) {
              const { size } = range;
              assert(range.appendSubtree(level, rootOf(leaves.slice(size, size + 2 ** level))));
            }
          const restored = CompactRange.restore(treeHashes, range.size, range.subtrees);
          assert(restored);
          range = restored;
        });
        assert.equal(range.size, leaves.length);
        assert.equal(range.root(), rootOf(leaves));
      }),
      { numRuns: 50 },
    );
  });

  it('refuses subtrees that do not fit, and changes nothing', () => {
    const [hash = ''] = leavesOf(1);
    for (const [size, level] of [
      [1, 1],
      [2, 2],
      [6, 2],
      [4, -1],
      [4, 0.5],
      [4, NaN],
      [0, 53],
      [0, Infinity],
    ] as const) {
      const range = rangeOf(leavesOf(size));
      assert(!range.appendSubtree(level, hash), `${level} at ${size}`);
      assert.equal(range.root(), rootOf(leavesOf(size)));
    }
    for (const bad of ['', hash.toUpperCase(), `${hash}00`, hash.slice(1), hash.replace(/^./, 'g')]) {
      assert(!isHash(bad));
      assert(!new CompactRange(treeHashes).appendSubtree(0, bad));
      assert.equal(CompactRange.restore(treeHashes, 1, [bad]), undefined);
    }
  });

  it('is restored only from a size with as many subtrees', () => {
    const [hash = ''] = leavesOf(1);
    for (const [size, count] of [
      [0, 1],
      [1, 0],
      [3, 1],
      [4, 2],
      [-1, 0],
      [0.5, 1],
      [NaN, 0],
      [Infinity, 0],
      [2 ** 53, 1],
    ] as const)
      assert.equal(
        CompactRange.restore(treeHashes, size, Array<Hash>(count).fill(hash)),
        undefined,
        String(size),
      );
    assert.equal(CompactRange.restore(treeHashes, 0, [])?.root(), emptyRoot);
  });

  it('splits any leaves into aligned subtrees that fill them', () => {
    const place = fc.oneof(fc.nat(300), fc.maxSafeNat());
    fc.assert(
      fc.property(place, place, (one, two) => {
        const [from, to] = [Math.min(one, two), Math.max(one, two)];
        const levels = splitAt(from, to);
        let at = from;
        for (const level of levels) {
          assert.equal(at % 2 ** level, 0);
          at += 2 ** level;
        }
        assert.equal(at, to);
        assert(levels.length <= 104);
      }),
    );
    for (const [from, to] of [
      [1, 0],
      [-1, 0],
      [0, 0.5],
      [0, Infinity],
      [0, 2 ** 53],
      [NaN, 1],
    ] as const)
      assert.throws(() => splitAt(from, to), RangeError);
  });
});
