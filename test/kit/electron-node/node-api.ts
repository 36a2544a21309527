import assert from 'node:assert/strict';

/** `mov eax, 10; ret`: the whole body of `node_api_module_get_api_version_v1` in better-sqlite3. */
const declaration = Buffer.from('b80a000000c3', 'hex');

/** What means "experimental", which a Node.js of any age takes. */
const experimental = 0x7fffffff;

/**
 * better-sqlite3's binary for x64, changed in four bytes: it declares an experimental Node-API instead of version 10. It uses
 * nothing that an older version lacks, but an older runtime crashes when it loads a binary that declares a newer version.
 */
export function withExperimentalNodeApi(binary: Uint8Array): Buffer {
  const changed = Buffer.from(binary);
  const at = changed.indexOf(declaration);
  assert.ok(
    at >= 0 && changed.indexOf(declaration, at + 1) < 0,
    'better-sqlite3 does not declare its Node-API where expected',
  );
  changed.writeInt32LE(experimental, at + 1);
  return changed;
}
