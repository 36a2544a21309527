import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { treeHashes } from '../../../main/audit/index.ts';
import {
  consistencyPath,
  inclusionPath,
  ProofMaker,
  rootByInclusion,
  verifyConsistency,
  type Hash,
  type LeafRange,
  type Proof,
} from '../../../main/tlog/index.ts';
import { pathOf, rootOf, subproofOf } from './reference.ts';

const leaves = Array.from({ length: 70 }, (_, index) => treeHashes.leaf(String(index)));
const roots = [...leaves.keys(), leaves.length].map((size) => rootOf(leaves.slice(0, size)));

/** All pairs of a smaller and a larger tree, up to `most`. */
const pairs = (most: number) =>
  Array.from({ length: most }, (_, size) =>
    Array.from({ length: size + 2 }, (__, first) => [first, size + 1] as const),
  ).flat();

function make(paths: readonly (readonly LeafRange[])[], size: number): readonly Proof[] {
  const maker = new ProofMaker(treeHashes, paths);
  for (const leaf of leaves.slice(0, size)) maker.append(leaf);
  return maker.proofs();
}

const head = (size: number) => ({ size, root: roots[size] as Hash });
const other = treeHashes.leaf('of no tree');

describe('an inclusion proof', () => {
  it('is the one that RFC 6962 defines, for each leaf of each size', () => {
    const cases = pairs(40).filter(([index, size]) => index < size);
    const made = make(
      cases.map(([index, size]) => inclusionPath(index, size)),
      40,
    );
    const expected = cases.map(([index, size]) => pathOf(index, leaves.slice(0, size)));
    assert.deepEqual(made, expected);
  });

  it('leads from the leaf to the root, and from no other place', () => {
    for (const [index, size] of pairs(20).filter(([first, last]) => first < last)) {
      const proof = pathOf(index, leaves.slice(0, size));
      for (let claimed = 0; claimed < size + 2; claimed++) {
        const root = rootByInclusion(treeHashes, {
          index: claimed,
          size,
          leaf: leaves[index] as Hash,
          proof,
        });
        assert.equal(root === roots[size], claimed === index, `${index} of ${size} as ${claimed}`);
      }
    }
  });

  it('is refused with a hash too many, too few, altered, in another order or in another form', () => {
    const good = pathOf(5, leaves.slice(0, 13));
    const leaf = leaves[5] as Hash;
    const changed = (change: (proof: Hash[]) => void) => {
      const proof = [...good];
      change(proof);
      return proof;
    };
    const bad = [
      [],
      good.slice(1),
      good.slice(0, -1),
      [...good, other],
      [other, ...good],
      good.toReversed(),
      ...good.map((_, at) => changed((proof) => (proof[at] = other))),
      ...good.map((_, at) => changed((proof) => (proof[at] = good[at]?.toUpperCase() ?? ''))),
      ...good.map((_, at) => changed((proof) => (proof[at] = ''))),
    ];
    assert.equal(rootByInclusion(treeHashes, { index: 5, size: 13, leaf, proof: good }), roots[13]);
    for (const proof of bad)
      assert.notEqual(rootByInclusion(treeHashes, { index: 5, size: 13, leaf, proof }), roots[13]);
  });

  it('is refused for places that no tree has', () => {
    const leaf = leaves[0] as Hash;
    for (const [index, size] of [
      [-1, 1],
      [0, 0],
      [1, 1],
      [0.5, 1],
      [0, 1.5],
      [0, Infinity],
      [NaN, NaN],
      [0, 2 ** 53],
    ] as const) {
      assert.equal(rootByInclusion(treeHashes, { index, size, leaf, proof: [] }), undefined);
      assert.throws(() => inclusionPath(index, size), RangeError);
    }
  });
});

