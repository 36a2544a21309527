import { canonicalise, type JsonObject } from '../json/index.ts';
import { CompactRange } from '../tlog/index.ts';
import { treeHashes } from './hashes.ts';

/** The tree (RFC 6962 section 2.1) over the results of a run: a leaf is the canonical JSON (RFC 8785) of one result. */
export class ResultTree {
  readonly #range = new CompactRange(treeHashes);

  add(result: JsonObject): void {
    this.#range.append(treeHashes.leaf(canonicalise(result)));
  }

  /** The root, in lower-case hex. */
  root(): string {
    return this.#range.root();
  }
}
