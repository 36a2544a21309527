import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { fingerprint, fingerprintCode, isFingerprintOf, wholeFingerprint } from '../../../main/pack/index.ts';
import { labOptions } from '../../kit/bundle.ts';
import { makeOperatorRoot } from '../../kit/issue-certificate.ts';

const root = { der: Buffer.from('a root certificate') };

describe('a fingerprint', () => {
  it('is what base32 gives for SHA-256', () => {
    const { certificate } = makeOperatorRoot('Lab Operator', labOptions);
    const digest = createHash('sha256').update(certificate.der).digest();
    const shell = spawnSync('sh', ['-c', 'base32 -w0 | tr -d ='], { input: digest, encoding: 'utf8' });
    assert.equal(wholeFingerprint(certificate), shell.stdout.trim());
  });
  it('is shown in five groups of five', () => {
    assert.match(fingerprint(root), /^([A-Z2-7]{5}-){4}[A-Z2-7]{5}$/);
    assert.equal(fingerprint(root).replaceAll('-', ''), wholeFingerprint(root).slice(0, 25));
    assert.equal(wholeFingerprint(root).length, 52);
  });
  it('is recognised as people type it, and as a QR code', () => {
    const shown = fingerprint(root);
    const typed = [
      shown,
      shown.toLowerCase(),
      shown.replaceAll('-', ' '),
      ` ${shown.replaceAll('-', '')}\n`,
      wholeFingerprint(root),
      fingerprintCode(root),
    ];
    for (const text of typed) assert(isFingerprintOf(text, root), text);
  });
  it('is not recognised in part, longer, or changed', () => {
    const plain = wholeFingerprint(root).slice(0, 25);
    const last = plain.endsWith('A') ? 'B' : 'A';
    for (const text of ['', plain.slice(0, 24), `${plain}A`, plain.slice(0, 24) + last, 'SITESEAL-ROOT:'])
      assert(!isFingerprintOf(text, root), text);
  });
});
