import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseJson } from '../../../main/json/index.ts';
import { earlierMembers, logMembers, type LogMember } from '../../../main/audit/index.ts';
import { acceptanceCodes } from '../../../main/bundle/index.ts';
import {
  catalogue,
  fault,
  isRule,
  logActions,
  rules,
  type Fault,
  type FaultCode,
} from '../../../main/faults/index.ts';
import {
  checkSentence,
  explain,
  faultLines,
  faultRecord,
  faultSentence,
  languageOf,
  locales,
  logLabel,
  logSentence,
  logValue,
  whyPhrase,
} from '../../../main/words/index.ts';

const codes = Object.keys(catalogue) as FaultCode[];
const { en } = locales;
const root = join(import.meta.dirname, '..', '..', '..');

function readAll(pattern: string): string {
  const files = globSync(pattern, { cwd: root });
  return files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
}

/** The names of all texts and lists of texts. */
function namesIn(words: object): readonly string[] {
  return Object.entries(words).flatMap(([name, value]) =>
    typeof value === 'string' || Array.isArray(value) ? [name] : namesIn(value as object),
  );
}

const logVariants = [
  'recovered-uncertain',
  'log-verified-broken',
  'log-verified-other',
  'key-locked-unused',
  'key-locked-ended',
  'key-locked-sleep',
  'profile-removed-unreadable',
  'bundle-not-opened-many',
  'receipt-refused-many',
  'drive-bundle-written-failed',
  'drive-bundle-verified-damaged',
  'receipt-kept-refusal',
  'confirmed-skip-bad-rows',
  'step-started-anywhere',
  'step-started-renewal-anywhere',
  'enb-identified-other',
  'enb-identified-counterfeit',
  'prepare-run-stopped',
  'introduction-taken-compared',
  'pack-opened-stopped',
  'path-checked-enb',
  ...['proven', 'refused', 'unproven', 'unknown'].map((end) => `bundle-delivery-${end}`),
  ...['started-renewal', 'ended-failed', 'ended-renewal', 'ended-failed-renewal'].map((end) => `step-${end}`),
];

for (const [language, { faults, log, rules: ruleWords }] of Object.entries(locales)) {
  test(`in ${language} every code has its words, and no words are left over`, () => {
    assert.deepEqual(Object.keys(faults).sort(), [...codes].sort());
    assert.deepEqual(Object.keys(ruleWords).sort(), [...rules].sort());
    assert.deepEqual(Object.keys(log).sort(), [...Object.keys(logActions), ...logVariants].sort());
  });

  for (const [of, sources] of [
    [
      `${language}/{cli,demo,log-pdf,shell}.json`,
      '{main/{api,audit,cli,lab-run,office,shell,training},preload/contract}/**/*.ts',
    ],
    [`${language}/verifier.json`, '{renderer/verifier,main/tlog}/*.ts'],
    [`${language}/page/*.json`, '{renderer/src/**,main/**/api,main/bundle,preload/contract}/*.{ts,tsx}'],
  ] as const)
    test(`of assets/locales/${of} each is used`, () => {
      const text = readAll(sources);
      const names = globSync(`assets/locales/${of}`, { cwd: root }).flatMap((file) =>
        namesIn(JSON.parse(readAll(file)) as object),
      );
      assert.ok(names.length > 0);
      assert.deepEqual(
        names.filter((name) => !new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text)),
        [],
      );
    });
}

test('no file of the locales has a name twice', () => {
  const files = globSync('assets/locales/**/*.json', { cwd: root });
  assert.ok(files.length > 0);
  for (const file of files) {
    const parsed = parseJson(readFileSync(join(root, file)));
    assert.ok(parsed.ok, `${file}: ${JSON.stringify(parsed)}`);
  }
});

test('the language is that of the environment, or the first', () => {
  const languages = ['en', 'fi', 'de'] as const;
  for (const [environment, language] of [
    [{}, 'en'],
    [{ LANG: 'fi_FI.UTF-8' }, 'fi'],
    [{ LANG: 'fi_FI.UTF-8', LC_MESSAGES: 'de' }, 'de'],
    [{ LANG: 'fi_FI.UTF-8', LC_ALL: 'de_DE@euro' }, 'de'],
    [{ LANG: 'fi', LC_ALL: '' }, 'fi'],
    [{ LANG: 'fi', LC_ALL: 'C.UTF-8' }, 'en'],
    [{ LANG: 'sv_FI' }, 'en'],
  ] as const)
    assert.equal(languageOf(languages, environment), language, JSON.stringify(environment));
});

