/** docs/test-vectors/audit-log/: the verdict on each vector is the published one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { verifyLogFile } from '../../../main/core/index.ts';
import { logVectorsFolder, type LogVector } from '../../vectors/log-vector.ts';

const at = (name: string) => join(logVectorsFolder, name);
const vectors = JSON.parse(readFileSync(at('vectors.json'), 'utf8')) as readonly LogVector[];

describe('docs/test-vectors/audit-log', () => {
  for (const { file, shows, verdict, heads = [], keys = [] } of vectors)
    it(`${file}: ${shows}`, async () => {
      const found = await verifyLogFile(at(file), { heads: [...heads, ...keys].map(at), isTraining: true });
      const fault = found.ok ? found.value.fault : found.fault;
      assert.equal(fault?.code ?? 'intact', verdict);
    });
});
