/** A verifier in Python, written from docs/formats/audit-log.md alone, comes to the published verdicts. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { logVectorsFolder, type LogVector } from '../../vectors/log-vector.ts';

const program = join(import.meta.dirname, 'verify_log.py');
const vectors = JSON.parse(
  readFileSync(join(logVectorsFolder, 'vectors.json'), 'utf8'),
) as readonly LogVector[];
const found = JSON.parse(
  execFileSync('python3', [program, logVectorsFolder], { encoding: 'utf8' }),
) as readonly string[];

describe('the verifier in Python', () => {
  vectors.forEach(({ file, shows, verdict, heads = [] }, at) => {
    const known = heads.length > 0 ? `, with ${heads.join(', ')}` : '';
    it(`judges ${file}${known}: ${shows}`, () => assert.equal(found[at], verdict));
  });
});
