import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** `node_api_module_get_api_version_v1` of better-sqlite3 on x64: `endbr64; mov eax, 10; ret`. */
const declaration = Buffer.from('f30f1efab80a000000c3', 'hex');

/** Where the version is in it, and the version that means "experimental", which every Node.js takes. */
const versionOffset = 5;
const experimental = 0x7fff_ffff;

/**
 * Makes a native module of an installed copy load on a Node.js older than the version of Node-API that it declares. It uses
 * no function of that version. Changes four bytes.
 */
export function declareExperimentalNodeApi(file: string): void {
  const bytes = readFileSync(file);
  const at = bytes.indexOf(declaration);
  assert.ok(at > 0 && bytes.indexOf(declaration, at + 1) === -1, `${file} declares its Node-API otherwise`);
  bytes.writeUInt32LE(experimental, at + versionOffset);
  const { mode } = statSync(file);
  rmSync(file);
  writeFileSync(file, bytes, { mode });
}
