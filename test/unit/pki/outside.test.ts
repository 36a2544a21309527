import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Bundle, judgeBundle } from '../../../main/bundle/index.ts';
import { parseSignedData } from '../../../main/cms/index.ts';
import { exactly, judgePath, type Certificate } from '../../../main/pki/index.ts';
import { parseCertificates } from '../../../main/cms/index.ts';
import { makeCa, makeCertificate, questionOf } from '../../kit/pki.ts';

const folder = join(import.meta.dirname, '../../data/outside');

function read(name: string): readonly Certificate[] {
  const certificates = parseCertificates(readFileSync(join(folder, name)));
  assert(certificates.ok);
  return certificates.value;
}

/** Every order of up to four things, or the first, the last and a few between of more. */
function* orders<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let shift = 0; shift < items.length; shift++) {
    const turned = [...items.slice(shift), ...items.slice(0, shift)];
    yield turned;
    yield turned.toReversed();
  }
}

describe('a bundle with monstrous name constraints below a root that did not sign it', () => {
  const bundle = readFileSync(join(folder, 'nc-dos-bundle.p7'));
  const vendorRoots = read('nc-dos-root.pem');

  test('is refused, and no name is compared', () => {
    const acceptance = judgeBundle(new Bundle(bundle), { vendorRoots, clock: exactly(new Date()) });
    assert.equal(acceptance.accepted, false);
    const parsed = parseSignedData(bundle);
    if (!parsed.ok) return;
    for (const target of parsed.value.certificates) {
      const { faults, work } = judgePath({
        target,
        trustAnchors: vendorRoots,
        intermediates: parsed.value.certificates,
        crls: [],
        requireCrl: false,
        clock: exactly(new Date()),
      });
      assert.ok(faults.length > 0);
      assert.equal(work.done.comparisons, 0);
      assert.ok(work.done.signatures <= parsed.value.certificates.length * vendorRoots.length);
    }
  });
});

describe('what an attacker makes', () => {
  test('costs one signature for each certificate that names a root, whatever hangs below', () => {
    const root = makeCa('CN=Root');
    const forged = Array.from({ length: 8 }, (_, index) => makeCa('CN=Root', { notBefore: new Date(index) }));
    const below = forged.map((ca, index) => makeCa(`CN=${index}`, {}, ca));
    const target = makeCertificate('CN=x', {}, below[0]);
    const { faults, work } = judgePath(questionOf(target, [root], [...forged, ...below]));
    assert.ok(faults.length > 0);
    assert.deepEqual(work.done, { signatures: forged.length + below.length, paths: 0, comparisons: 0 });
  });
});

for (const { name, target, intermediates, root } of [
  {
    name: 'four CAs that have certified each other',
    target: 'mesh-leaf.pem',
    intermediates: 'mesh-of-4.pem',
    root: 'mesh-root-pathlen-2.pem',
  },
  {
    name: 'a CA with all its renewals',
    target: 'renewed-leaf.pem',
    intermediates: 'renewed-intermediates-old-first.pem',
    root: 'renewed-root.pem',
  },
]) {
  test(`a certificate below ${name} is valid in whatever order they come`, () => {
    const [leaf] = read(target);
    assert(leaf);
    for (const order of orders(read(intermediates))) {
      const { faults } = judgePath({
        target: leaf,
        trustAnchors: read(root),
        intermediates: order,
        crls: [],
        requireCrl: false,
        clock: exactly(new Date('2026-11-29T12:00:00Z')),
      });
      assert.deepEqual(faults, []);
    }
  });
}
