import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProofWriter, treeHashes } from '../../../../main/audit/index.ts';
import { CompactRange, splitAt } from '../../../../main/tlog/index.ts';

interface Line {
  readonly listed?: number;
  readonly entry?: string;
  readonly skipped?: number;
  readonly hashes?: readonly string[];
  readonly checkpoint?: string;
}

const header = { origin: 'log.example', training: false };

/** A number generator that gives the same numbers each time (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The proof of a log whose checkpoints are the roots at these sizes. */
function proofOf(entries: readonly string[], isListed: (at: number) => boolean, sizes: readonly number[]) {
  const lines: string[] = [];
  const listed = entries.filter((_, at) => isListed(at)).length;
  const checkpoints = sizes.map((size) => ({ size, checkpoint: rootOf(entries.slice(0, size)) }));
  const writer = new ProofWriter(treeHashes, { ...header, listed }, checkpoints, {
    line: (line) => lines.push(JSON.stringify(line)),
  });
  entries.forEach((entry, at) => writer.entry(entry, isListed(at)));
  writer.end([]);
  return lines.map((line) => JSON.parse(line) as Line);
}

function rootOf(entries: readonly string[]): string {
  const tree = new CompactRange(treeHashes);
  for (const entry of entries) tree.append(treeHashes.leaf(entry));
  return tree.root();
}

/** Walks a proof as a verifier does, and asserts each root. Returns the entries that it gives itself. */
function rebuild(lines: readonly Line[], list: readonly string[]): readonly string[] {
  const tree = new CompactRange(treeHashes);
  const rest = [...list];
  const given: string[] = [];
  for (const { listed, entry, skipped, hashes = [], checkpoint } of lines.slice(1)) {
    for (let left = listed ?? 0; left > 0; left--) tree.append(treeHashes.leaf(rest.shift() ?? ''));
    if (entry !== undefined) {
      given.push(entry);
      tree.append(treeHashes.leaf(entry));
    }
    if (skipped !== undefined) {
      const levels = splitAt(tree.size, tree.size + skipped);
      assert.equal(levels.length, hashes.length);
      levels.forEach((level, at) => assert(tree.appendSubtree(level, hashes[at] ?? '')));
    }
    if (checkpoint !== undefined) assert.equal(tree.root(), checkpoint);
  }
  assert.deepEqual(rest, []);
  return given;
}

describe('the proof of an export', () => {
  it('rebuilds every checkpoint, whatever is listed', () => {
    const random = randomFrom(14);
    for (let round = 0; round < 300; round++) {
      const size = 1 + Math.floor(random() * 140);
      const share = random();
      const entries = Array.from({ length: size }, (_, at) =>
        random() < 0.05 ? `{"action":"log-key","sequence":${at}}` : `{"action":"started","sequence":${at}}`,
      );
      const marks = entries.map(() => random() < share);
      const sizes = [...new Set([Math.ceil(random() * size), Math.ceil(random() * size), size])].sort(
        (a, b) => a - b,
      );
      const lines = proofOf(entries, (at) => marks[at] === true, sizes);
      const given = rebuild(
        lines,
        entries.filter((_, at) => marks[at]),
      );
      assert.equal(lines.filter(({ checkpoint }) => checkpoint !== undefined).length, sizes.length);
      assert.deepEqual(
        given,
        entries.filter((entry, at) => !marks[at] && entry.includes('log-key')),
      );
    }
  });

  it('of a whole log says that all entries are listed, and nothing else', () => {
    const entries = ['{"action":"log-key"}', '{"action":"started"}', '{"action":"stopped"}'];
    assert.deepEqual(
      proofOf(entries, () => true, [3]),
      [
        { format: 'siteseal-log-proof/1', ...header, listed: 3 },
        { listed: 3 },
        { checkpoint: rootOf(entries) },
      ],
    );
  });

  it('replaces many entries by a few hashes', () => {
    const lines: string[] = [];
    const size = 2 ** 17 + 5;
    const leaf = treeHashes.leaf('x');
    const hashes = { leaf: () => leaf, node: (left: string) => left };
    const writer = new ProofWriter(hashes, { ...header, listed: 0 }, [{ size, checkpoint: '' }], {
      line: (line) => lines.push(JSON.stringify(line)),
    });
    for (let at = 0; at < size; at++) writer.entry('x', false);
    writer.end([]);
    assert.deepEqual(JSON.parse(lines[1] ?? ''), { skipped: size, hashes: [leaf, leaf, leaf] });
  });
});
