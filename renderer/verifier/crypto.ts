import { hashes, verify } from '@noble/ed25519';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { fromHex, type LogPorts, type NoteCrypto, type TreeHashes } from '../../main/tlog/index.ts';

// A page from a file has no crypto.subtle in some browsers, and not every browser has Ed25519 there.
hashes.sha512 = sha512;

const encoder = new TextEncoder();
const node = new Uint8Array(65);
node[0] = 1;

/** The hashes of the tree (RFC 6962 section 2.1), in plain JavaScript. */
export const treeHashes: TreeHashes = {
  leaf: (entry) => {
    const bytes = typeof entry === 'string' ? encoder.encode(entry) : entry;
    const leaf = new Uint8Array(bytes.length + 1);
    leaf.set(bytes, 1);
    return bytesToHex(sha256(leaf));
  },
  node: (left, right) => {
    node.set(fromHex(left), 1);
    node.set(fromHex(right), 33);
    return bytesToHex(sha256(node));
  },
};

/** What notes need, in plain JavaScript. Signatures are verified strictly as in RFC 8032. */
export const noteCrypto: NoteCrypto = {
  sha256,
  verifyEd25519: (publicKey, message, signature) => {
    try {
      return verify(signature, message, publicKey, { zip215: false });
    } catch {
      return false; // The bytes are no point of the curve.
    }
  },
};

/** What verifications need. */
export const logPorts: LogPorts = { hashes: treeHashes, crypto: noteCrypto };
