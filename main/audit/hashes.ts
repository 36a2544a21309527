import { createPublicKey, hash, verify } from 'node:crypto';
import type { LogPorts, NoteCrypto, TreeHashes } from '../tlog/index.ts';

const node = Buffer.alloc(65);
node[0] = 1;

/** The hashes of the tree (RFC 6962 section 2.1), by node:crypto. */
export const treeHashes: TreeHashes = {
  leaf: (entry) =>
    typeof entry === 'string'
      ? hash('sha256', `\0${entry}`, 'hex')
      : hash('sha256', Buffer.concat([Buffer.of(0), entry]), 'hex'),
  node: (left, right) => {
    node.write(left, 1, 'hex');
    node.write(right, 33, 'hex');
    return hash('sha256', node, 'hex');
  },
};

/** The header of an Ed25519 SubjectPublicKeyInfo (RFC 8410 section 4). The 32 bytes of the key follow. */
const ed25519Header = Buffer.from('302a300506032b6570032100', 'hex');

/** What notes need, by node:crypto. */
export const noteCrypto: NoteCrypto = {
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
  verifyEd25519: (publicKey, message, signature) => {
    const der = Buffer.concat([ed25519Header, publicKey]);
    try {
      return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
    } catch {
      return false; // The bytes are no point of the curve.
    }
  },
};

/** What verifications need, by node:crypto. */
export const logPorts: LogPorts = { hashes: treeHashes, crypto: noteCrypto };
