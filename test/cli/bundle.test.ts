import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { acceptanceCodes, makeBundle, type AcceptanceCode } from '../../main/bundle/index.ts';
import { nameToText } from '../../main/pki/index.ts';
import { configurationFor, issueCrl, prevented, sealingFor, signingOf, type Scene } from '../kit/bundle.ts';
import { siteseal, sitesealJson, type FaultDocument } from '../kit/cli.ts';
import { LabOffice, makeFolder } from '../kit/operator.ts';

interface VerifyDocument {
  readonly accepted?: boolean;
  readonly assumed?: readonly string[];
  readonly checks?: readonly {
    readonly code: AcceptanceCode;
    readonly ok: boolean | null;
    readonly why?: string;
    readonly detail?: FaultDocument;
  }[];
  readonly configuration?: object;
  readonly fault?: FaultDocument;
}

const office = new LabOffice();
const { root, issuing } = office.vendor;
makeFolder(office, 'home');
office.write('issuing.crl', issueCrl(issuing).der);
office.write('root.crl', issueCrl(root).der);
office.write('LAB0001.key', office.encrypted(office.enb('LAB0001'), 'key passphrase'));
office.write('LAB0002.key', office.enb('LAB0002').key.export({ format: 'der', type: 'pkcs8' }));
office.write('passphrase', 'key passphrase\n');
office.writeInventory(
  ['LAB0001', 'LAB0002'].map((serial) =>
    office.row(serial, { credential_secret: `CANARY of ${serial}`, outer_gateway: '198.51.100.1' }),
  ),
);
await office.report();
const bundle = 'out/bundles/LAB0001.p7m';
const where = { home: office.home, cwd: office.folder, isWarm: true };

async function verify(file: string, ...more: readonly string[]) {
  const ran = await sitesealJson(
    ['bundle', 'verify', file, '--vendor-root', 'vendor-root.pem', ...more],
    where,
  );
  return { ...ran, document: ran.document as VerifyDocument };
}

/** Each check by its code: true, false, or why it was not made. */
function answersOf({ checks = [] }: VerifyDocument): Readonly<Record<string, string>> {
  assert.deepEqual(
    checks.map(({ code }) => code),
    acceptanceCodes,
  );
  return Object.fromEntries(checks.map(({ code, ok, why }) => [code, why ?? String(ok)]));
}

const allTrue = Object.fromEntries(acceptanceCodes.map((code) => [code, 'true']));
const notGiven = {
  'signer-revoked': 'not-given',
  'signer-superseded': 'not-given',
  'bundle-for-another-enb': 'not-given',
  'sequence-rollback': 'not-given',
  'sealed-undecryptable': 'no-key',
  'sealed-binding-mismatch': 'no-key',
};

/** Asserts that one check fails for a bundle, that the exit code is 1, and returns its detail. */
async function failing(
  code: AcceptanceCode,
  file: string,
  ...more: readonly string[]
): Promise<FaultDocument> {
  const { document, code: exitCode } = await verify(file, ...more);
  const failed = document.checks?.filter(({ ok }) => ok === false) ?? [];
  assert.deepEqual(
    [document.accepted, failed.map((check) => check.code), exitCode],
    [false, [code], 1],
    JSON.stringify(document),
  );
  const [{ detail } = assert.fail()] = failed;
  assert.deepEqual([detail?.code, typeof detail?.message, typeof detail?.next], [code, 'string', 'string']);
  return detail!;
}

