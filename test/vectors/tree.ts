/** DER as a tree that can be changed at any place and written again, also as BER that no reader may accept. */
export interface Tree {
  /** The identifier octet. */
  tag: number;
  /** Present in constructed elements. */
  readonly children?: Tree[];
  readonly contents: Uint8Array;
  /** How the length is written: minimal and definite by default. */
  lengthForm?: 'indefinite' | 'long';
}

/** Parses well-formed DER. */
export function parseTree(bytes: Uint8Array): Tree {
  const [tree] = parseAll(bytes);
  if (!tree) throw new Error('No element');
  return tree;
}

function parseAll(bytes: Uint8Array): Tree[] {
  const trees: Tree[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1] ?? 0;
    const lengthOctets = first > 0x80 ? first - 0x80 : 0;
    const start = at + 2 + lengthOctets;
    const length =
      lengthOctets === 0 ? first : Number(`0x${Buffer.from(bytes.subarray(at + 2, start)).toString('hex')}`);
    const contents = bytes.subarray(start, start + length);
    trees.push(tag & 0x20 ? { tag, contents, children: parseAll(contents) } : { tag, contents });
    at = start + length;
  }
  return trees;
}

export function writeTree(tree: Tree): Buffer {
  const contents = tree.children ? Buffer.concat(tree.children.map(writeTree)) : Buffer.from(tree.contents);
  const head = (...octets: readonly number[]) => Buffer.from([tree.tag, ...octets]);
  if (tree.lengthForm === 'indefinite') return Buffer.concat([head(0x80), contents, Buffer.alloc(2)]);
  const digits = contents.length.toString(16);
  const minimal = Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex');
  const octets = tree.lengthForm === 'long' ? [0, ...minimal] : [...minimal];
  const isShort = contents.length < 0x80 && tree.lengthForm === undefined;
  return Buffer.concat([isShort ? head(contents.length) : head(0x80 + octets.length, ...octets), contents]);
}

/** The element at these positions, each among the children of the one before. */
export function at(tree: Tree, ...path: readonly number[]): Tree {
  return path.reduce((parent, index) => {
    const child = parent.children?.at(index);
    if (!child) throw new Error(`No element at ${path.join('.')}`);
    return child;
  }, tree);
}

export function childrenOf(tree: Tree, ...path: readonly number[]): Tree[] {
  const { children } = at(tree, ...path);
  if (!children) throw new Error(`No children in the element at ${path.join('.')}`);
  return children;
}

/** The DER with a change applied to its tree. */
export function changed(bytes: Uint8Array, change: (tree: Tree) => void): Buffer {
  const tree = parseTree(bytes);
  change(tree);
  return writeTree(tree);
}

/** A copy in which one byte, counted from the end where negative, has another value. */
export function flipped(bytes: Uint8Array, index: number): Buffer {
  const copy = Buffer.from(bytes);
  const position = index < 0 ? copy.length + index : index;
  copy[position] = (copy[position] ?? 0) ^ 1;
  return copy;
}

/** Encodings in the order of a SET OF, as elements. */
export function ascending(encodings: readonly Uint8Array[]): Tree[] {
  return [...encodings].sort((a, b) => Buffer.compare(a, b)).map(parseTree);
}
