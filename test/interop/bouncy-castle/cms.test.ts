import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { encodePem } from '../../../main/asn1/index.ts';
import {
  Bundle,
  judgeBundle,
  makeBundle,
  makeReceipt,
  toVerdict,
  type Receipt,
} from '../../../main/bundle/index.ts';
import {
  openAuthEnvelopedData,
  parseSignedData,
  sealAuthEnvelopedData,
  signData,
  verifySignedData,
} from '../../../main/cms/index.ts';
import {
  generateKey,
  issueCertificate,
  makeEnb,
  type KeyKind,
  type KeyPair,
} from '../../kit/issue-certificate.ts';
import type { Certificate } from '../../../main/pki/index.ts';
import {
  answers,
  configurationFor,
  contextFor,
  goodAnswers,
  hwType,
  identity,
  issueCrl,
  judge,
  signerOf,
  labOptions,
  makeScene,
  now,
  sealedMembers,
  sealingFor,
  signContent,
  signingOf,
} from '../../kit/bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'siteseal-bouncy-castle-'));
after(() => rmSync(folder, { recursive: true }));

/** One line of the batch: what Bouncy Castle is asked, and the file that it writes. */
interface Task {
  readonly words: readonly string[];
  readonly output: string;
}

const tasks: Task[] = [];
let files = 0;

function file(octets: string | Uint8Array): string {
  const path = join(folder, String(++files));
  writeFileSync(path, octets);
  return path;
}

/** Asks for something to be done when all is asked: each start of Java takes a second. */
function ask(...words: readonly string[]): Task {
  const output = join(folder, String(++files));
  const task = { words: words.map((word) => (word === 'OUT' ? output : word)), output };
  tasks.push(task);
  return task;
}

/** What Bouncy Castle said of a task: `ok`, or why not. The first question has all of them done. */
function outcomeOf(task: Task): string {
  outcomes ??= runBatch();
  return outcomes.get(task) ?? 'not asked in time';
}

let outcomes: ReadonlyMap<Task, string> | undefined;

function runBatch(): ReadonlyMap<Task, string> {
  const batch = file(tasks.map(({ words }) => `${words.join('\t')}\n`).join(''));
  const jars = ['bcprov', 'bcpkix', 'bcutil'].map((name) => `/usr/share/java/${name}.jar`).join(delimiter);
  const peer = join(import.meta.dirname, 'Peer.java');
  const run = spawnSync('java', ['-cp', jars, peer, 'batch', batch], { encoding: 'utf8' });
  if (run.error) throw run.error;
  assert.equal(run.status, 0, run.stderr);
  const lines = run.stdout.trimEnd().split('\n');
  assert.equal(lines.length, tasks.length);
  return new Map(tasks.map((task, index) => [task, lines[index] ?? '']));
}

/** What a task has written. */
function outputOf(task: Task): Buffer {
  assert.equal(outcomeOf(task), 'ok');
  return readFileSync(task.output);
}

const certificateFile = ({ der }: Certificate) => file(encodePem('CERTIFICATE', der));
const keyFile = ({ key }: KeyPair) => file(key.export({ format: 'pem', type: 'pkcs8' }));

const scene = makeScene();
const { vendor } = scene;
const root = certificateFile(vendor.root.certificate);
const issuing = certificateFile(vendor.issuing.certificate);
const content = Buffer.from('{"format":"an example","text":"Tehdas Ä"}\n');
const contentFile = file(content);

const kinds: readonly KeyKind[] = ['P-256', 'P-384', 'RSA-2048', 'RSA-3072'];
const pairs = kinds.map((kind) => {
  const key = generateKey(kind);
  const certificate = issueCertificate({ subject: `CN=${kind}`, ...labOptions }, key, vendor.issuing);
  return { kind, pair: { key, certificate } };
});

describe('Bouncy Castle', async () => {
  for (const { kind, pair } of pairs) {
    const message = await signData(
      content,
      signerOf(pair),
      now,
      [vendor.issuing.certificate],
      [issueCrl(vendor.root)],
    );
    const verified = ask('verify', root, file(message), 'OUT');
    it(`verifies what is signed with ${kind}`, () => assert.deepEqual(outputOf(verified), content));

    const opened = ask(
      ...['open', certificateFile(pair.certificate), keyFile(pair)],
      ...[file(sealAuthEnvelopedData(content, pair.certificate)), 'OUT'],
    );
    it(`opens what is sealed with ${kind}`, () => assert.deepEqual(outputOf(opened), content));
  }

  const signed = Buffer.from(
    await signData(content, signerOf(pairs[0]!.pair), now, [vendor.issuing.certificate]),
  );
  signed.write('AN', signed.indexOf('an example'));
  const changed = ask('verify', root, file(signed), 'OUT');
  it('refuses a signed message that was changed', () => assert.match(outcomeOf(changed), /message-digest/));

  const sealed = Buffer.from(sealAuthEnvelopedData(content, pairs[0]!.pair.certificate));
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
  const cut = ask(
    ...['open', certificateFile(pairs[0]!.pair.certificate), keyFile(pairs[0]!.pair)],
    ...[file(sealed), 'OUT'],
  );
  it('refuses a sealed message that was changed', () => assert.match(outcomeOf(cut), /finalising cipher/));

  const strangerRoot = certificateFile(makeScene().vendor.root.certificate);
  const bundle = await makeBundle(configurationFor(scene), sealingFor(scene), scene.signing);
  const untrusted = ask('verify', strangerRoot, file(bundle), 'OUT');
  it('refuses a bundle that leads to another root of the same name', () => {
    assert.match(outcomeOf(untrusted), /No issuer certificate/);
  });
});