describe('the words in English', () => {
  test('say what happened, why, who mends it and what to do, each in a sentence', () => {
    for (const [code, { meaning, cause, mendedBy, next }] of Object.entries(en.faults)) {
      for (const sentence of [meaning, cause]) assert.match(sentence, /^[A-Z].*\.$/s, code);
      assert.match(next, /^[A-Z]/, code);
      assert.ok(Object.hasOwn(en.explanation.mendedBy, mendedBy), `${code}: ${mendedBy}`);
    }
  });

  test('have advice for rules alone, in sentences', () => {
    for (const [rule, { cause, next }] of Object.entries(en.advice)) {
      assert.ok(isRule(rule), rule);
      for (const sentence of [cause, next]) assert.match(sentence, /^[A-Z].*\.$/s, rule);
    }
  });

  test('name only people that someone is sent to', () => {
    const named = new Set(Object.values(en.faults).map(({ mendedBy }) => mendedBy));
    assert.deepEqual([...named].sort(), Object.keys(en.explanation.mendedBy).sort());
  });

  test('have no rule that the product never breaks, and no action that it never logs', () => {
    const sources = readAll('main/!(faults)/**/*.ts');
    const unused = [...rules, ...Object.keys(logActions)].filter((rule) => !sources.includes(`'${rule}'`));
    assert.deepEqual(unused, []);
  });

  test('hold no placeholder but {expected} in a rule and {code} in a why', () => {
    const { rules: ruleWords, faults, explanation } = en;
    const { why, checks } = en.checks;
    const { notAuthenticated: _, ...phrases } = explanation;
    const plain = JSON.stringify({ faults, checks, phrases });
    assert.doesNotMatch(plain, /[{][a-z]+[}]/);
    for (const words of Object.values(ruleWords))
      assert.doesNotMatch(words.replace('{expected}', ''), /[{}]/);
    for (const words of Object.values(why)) assert.doesNotMatch(words.replace('{code}', ''), /[{}]/);
  });

  test('have a heading for every part of an explanation, and a word for every place', () => {
    for (const heading of ['expected', 'found', 'where', 'cause', 'mendedBy', 'next', 'because'] as const)
      assert.ok(en.explanation.headings[heading]);
    for (const place of ['file', 'row', 'line', 'field', 'offset', 'certificate', 'address'] as const)
      assert.ok(en.explanation.where[place]);
  });

  test('tell a rule from any other text', () => {
    assert.ok(rules.every(isRule));
    for (const text of ['Invalid input', '', 'toString', '__proto__']) assert.equal(isRule(text), false);
  });
});

describe('the words for the checks of a bundle', () => {
  test('are there for every check, in their order, and for no other', () => {
    assert.deepEqual(Object.keys(en.checks.checks), acceptanceCodes);
    for (const code of acceptanceCodes) assert.match(checkSentence(code), /^[A-Z].*[^.]$/);
  });

  test('say why one was not made', () => {
    assert.equal(whyPhrase('no-clock'), 'not checked: the eNB has no clock');
    assert.equal(whyPhrase('prevented-by:signer-untrusted'), 'not checked, because of signer-untrusted');
    for (const unknown of ['', 'toString', 'other:x']) assert.equal(whyPhrase(unknown), unknown);
  });
});

