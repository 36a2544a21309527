import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { judgeBundle, Bundle, verifyReceipt } from '../../main/bundle/index.ts';
import { runDemo } from '../../main/training/index.ts';
import { isTrainingCertificate, type Certificate } from '../../main/pki/index.ts';
import { parseCertificates } from '../../main/cms/index.ts';
import { now } from '../kit/bundle.ts';
import { documentOf, siteseal } from '../kit/cli.ts';
import { temporaryFolder } from '../kit/enb.ts';
import { surroundingsIn } from '../kit/operator.ts';

const home = join(temporaryFolder(), 'home');
const cwd = temporaryFolder();
const demoFolder = join(home, 'training', 'demo');
const options = { home, cwd };

/** In milliseconds, on a machine that does much else. */
const limit = 10_000;

/** The processes' clocks run on from `now`. */
const later = { now: new Date(now.getTime() + 60_000), isExact: true };

const refusals = [
  'enb-mismatch',
  'bundle-signature-invalid',
  'sequence-rollback',
  'credential-bound-elsewhere',
  'ike-peer-untrusted',
];

interface Document {
  readonly bundle: string;
  readonly receipt: string;
  readonly refusals: readonly string[];
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

function readRoot(): Certificate {
  const root = parseCertificates(readFileSync(join(demoFolder, 'vendor-root.pem')));
  assert(root.ok && root.value[0]);
  return root.value[0];
}

describe('siteseal demo', () => {
  it('tells the main job, the steps from 0.5 to 2 and five refusals, in a new data folder, in less than ten seconds', async () => {
    const start = performance.now();
    const { stdout, stderr, code } = await siteseal(['demo'], options);
    assert(performance.now() - start < limit);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^This demo sets up a lab/);
    assert.match(stdout, /makes 2 bundles/);
    assert.equal(stdout.match(/^ {5}ok {2}/gm)?.length, 15);
    assert.match(stdout, /3\. The installer starts step 0\.5[^]+a stand-in: TLS in the place of IPsec/);
    assert.match(stdout, /4\. Step 1[^]+gets its operator certificate[^]+5\. Step 2[^]+in service[^]+renews/);
    const told = stdout.slice(stdout.indexOf('6. Five attempts that must fail:'));
    const sentences = [
      /Siteseal sends nothing: This is not the eNB for this bundle/,
      /The eNB refuses it: .*signature/,
      /Siteseal sends nothing: .*(older|newer|sequence)/i,
      /The RA\/CA refuses it: .*already in use with another key/,
      /The eNB refuses it: .*cannot prove that it belongs to this operator/,
    ];
    for (const sentence of sentences) assert.match(told, sentence);
    assert.equal(told.match(/^ {3}- /gm)?.length, 5);
    assert.doesNotMatch(stdout, /must not happen|undefined|\[object/);
  });

  it('runs again, with one JSON document on standard output and the story on standard error', async () => {
    const ran = await siteseal(['demo', '--json'], options);
    assert.equal(ran.code, 0);
    const { bundle, receipt, refusals: told, ...others } = documentOf(ran) as Document;
    assert.deepEqual(others, {});
    assert.deepEqual(told, refusals);
    assert.match(ran.stderr, /6\. Five attempts that must fail:/);
    assert(bundle.startsWith(demoFolder) && receipt.startsWith(demoFolder));

    const root = readRoot();
    const verified = verifyReceipt(readFileSync(receipt), { vendorRoots: [root], clock: later });
    assert(verified.ok, JSON.stringify(verified));
    assert.equal(verified.value.training, true);
    assert(verified.value.verdict.accepted);
    const acceptance = judgeBundle(new Bundle(readFileSync(bundle)), { vendorRoots: [root], clock: later });
    assert(acceptance.accepted, JSON.stringify(acceptance));
    assert.equal(acceptance.bundleSha256, verified.value.bundleSha256);
  });

  it('is training in everything, and touches nothing but its own folder', () => {
    assert(isTrainingCertificate(readRoot()));
    for (const name of ['LAB0001', 'LAB0002']) {
      const bundle = readFileSync(join(demoFolder, 'first', 'bundles', `${name}.p7m`));
      const read = new Bundle(bundle).unverified;
      assert(read.ok);
      assert.equal(read.value.configuration.training, true);
      assert(read.value.certificates.every(isTrainingCertificate));
    }
    assert.deepEqual(readdirSync(home), ['training']);
    assert.deepEqual(readdirSync(cwd), []);
  });

  it('leaves no secret but in the inventory and the registrations, where an operator has it, and no key that others may read', () => {
    const inventory = join(demoFolder, 'inventory.csv');
    const secretFiles = [inventory, join(demoFolder, 'registrations.json')];
    const secrets = readFileSync(inventory, 'utf8').match(/\b[0-9a-f]{32}\b/g);
    assert.equal(secrets?.length, 2);
    for (const file of filesBelow(home)) {
      const bytes = readFileSync(file);
      if (!secretFiles.includes(file)) for (const secret of secrets) assert(!bytes.includes(secret), file);
      if (/(\.key|inventory\.csv|registrations\.json)$/.test(file))
        assert.equal(statSync(file).mode & 0o077, 0, file);
      // The keys of the eNBs and of the operator's CA and gateways lie open, as in the factory and the PKI that the lab plays; the
      // operator's configuration key never does. The log's key is the laptop's own.
      if (!/(LAB\d+|[\\/]log)\.key$|[\\/](ra-ca|gateways|enb-LAB\d+)[\\/]/.test(file))
        assert(!bytes.includes('BEGIN PRIVATE KEY'), file);
    }
  });

  it('ends with 3 when the data folder cannot be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const { code, stdout, stderr } = await siteseal(['demo'], { home: join(file, 'home'), cwd });
    assert.deepEqual([code, stdout], [3, '']);
    assert.match(stderr, /^store-unusable: /);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });
});

describe('the demonstration', () => {
  it('leaves nothing listening and nothing connected', async () => {
    const lines: string[] = [];
    const report = await runDemo(surroundingsIn(temporaryFolder()), (line) => lines.push(line));
    assert(report.ok, JSON.stringify(report));
    assert.deepEqual(report.value.refusals, refusals);
    assert(lines.length > 20);
    const open = () =>
      process.getActiveResourcesInfo().filter((name) => /^(TCP(Server|Socket)|UDP)Wrap$/.test(name));
    // What was closed goes with a turn of the event loop.
    for (let turns = 0; turns < 100 && open().length > 0; turns++) await turn();
    assert.deepEqual(open(), []);
  });
});
