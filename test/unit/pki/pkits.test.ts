import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  judgePath,
  parseCertificate,
  parseCrl,
  type Certificate,
  type Crl,
  type PathQuestion,
} from '../../../main/pki/index.ts';
import { at, cases, trustAnchor, trustAnchorCrl, type PkitsCase } from './pkits-cases.ts';

const folder = join(import.meta.dirname, '..', '..', 'data', 'pkits');
const bytesOf = (kind: 'certs' | 'crls', file: string) => readFileSync(join(folder, kind, file));

/** Undefined for the few files that are not DER, or not by RFC 5280: a strict reader refuses them. */
function certificateOf(name: string): Certificate | undefined {
  const parsed = parseCertificate(bytesOf('certs', `${name}.crt`));
  return parsed.ok ? parsed.value : undefined;
}

function crlOf(name: string): Crl | undefined {
  const parsed = parseCrl(bytesOf('crls', `${name}.crl`));
  return parsed.ok ? parsed.value : undefined;
}

const isThere = <Value>(value: Value | undefined): value is Value => value !== undefined;

function question({ endEntity, intermediates, crls }: PkitsCase): PathQuestion | undefined {
  const target = certificateOf(endEntity);
  const anchor = certificateOf(trustAnchor);
  assert(anchor);
  return (
    target && {
      target,
      trustAnchors: [anchor],
      intermediates: intermediates.map(certificateOf).filter(isThere),
      crls: [trustAnchorCrl, ...crls].map(crlOf).filter(isThere),
      requireCrl: true,
      clock: { now: new Date(at), isExact: true },
    }
  );
}

function verdict(one: PkitsCase): string {
  const asked = question(one);
  if (!asked) return 'unreadable';
  const { faults, revocation } = judgePath(asked);
  if (faults.length > 0)
    return faults.map(({ code, rule }) => `${code}${rule ? `: ${rule}` : ''}`).join(', ');
  return revocation === 'checked' ? 'valid' : 'valid, and revocation was not checked';
}

describe('PKITS: what NIST calls valid, is', () => {
  for (const one of cases.filter(({ valid, leftOut }) => valid && leftOut === undefined))
    test(`${one.number} ${one.name}`, () => assert.equal(verdict(one), 'valid'));
});

/**
 * Why each invalid case is refused, and for no other reason. Three files of NIST's have a signature that is no whole
 * number of bytes, and so cannot be read: a target (4.1.6), an issuer (4.1.2) and a CRL (4.4.4).
 */
const reasons: Readonly<Record<string, string>> = {
  'issuer-unknown': '4.1.2 4.3.1 4.3.2',
  'signature-invalid': '4.1.3',
  unreadable: '4.1.6',
  'certificate-not-yet-valid': '4.2.1 4.2.2',
  'certificate-expired': '4.2.5 4.2.6 4.2.7',
  'crl-missing':
    '4.4.1 4.4.4 4.4.5 4.4.6 4.14.3 4.14.8 4.14.9 4.14.11 4.14.12 4.14.14 4.14.17 4.14.26 4.14.35',
  'certificate-revoked':
    '4.4.2 4.4.3 4.4.15 4.4.18 4.4.20 4.5.2 4.5.5 4.5.7 4.14.2 4.14.6 4.14.15 4.14.16 4.14.20 4.14.21',
  'crl-unusable: crl-extension': '4.4.8 4.4.9 4.4.10',
  'crl-unusable: crl-expired': '4.4.11 4.4.12',
  'crl-unusable: crl-signature': '4.4.21 4.7.4 4.7.5',
  'not-a-ca': '4.5.8 4.6.1 4.6.2 4.6.3',
  'path-length-exceeded': '4.6.5 4.6.6 4.6.9 4.6.10 4.6.11 4.6.12 4.6.16',
  'key-usage-insufficient': '4.7.1 4.7.2',
  'name-constraint-violated':
    '4.13.2 4.13.3 4.13.7 4.13.8 4.13.9 4.13.10 4.13.12 4.13.13 4.13.15 4.13.16 4.13.17 4.13.20 4.13.22 4.13.24 4.13.26 4.13.28 4.13.29 4.13.31 4.13.33 4.13.35 4.13.37 4.13.38',
  'crl-unusable: indirect-crl': '4.14.23 4.14.27 4.14.31 4.14.32 4.14.34',
  'critical-extension-unknown': '4.16.2',
};
const reasonOf = new Map(
  Object.entries(reasons).flatMap(([reason, numbers]) =>
    numbers.split(' ').map((number) => [number, reason]),
  ),
);

describe('PKITS: what NIST calls invalid, is refused for what is wrong with it', () => {
  for (const one of cases.filter(({ valid }) => !valid)) {
    const reason = reasonOf.get(one.number);
    test(`${one.number} ${one.name}: ${reason}`, () => assert.equal(verdict(one), reason));
  }
});

describe('PKITS: what needs a feature that there is not, is refused and not believed', () => {
  for (const one of cases.filter(({ valid, leftOut }) => valid && leftOut !== undefined))
    test(`${one.number} ${one.name}, which needs ${one.leftOut}`, () =>
      assert.match(verdict(one), /key-weak|algorithm-|crl-/));
});