describe('the words of the log', () => {
  const all = Object.entries(logMembers).flatMap(([action, { subject, facts }]) =>
    Object.entries<LogMember>({ ...subject, ...facts }).map(([name, member]) => ({ action, name, member })),
  );
  const { members, codes: codeWords } = en.logLabels;

  test('have a label for every member of every action, and no other', () => {
    const names = new Set([...all.map(({ name }) => name), ...earlierMembers]);
    assert.deepEqual(Object.keys(members).sort(), [...names].sort());
    for (const name of names) assert.match(logLabel(name), /^[A-Z]\S*(?: \S+)*$|^eNB /, name);
    assert.equal(logLabel('toString'), 'toString');
  });

  test('have words for every code that a member can have, and no other', () => {
    const wanted: Record<string, Set<string>> = {};
    for (const { name, member } of all)
      for (const code of member.codes ?? []) (wanted[name] ??= new Set()).add(code);
    const sorted = (of: Readonly<Record<string, Iterable<string>>>) =>
      Object.fromEntries(Object.entries(of).map(([name, list]) => [name, [...list].sort()]));
    const there = Object.entries(codeWords).map(([name, of]) => [name, Object.keys(of)] as const);
    assert.deepEqual(sorted(Object.fromEntries(there)), sorted(wanted));
  });

  test('are sentences that name only what their entry says', () => {
    for (const [key, sentence] of Object.entries(en.log)) {
      const [action] = Object.keys(logMembers)
        .filter((one) => key === one || key.startsWith(`${one}-`))
        .sort((a, b) => b.length - a.length);
      const names = all.filter((one) => one.action === action).map(({ name }) => name);
      const places = [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
      assert.deepEqual(
        places.filter((name) => !names.includes(name)),
        [],
        key,
      );
      // A problem is a sentence, so it is the last.
      assert.match(sentence, /^[A-Ze].*(?:\.|\. \{fault\})$/s, key);
      assert.doesNotMatch(sentence.replace(/\. \{fault\}$/, ''), /\{fault\}/, key);
    }
  });

  test('put codes into words', () => {
    assert.equal(logValue('fault', 'enb-mismatch'), en.faults['enb-mismatch'].meaning);
    assert.equal(logValue('rule', 'crl-expired'), en.rules['crl-expired']);
    assert.equal(
      logValue('faults', 'ike-busy,cmp-http'),
      `${en.faults['ike-busy'].meaning} ${en.faults['cmp-http'].meaning}`,
    );
    assert.equal(logValue('verdict', 'right'), 'the right eNB');
    assert.equal(logValue('verdict', 'of-a-newer-version'), 'of-a-newer-version');
    assert.equal(logValue('serialNumber', 'toString'), 'toString');
    const facts = { serialNumber: 'LAB0001', site: 'S1', number: '1', state: 'failed', fault: 'cmp-waiting' };
    assert.equal(
      logSentence('step-ended', facts),
      `eNB LAB0001 of site S1 reports that step 1 failed. ${en.faults['cmp-waiting'].meaning}`,
    );
  });
});

test('a run that was stopped is told as that in the log', () => {
  const facts = { operator: 'Lab', made: '3', rows: '9', refused: '1' };
  assert.match(logSentence('prepare-run', facts), /^Siteseal prepared bundles for Lab: 3 made, 1 of 9 rows/);
  assert.match(
    logSentence('prepare-run', { ...facts, stoppedBy: 'cancelled' }),
    /^Siteseal stopped preparing .* early: 3 made/,
  );
});

test('a renewal in the log names its site, if it is known', () => {
  const facts = { serialNumber: 'LAB0001' };
  assert.match(logSentence('step-started', facts), /^eNB LAB0001 started a renewal/);
  assert.match(
    logSentence('step-started', { ...facts, site: 'S1' }),
    /^eNB LAB0001 of site S1 started a renewal/,
  );
});

test('a comparison with a file of another log does not say in the log that this one is broken', () => {
  const facts = { entries: '9', heads: '1', fault: 'log-foreign' };
  assert.doesNotMatch(logSentence('log-verified', facts), /not intact/);
  assert.match(logSentence('log-verified', { ...facts, heads: '0' }), /not intact/);
  assert.match(logSentence('log-verified', { ...facts, fault: 'log-cut' }), /not intact/);
});

test('a delivery in the log says how it ended', () => {
  const subject = { serialNumber: 'LAB0001', site: 'S00001', sequence: '7' };
  for (const [facts, sentence] of [
    [{ state: 'receipt', accepted: 'true' }, /^eNB LAB0001 of site S00001 accepted configuration 7/],
    [{ state: 'sent', accepted: 'false' }, /refused configuration 7/],
    [{ state: 'verdict', accepted: 'true' }, /without proof/],
    [{ state: 'sending' }, /The connection ended while/],
    [{ state: 'selected' }, /did not send configuration 7/],
    [{ state: 'selected', fault: 'enb-mismatch' }, /did not send .* of site S00001\. This is not the eNB/],
  ] as const) {
    assert.match(logSentence('bundle-delivery', { ...subject, ...facts }), sentence);
  }
});

describe('an explanation', () => {
  test('in the window speaks of no command line', () => {
    for (const code of codes) {
      const { cause, next } = explain(fault(code), 'window');
      assert.doesNotMatch(
        `${cause} ${next}`,
        /--\w|SITESEAL_|openssl|siteseal [a-z]+ |prompt|terminal|the command again/,
        code,
      );
    }
    assert.match(explain(fault('passphrase-missing')).next, /--passphrase-file/);
  });

  test('of every code has words', () => {
    for (const code of codes) {
      const { meaning, cause, mendedBy, next } = explain(fault(code));
      for (const words of [meaning, cause, mendedBy, next]) assert.ok(words.length > 2, code);
    }
  });

  test('of every rule says what was expected, with no placeholder left over', () => {
    for (const rule of rules) {
      const { expected } = explain(fault('field-invalid', { rule, expected: 'siteseal/1' }));
      assert.ok(expected && !/[{}]/.test(expected), `${rule}: ${expected}`);
    }
  });

  test('puts the expected value into the sentence of its rule', () => {
    const { expected } = explain(fault('json-malformed', { rule: 'json-format', expected: 'siteseal/1' }));
    assert.equal(expected, '"format" as the first member, with the value siteseal/1');
  });

  test('puts any expected value into the sentence as it is', () => {
    for (const expected of ["$& $1 $' $$", '{expected}'])
      assert.equal(
        explain(fault('json-malformed', { rule: 'json-format', expected })).expected,
        `"format" as the first member, with the value ${expected}`,
      );
  });

  test('speaks only of what the runtime lacks, where that is beneath the fault', () => {
    const lack = fault('runtime-lacks-algorithm', {
      found: 'RSA-PSS 3072',
      where: { certificate: 'CN=A' },
    });
    const whole = fault('enb-certificate-untrusted', {
      where: { row: 3 },
      because: fault('signature-invalid', { because: lack }),
    });
    const plain = fault('enb-certificate-untrusted', { because: fault('signature-invalid') });
    assert.deepEqual(explain(whole), explain({ ...lack, where: { row: 3, certificate: 'CN=A' } }));
    assert.match(
      faultSentence(whole),
      /^The runtime .* lacks an algorithm.*: row 3, certificate CN=A; .*RSA-PSS 3072\.$/,
    );
    assert.equal(explain(plain).because?.meaning, explain(fault('signature-invalid')).meaning);
  });

  test('names what the runtime lacks, and what to do about it', () => {
    const next = new Map(
      Object.keys(en.explanation.system)
        .filter((code) => code.startsWith('ERR_OSSL_'))
        .map((found) => {
          const words = explain(fault('runtime-lacks-algorithm', { found }));
          assert.match(words.found ?? '', new RegExp(`^an? .+ \\(${found}\\)$`));
          return [found, words.next];
        }),
    );
    assert.match(next.get('ERR_OSSL_EC_UNKNOWN_GROUP') ?? '', /^Use a key on P-256/);
    assert.match(next.get('ERR_OSSL_EVP_UNSUPPORTED_ALGORITHM') ?? '', /Node\.js 24/);
  });

  test('says where in the order in which a person looks', () => {
    const where = {
      offset: 7,
      address: '192.0.2.1',
      certificate: 'CN=A',
      field: 'vlan',
      line: 4,
      row: 3,
      file: 'a.csv',
    };
    assert.equal(
      explain(fault('field-invalid', { where })).where,
      'a.csv, row 3, line 4, field vlan, certificate CN=A, address 192.0.2.1, byte 7',
    );
    assert.equal(explain(fault('field-invalid', { where: { row: 0 } })).where, 'row 0');
  });

  test('names the checks by which an eNB refused, each with its code', () => {
    const found = 'bundle-expired, sequence-rollback';
    assert.equal(
      explain(fault('bundle-refused', { found })).found,
      'failed: The bundle has not expired (bundle-expired); ' +
        "failed: The bundle is newer than the eNB's current one (sequence-rollback)",
    );
    assert.equal(faultRecord(fault('bundle-refused', { found })).found, found);
  });

  test('marks text of a peer that has not proven who it is', () => {
    const found = 'wrong\nsecret';
    assert.equal(
      explain(fault('cmp-unauthentic', { found })).found,
      'not authenticated: “wrong⟨U+000A⟩secret”',
    );
    assert.equal(explain(fault('cmp-refused', { found })).found, 'wrong⟨U+000A⟩secret');
    assert.equal(explain(fault('cmp-unauthentic')).found, undefined);
  });

  test('follows the advice on a rule, where there is advice', () => {
    const { cause, next } = explain(fault('cmp-refused', { rule: 'cmp-fail-bad-time' }));
    assert.match(cause, /clock/);
    assert.match(next, /NTP/);
    assert.equal(
      explain(fault('cmp-refused', { rule: 'cmp-version' })).cause,
      en.faults['cmp-refused'].cause,
    );
  });

  test('puts what the system says into words, with its code', () => {
    const unreachable = (found: string) => explain(fault('device-unreachable', { found }));
    const refused = unreachable('ECONNREFUSED');
    assert.equal(refused.found, 'nothing listens at this address and port (ECONNREFUSED)');
    assert.match(unreachable('ENOTFOUND').cause, /^The name is mistyped/);
    assert.doesNotMatch(unreachable('ENOTFOUND').cause, /cable/);
    assert.match(unreachable('EAI_AGAIN').next, /IP address/);
    assert.equal(unreachable('EOTHER').found, 'EOTHER');
    assert.equal(unreachable('toString').found, 'toString');
    const { found, cause } = explain(fault('device-not-tls13', { found: 'ERR_SSL_WRONG_VERSION_NUMBER' }));
    assert.equal(found, 'the device does not use TLS (ERR_SSL_WRONG_VERSION_NUMBER)');
    assert.equal(cause, explain(fault('device-not-tls13')).cause);
    assert.equal(faultRecord(fault('device-unreachable', { found: 'ENOTFOUND' })).found, 'ENOTFOUND');
  });

  test('shows what cannot be seen in what it was given', () => {
    const facts = {
      found: 'NF1000001\u00a0',
      expected: 'NF1 ',
      where: { file: '\u202ea.csv', field: 'b\n' },
    };
    const { found, expected, where } = explain(fault('enb-serial-mismatch', facts));
    assert.deepEqual([found, expected], ['NF1000001⟨U+00A0⟩', 'NF1⟨U+0020⟩']);
    assert.equal(where, '⟨U+202E⟩a.csv, field b⟨U+000A⟩');
  });

  test('leaves out what is not known', () => {
    assert.deepEqual(Object.keys(explain(fault('key-weak'))), [
      'meaning',
      'cause',
      'fixer',
      'mendedBy',
      'next',
    ]);
  });
});

const sentences: readonly (readonly [string, Fault, string])[] = [
  ['a fault alone', fault('certificate-revoked'), 'A certificate has been revoked.'],
  [
    'a fault with a place',
    fault('certificate-revoked', { where: { certificate: 'CN=A' } }),
    'A certificate has been revoked: certificate CN=A.',
  ],
  [
    'a fault with all that can be known',
    fault('field-invalid', { where: { row: 3, field: 'vlan' }, rule: 'vlan', found: '5000' }),
    'A field contains an invalid value: row 3, field vlan; expected a whole number from 1 to 4094, or nothing; found 5000.',
  ],
  [
    'a fault with another beneath it',
    fault('signer-untrusted', { because: fault('signature-invalid', { where: { certificate: 'CN=A' } }) }),
    "This vendor's eNBs do not trust the key that signed the configuration. " +
      'The signature on a certificate is not valid: certificate CN=A.',
  ],
];

describe('a sentence', () => {
  for (const [name, one, sentence] of sentences)
    test(`tells ${name}`, () => assert.equal(faultSentence(one), sentence));

  const hostile = 'a\u001b[31m\u009b1m\r\n\u202eb\u2066';
  const places = [
    ['found', { found: hostile }],
    ['expected', { expected: hostile }],
    ['where.file', { where: { file: hostile } }],
    ['where.field', { where: { field: hostile } }],
    ['where.certificate', { where: { certificate: hostile } }],
    ['where.address', { where: { address: hostile } }],
  ] as const;
  for (const [name, facts] of places) {
    test(`lets no control character of ${name} speak to the terminal`, () => {
      assert.doesNotMatch(faultSentence(fault('field-invalid', facts)), /[\p{Cc}\p{Cf}]/u);
      const nested = fault('bundle-malformed', { because: fault('field-invalid', facts) });
      for (const line of faultLines(nested)) assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
    });
  }
});

test('what a terminal shows begins with the code and ends with what to do', () => {
  assert.deepEqual(faultLines(fault('certificate-revoked')), [
    'certificate-revoked: A certificate has been revoked.',
    '  likely cause: Its key was lost or stolen, or its device was taken out of service.',
    "  who fixes it: the eNB's vendor",
    '  what to do: Ask the issuer for a new certificate.',
  ]);
});

describe('a record for scripts', () => {
  test('holds the facts as they are, and the words', () => {
    const where = { row: 3, field: 'vlan' };
    assert.deepEqual(faultRecord(fault('field-invalid', { where, rule: 'vlan', found: '\u001b' })), {
      code: 'field-invalid',
      where,
      rule: 'vlan',
      found: '\u001b',
      expected: 'a whole number from 1 to 4094, or nothing',
      message: 'A field contains an invalid value.',
      cause: 'It is mistyped, or in the wrong column.',
      mendedBy: 'the preparer in the office',
      next: 'Correct the field.',
    });
  });

  test('holds the fault beneath as a record, too, and survives JSON', () => {
    const record = faultRecord(
      fault('signer-untrusted', { because: fault('key-weak', { found: 'RSA 1024' }) }),
    );
    assert.equal(record.because?.code, 'key-weak');
    assert.equal(record.because.found, 'RSA 1024');
    assert.ok(record.because.message);
    assert.deepEqual(JSON.parse(JSON.stringify(record)), record);
  });
});