describe('a consistency proof', () => {
  it('is the one that RFC 6962 defines, between all sizes', () => {
    const cases = pairs(40).filter(([first]) => first > 0);
    const made = make(
      cases.map(([first, size]) => consistencyPath(first, size)),
      40,
    );
    assert.deepEqual(
      made,
      cases.map(([first, size]) => subproofOf(first, leaves.slice(0, size), true)),
    );
  });

  it('is empty from the empty tree and to the same tree', () => {
    for (const size of [0, 1, 7, 8]) {
      assert.deepEqual(consistencyPath(0, size), []);
      assert.deepEqual(consistencyPath(size, size), []);
      assert(verifyConsistency(treeHashes, head(0), head(size), []));
      assert(verifyConsistency(treeHashes, head(size), head(size), []));
      assert(!verifyConsistency(treeHashes, head(0), head(size), [other]));
      assert(!verifyConsistency(treeHashes, head(size), head(size), [other]));
      assert(!verifyConsistency(treeHashes, { size: 0, root: other }, head(size), []));
      assert(!verifyConsistency(treeHashes, { size, root: other }, head(size), []));
    }
  });

  it('holds for its two trees alone', () => {
    for (const [first, size] of pairs(14)) {
      const proof = first === 0 ? [] : subproofOf(first, leaves.slice(0, size), true);
      assert(verifyConsistency(treeHashes, head(first), head(size), proof));
      if (first === 0) continue;
      for (let from = 1; from <= size + 1; from++)
        if (from !== first)
          assert(
            !verifyConsistency(treeHashes, head(from), head(size), proof),
            `${first} as ${from} of ${size}`,
          );
      assert(!verifyConsistency(treeHashes, { size: first, root: other }, head(size), proof));
      assert(!verifyConsistency(treeHashes, head(first), { size, root: other }, proof));
    }
  });

  it('is refused with any hash more, less or altered', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 2, max: 70 })
          .chain((size) => fc.tuple(fc.integer({ min: 1, max: size - 1 }), fc.constant(size))),
        fc.nat(),
        fc.constantFrom('remove', 'insert', 'replace'),
        ([first, size], place, change) => {
          const proof = [...subproofOf(first, leaves.slice(0, size), true)];
          assert(verifyConsistency(treeHashes, head(first), head(size), proof));
          proof.splice(
            place % proof.length,
            change === 'insert' ? 0 : 1,
            ...(change === 'remove' ? [] : [other]),
          );
          assert(!verifyConsistency(treeHashes, head(first), head(size), proof));
        },
      ),
    );
  });

  it('is refused for sizes that no tree has', () => {
    for (const [from, to] of [
      [2, 1],
      [-1, 1],
      [0.5, 1],
      [1, Infinity],
      [NaN, 1],
      [1, 2 ** 53],
    ] as const) {
      assert(!verifyConsistency(treeHashes, { size: from, root: other }, { size: to, root: other }, []));
      assert.throws(() => consistencyPath(from, to), RangeError);
    }
  });
});

describe('the maker of proofs', () => {
  it('makes many proofs, of trees of several sizes, in one pass that hashes each node once', () => {
    let nodes = 0;
    const counting = {
      ...treeHashes,
      node: (left: Hash, right: Hash) => (nodes++, treeHashes.node(left, right)),
    };
    const paths = [
      inclusionPath(3, 64),
      inclusionPath(63, 64),
      consistencyPath(32, 64),
      consistencyPath(16, 32),
    ];
    const maker = new ProofMaker(counting, paths);
    for (const leaf of leaves.slice(0, 64)) maker.append(leaf);
    assert.equal(nodes, 63);
    assert.equal(maker.tree.root(), roots[64]);
    assert.deepEqual(maker.proofs()[3], subproofOf(16, leaves.slice(0, 32), true));
  });

  it('refuses to make a proof from too few leaves', () => {
    assert.throws(() => make([inclusionPath(3, 10)], 9), RangeError);
  });

  it('proves what lies far beyond 32 bits', () => {
    const size = 2 ** 52 + 2 ** 33 + 5;
    assert.equal(inclusionPath(2 ** 40 + 1, size).length, 53);
    const proof = inclusionPath(size - 1, size).map(({ from, to }) => treeHashes.leaf(`${from} ${to}`));
    const leaf = leaves[0] as Hash;
    const expected = proof.reduce((root, hash) => treeHashes.node(hash, root), leaf);
    assert.equal(rootByInclusion(treeHashes, { index: size - 1, size, leaf, proof }), expected);
  });
});