describe('what Bouncy Castle', () => {
  for (const { kind, pair } of pairs) {
    const files = [certificateFile(pair.certificate), keyFile(pair), contentFile] as const;
    const signed = ask('sign', ...files, 'OUT', issuing);
    it(`signs with ${kind} is verified`, () => {
      const parsed = parseSignedData(outputOf(signed));
      assert(parsed.ok);
      assert.deepEqual(Buffer.from(parsed.value.content), content);
      const verified = verifySignedData(parsed.value, 2048);
      assert(verified.ok);
      assert.deepEqual(verified.value.der, pair.certificate.der);
    });

    const sealed = ask('seal', certificateFile(pair.certificate), contentFile, 'OUT');
    it(`seals with ${kind} is opened`, () => {
      const opened = openAuthEnvelopedData(outputOf(sealed), pair.key, pair.certificate);
      assert(opened.ok);
      assert.deepEqual(opened.value, content);
    });
  }
});

describe('a whole bundle', async () => {
  const enbs = kinds.map((keyKind) =>
    makeEnb(vendor, { hwType, serialNumber: 'LAB0001' }, { ...labOptions, keyKind }),
  );
  for (const [index, enb] of enbs.entries()) {
    const own = { ...scene, enb };
    const configuration = configurationFor(own);
    const signing = signingOf(scene.configurationKey, vendor, [
      issueCrl(vendor.root),
      issueCrl(vendor.issuing),
    ]);
    const bundle = await makeBundle(configuration, sealingFor(own), signing);
    const { sealed } = judge(bundle, own).configuration!;
    const verified = ask('verify', root, file(bundle), 'OUT');
    const opened = ask(
      ...['open', certificateFile(enb.certificate), keyFile(enb)],
      ...[file(Buffer.from(sealed!, 'base64')), 'OUT'],
    );
    it(`for an eNB with a key of kind ${kinds[index]} is read by Bouncy Castle`, () => {
      const { sealed: _, ...outer } = JSON.parse(outputOf(verified).toString()) as Record<string, unknown>;
      assert.deepEqual(outer, configuration);
      assert.equal(outputOf(opened).toString(), JSON.stringify(sealedMembers(configuration, signing)));
    });
  }

  it('that Bouncy Castle has sealed is accepted', async () => {
    const judged = judgeBundle(
      new Bundle(await signContent(contentWith(outputOf(sealedByThem)), scene.signing)),
      contextFor(scene),
    );
    assert.deepEqual(answers(judged), goodAnswers);
  });

  const configuration = configurationFor(scene);
  const contentWith = (sealed: Uint8Array) =>
    JSON.stringify({ ...configuration, sealed: Buffer.from(sealed).toString('base64') });
  const plaintext = JSON.stringify(sealedMembers(configuration, scene.signing));
  const sealedByThem = ask('seal', certificateFile(scene.enb.certificate), file(plaintext), 'OUT');

  const sealedByUs = sealAuthEnvelopedData(Buffer.from(plaintext), scene.enb.certificate);
  const signedByThem = ask(
    ...['sign', certificateFile(scene.configurationKey.certificate), keyFile(scene.configurationKey)],
    ...[file(contentWith(sealedByUs)), 'OUT', issuing],
  );
  it('that Bouncy Castle has signed is accepted', () => {
    const judged = judgeBundle(new Bundle(outputOf(signedByThem)), contextFor(scene));
    assert.deepEqual(answers(judged), goodAnswers);
  });
});

describe('a receipt', async () => {
  const acceptance = judge(
    await makeBundle(configurationFor(scene), sealingFor(scene), scene.signing),
    scene,
  );
  const receipt: Receipt = {
    format: 'siteseal-receipt/1',
    receiptNumber: 1,
    bundleSha256: acceptance.bundleSha256,
    enb: identity,
    verdict: toVerdict(acceptance),
    steps: [],
    firmware: 'reference/1',
    clock: { state: 'not-set' },
    training: false,
  };
  const verified = ask(
    'verify',
    root,
    file(await makeReceipt(receipt, signerOf(scene.enb, vendor.issuing), now)),
    'OUT',
  );
  it('is verified by Bouncy Castle', () => {
    assert.deepEqual(JSON.parse(outputOf(verified).toString()), receipt);
  });
});