describe('siteseal bundle verify', () => {
  it('judges with the vendor root alone, and says what it assumes', async () => {
    const { document, code, stderr } = await verify(bundle);
    assert.deepEqual(Object.keys(document), ['accepted', 'assumed', 'checks', 'configuration']);
    assert.deepEqual(answersOf(document), { ...allTrue, ...notGiven });
    assert.deepEqual(document.assumed, Object.keys(notGiven));
    assert.deepEqual(document.configuration, JSON.parse(JSON.stringify(office.configuration('LAB0001'))));
    assert.deepEqual([document.accepted, code, stderr], [true, 0, '']);
  });

  it('judges all that an eNB judges where all is given, and shows nothing of what is sealed', async () => {
    const { document, code, stdout } = await verify(
      bundle,
      ...['--crl', 'issuing.crl', '--crl', 'root.crl', '--untrusted', 'vendor-issuing.pem'],
      ...['--enb', 'LAB0001.pem', '--enb-key', 'LAB0001.key', '--passphrase-file', 'passphrase'],
      ...['--last-epoch', '0', '--last-sequence', '0', '--at', '2026-12-01T00:00:00Z'],
    );
    assert.deepEqual([answersOf(document), document.assumed, code], [allTrue, [], 0]);
    assert.doesNotMatch(stdout, /CANARY|ref-LAB/);
  });

  it('says in words what holds, what does not, and what was not checked', async () => {
    const args = ['bundle', 'verify', bundle, '--vendor-root', 'vendor-root.pem'];
    const accepted = await siteseal(args, { ...where, isWarm: false });
    assert.deepEqual([accepted.code, accepted.stderr], [0, '']);
    const lines = accepted.stdout.split('\n');
    assert.equal(lines.filter((line) => /^ {2}(ok|--) {2}/.test(line)).length, acceptanceCodes.length);
    assert.equal(lines.at(-2), 'The eNB would accept the bundle if the unchecked items also pass (6).');
    const refused = await siteseal([...args, '--last-sequence', '5'], { ...where, isWarm: false });
    assert.deepEqual([refused.code, refused.stdout], [1, '']);
    assert.match(refused.stderr, /^ NOT {2}The bundle is newer than the eNB's current one$/m);
    assert.match(refused.stderr, /^sequence-rollback: .*expected 6; found 1\.$/m);
    assert.match(refused.stderr, /\nThe eNB would refuse the bundle\.\n$/);
  });

  it('takes the eNB by its serial number or its certificate', async () => {
    const same = await verify(bundle, '--enb', 'LAB0001');
    assert.equal(answersOf(same.document)['bundle-for-another-enb'], 'true');
    for (const other of ['LAB0002', 'LAB0002.pem']) {
      const detail = await failing('bundle-for-another-enb', bundle, '--enb', other);
      assert.match(detail.expected!, /^LAB0002/);
      assert.match(detail.found!, /^LAB0001/);
    }
    const none = await verify(bundle, '--enb', 'not/there.pem');
    const { code, found } = none.document.fault!;
    assert.deepEqual([code, found, none.code], ['file-unreadable', 'ENOENT', 3]);
  });

  it("compares the sequence number with the eNB's", async () => {
    const equal = await verify(bundle, '--last-sequence', '1');
    assert.deepEqual([answersOf(equal.document)['sequence-rollback'], equal.code], ['not-given', 0]);
    const detail = await failing('sequence-rollback', bundle, '--last-sequence', '2');
    assert.deepEqual([detail.expected, detail.found], ['3', '1']);
  });

  it('judges as of the time that is given', async () => {
    await failing('bundle-not-yet-valid', bundle, '--at', '2026-10-31T23:59:59Z');
    await failing('bundle-expired', bundle, '--at', '2027-11-01T02:00:01+02:00');
  });

  it('answers nothing further where the signer is a stranger, and does not show what the bundle says', async () => {
    const ran = await sitesealJson(['bundle', 'verify', bundle, '--vendor-root', 'operator-root.pem'], where);
    const document = ran.document as VerifyDocument;
    assert.deepEqual(answersOf(document), {
      ...allTrue,
      'signer-untrusted': 'false',
      ...prevented('signer-expired', 'signer-untrusted'),
    });
    assert.deepEqual(Object.keys(document), ['accepted', 'assumed', 'checks']);
    assert.deepEqual([document.accepted, document.assumed, ran.code], [false, [], 1]);
  });

  it('refuses garbage, a cut bundle, and one in which an octet was changed', async () => {
    const bytes = office.bundle('LAB0001');
    office.write('garbage', 'garbage');
    office.write('cut', bytes.subarray(0, -1));
    office.write('changed', Buffer.from(bytes).fill(bytes[200]! ^ 1, 200, 201));
    await failing('bundle-malformed', 'garbage');
    await failing('bundle-malformed', 'cut');
    const detail = await failing('bundle-signature-invalid', 'changed');
    assert.equal(detail.because?.because?.rule ?? detail.because?.rule, 'cms-message-digest');
  });

  it('refuses a sealed part that the key does not open', async () => {
    await failing('sealed-undecryptable', bundle, '--enb', 'LAB0001', '--enb-key', 'LAB0002.key');
  });

  it('ends with 3 for a file that is not there, and with 1 for one that holds something else', async () => {
    const none = await verify('not-there');
    assert.deepEqual(
      [Object.keys(none.document), none.document.fault?.code, none.code],
      [['fault'], 'file-unreadable', 3],
    );
    const crl = await verify(bundle, '--crl', 'vendor-root.pem');
    assert.deepEqual([crl.document.fault?.code, crl.code], ['crl-unreadable', 1]);
    const key = await verify(bundle, '--enb', 'LAB0001', '--enb-key', 'LAB0001.key');
    assert.deepEqual([key.document.fault?.code, key.code], ['passphrase-missing', 1]);
  });
});

describe('siteseal bundle inspect', () => {
  it('shows what a bundle says, and that nothing of it is verified', async () => {
    const { document, code } = await sitesealJson(['bundle', 'inspect', bundle], where);
    const bytes = office.bundle('LAB0001');
    const { subject, issuer, serialNumber, notBefore, notAfter } = office.configurationKey.certificate;
    const { certificates, configuration, ...facts } = document as {
      readonly certificates: readonly object[];
      readonly configuration: object;
    };
    assert.deepEqual(facts, {
      verified: false,
      bundleSha256: createHash('sha256').update(bytes).digest('hex'),
      size: bytes.length,
      crlIssuers: [],
    });
    assert.deepEqual(configuration, JSON.parse(JSON.stringify(office.configuration('LAB0001'))));
    assert.equal(certificates.length, 2);
    assert.deepEqual(
      certificates.find((one) => 'subject' in one && one.subject === nameToText(subject)),
      {
        subject: nameToText(subject),
        issuer: nameToText(issuer),
        serialNumber,
        notBefore: notBefore.toISOString().replace('.000Z', 'Z'),
        notAfter: notAfter.toISOString().replace('.000Z', 'Z'),
        sha256: office.configurationKey.certificate.sha256,
      },
    );
    assert.equal(code, 0);
  });

  it('speaks to the reader and never to the terminal', async () => {
    const scene: Scene = {
      vendor: office.vendor,
      enb: office.enb('LAB0001'),
      configurationKey: office.configurationKey,
      operatorRoot: office.operatorRoot,
      signing: signingOf(office.configurationKey, office.vendor),
    };
    const name = 'Mill\u009b31m \u202etxt\u001b]0;x\u0007';
    const configuration = configurationFor(scene, { site: { id: 'S1', name } });
    mkdirSync(office.path('hostile'), { recursive: true });
    writeFileSync(
      join(office.path('hostile'), 'bundle'),
      await makeBundle(configuration, sealingFor(scene), scene.signing),
    );
    const { stdout, code } = await siteseal(['bundle', 'inspect', 'hostile/bundle'], where);
    assert.equal(code, 0);
    assert.match(stdout, /^None of this is verified\. To verify it, use "siteseal bundle verify"\.\n/);
    assert.match(stdout, /Mill/);
    assert.doesNotMatch(stdout, /[^\P{Cc}\n]|\p{Cf}/u);
  });

  it('refuses what is no bundle', async () => {
    const garbage = await sitesealJson(['bundle', 'inspect', 'operator.json'], where);
    const { fault } = garbage.document as VerifyDocument;
    assert.deepEqual(
      [fault?.code, fault?.where?.['file'], garbage.code],
      ['bundle-malformed', office.path('operator.json'), 1],
    );
    const none = await sitesealJson(['bundle', 'inspect', 'not-there'], where);
    assert.deepEqual([(none.document as VerifyDocument).fault?.code, none.code], ['file-unreadable', 3]);
  });
});
