/** Go's golang.org/x/mod/sumdb verifies the audit log: its checkpoints, proofs and cosignatures. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { noteCrypto, treeHashes } from '../../../main/audit/index.ts';
import { openStore } from '../../../main/store/index.ts';
import {
  consistencyPath,
  cosign,
  cosignatureType,
  formatTlogProof,
  formatVerifierKey,
  fromHex,
  inclusionPath,
  parseNote,
  ProofMaker,
  toBase64,
  type LeafRange,
  type Proof,
} from '../../../main/tlog/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { allEntries, logTexts, openLogIn } from '../../kit/log.ts';
import { logVectorsFolder } from '../../vectors/log-vector.ts';

const folder = temporaryFolder();
const peer = join(folder, 'peer');

/** What Go says of each task: `ok` and what it read, or `no` and why. */
function go(tasks: readonly object[]): readonly string[] {
  const input = tasks.map((task) => JSON.stringify(task)).join('\n');
  return execFileSync(peer, { input, encoding: 'utf8' }).trimEnd().split('\n');
}

/** A log of three days, so that its key has changed twice, and checkpoints that were given away on the way. */
function makeLog() {
  const store = openStore(folder);
  assert(store.ok);
  let hours = 0;
  const now = () => new Date(Date.UTC(2026, 10, 15, hours));
  const log = openLogIn(folder, store.value, { now });
  const heads: string[] = [];
  for (; hours < 72; hours++) {
    log.append({
      action: 'vendor-root-trusted',
      subject: { vendor: 'räksmörgås' },
      facts: { fingerprint: String(hours) },
    });
    if (hours >= 48) heads.push(log.giveHead());
  }
  const [first = '', second = '', last = ''] = allEntries(log).flatMap(({ action, facts }) =>
    action === 'log-key' ? [String(facts['key'])] : [],
  );
  const handovers = store.value.log.checkpoints().filter(({ kind }) => kind === 'handover');
  return { entries: logTexts(store.value), heads, keys: { first, second, last }, handovers };
}

const { entries, heads, keys, handovers } = makeLog();
const newest = heads.at(-1) ?? '';
const sizeOf = (checkpoint: string) => Number(checkpoint.split('\n')[1]);

function prove(paths: readonly (readonly LeafRange[])[]): readonly Proof[] {
  const maker = new ProofMaker(treeHashes, paths);
  for (const entry of entries) maker.append(treeHashes.leaf(entry));
  return maker.proofs();
}

const encoded = (proof: Proof) => proof.map((hash) => toBase64(fromHex(hash)));
const longer = (proof: readonly string[]) => [...proof, proof[0] ?? ''];
const inclusions = prove(entries.map((_, index) => inclusionPath(index, entries.length)));
const isOk = (answer: string) => answer.startsWith('ok');

describe("Go's sumdb", () => {
  before(() => {
    const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' };
    execFileSync('go', ['build', '-o', peer, join(import.meta.dirname, 'peer.go')], { env });
  });

  it('verifies every checkpoint with the key that then signed, and with no other', () => {
    const signed = [
      ...handovers.map(({ checkpoint }, at) => [checkpoint, at === 0 ? keys.first : keys.second] as const),
      ...heads.map((head) => [head, keys.last] as const),
    ];
    assert.equal(handovers.length, 2);
    const origin = newest.split('\n')[0] ?? '';
    assert.deepEqual(
      go(signed.map(([text, key]) => ({ kind: 'checkpoint', text, key }))),
      signed.map(([text]) => `ok ${origin} ${sizeOf(text)}`),
    );
    const wrong = signed.map(([text, key]) => ({
      kind: 'checkpoint',
      text,
      key: key === keys.last ? keys.first : keys.last,
    }));
    assert(!go(wrong).some(isOk));
  });

  it('refuses a checkpoint that was altered', () => {
    const [origin = '', size = '', root = ''] = newest.split('\n');
    const altered = [
      newest.replace(size, String(Number(size) + 1)),
      newest.replace(root, toBase64(new Uint8Array(32))),
      newest.replaceAll(origin, `${origin.slice(0, -1)}x`),
      newest.replace('\n\n', '\nextension\n\n'),
      newest.replace('\n\n', '\n'),
    ];
    assert(!go(altered.map((text) => ({ kind: 'checkpoint', text, key: keys.last }))).some(isOk));
  });

  it('verifies that each entry is in the tree, and refuses another entry, place or proof', () => {
    const tasks = entries.map((entry, index) => ({
      kind: 'inclusion',
      text: newest,
      key: keys.last,
      entry,
      index,
      proof: encoded(inclusions[index] ?? []),
    }));
    assert(go(tasks).every(isOk));
    const wrong = tasks.flatMap((task) => [
      { ...task, entry: task.entry.replace('"training":false', '"training":true') },
      { ...task, index: task.index ^ 1 },
      { ...task, proof: longer(task.proof) },
      { ...task, proof: task.proof.slice(1) },
    ]);
    assert(!go(wrong).some(isOk));
  });

  it('verifies that each checkpoint begins with each one before, and refuses another proof', () => {
    const pairs = heads.flatMap((from, at) => heads.slice(at).map((text) => ({ from, text })));
    const proofs = prove(pairs.map(({ from, text }) => consistencyPath(sizeOf(from), sizeOf(text))));
    const tasks = pairs.map((pair, at) => ({
      kind: 'consistency',
      key: keys.last,
      ...pair,
      proof: encoded(proofs[at] ?? []),
    }));
    assert(go(tasks).every(isOk));
    const wrong = tasks
      .filter(({ from, text }) => from !== text)
      .flatMap((task) => [
        { ...task, proof: longer(task.proof) },
        { ...task, proof: task.proof.slice(1) },
        { ...task, from: task.text, text: task.from },
      ]);
    assert(!go(wrong).some(isOk));
  });

  it('verifies a tlog-proof', () => {
    const index = 40;
    const proof = { index, inclusion: inclusions[index] ?? [], checkpoint: newest };
    const extra = Buffer.from(entries[index] ?? '');
    const task = { kind: 'proof', key: keys.last, entry: entries[index] };
    const texts = [
      formatTlogProof(proof),
      formatTlogProof({ ...proof, extra }),
      formatTlogProof({ ...proof, index: 41 }),
    ];
    const [plain = '', withExtra, wrong = ''] = go(texts.map((text) => ({ ...task, text })));
    assert(isOk(plain));
    assert.equal(withExtra, `ok ${entries[index]}`);
    assert(!isOk(wrong));
  });

  it('verifies the cosignature of a witness, and reads its time', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
    const key = { name: 'siteseal.invalid/witness/0011223344556677', type: cosignatureType, publicKey: raw };
    const body = parseNote(newest)?.body ?? '';
    const line = cosign(
      key,
      body,
      1_795_000_000,
      (message) => new Uint8Array(sign(null, message, privateKey)),
      noteCrypto,
    );
    const text = `${newest}${line}`;
    const task = { kind: 'cosignature', text, witness: formatVerifierKey(key, noteCrypto) };
    const wrong = [
      { ...task, text: newest },
      { ...task, text: `${heads[0]}${line}` },
      { ...task, witness: formatVerifierKey({ ...key, name: 'another.invalid' }, noteCrypto) },
    ];
    const [answer, ...others] = go([task, { ...task, kind: 'checkpoint', key: keys.last }, ...wrong]);
    assert.equal(answer, 'ok 1795000000');
    assert.deepEqual(others.map(isOk), [true, false, false, false]);
  });

  it('verifies the published head files, the cosigned note and the proof of an entry', () => {
    const read = (name: string) => readFileSync(join(logVectorsFolder, 'log', name), 'utf8');
    const published = ['head-1.json', 'head-2.json'].map((name) => JSON.parse(read(name)) as Head);
    const keyIn = (entry: string) => (JSON.parse(entry) as { facts: { key: string } }).facts.key;
    const inclusionTasks = published.flatMap(({ checkpoint, keys: named }) =>
      named.map(({ entry, handover, inclusion: proof, index }, at) => {
        const signer = handover === undefined ? named.at(-1) : named[at - 1];
        return {
          kind: 'inclusion',
          text: handover ?? checkpoint,
          key: keyIn(signer?.entry ?? ''),
          entry,
          index,
          proof,
        };
      }),
    );
    const [, newestHead] = published;
    assert(newestHead?.consistency?.checkpoint);
    const { checkpoint: text, consistency } = newestHead;
    const key = keyIn(newestHead.keys.at(-1)?.entry ?? '');
    const [, extra = ''] = /^extra (.*)$/m.exec(read('S1.tlog-proof')) ?? [];
    const tasks = [
      ...inclusionTasks,
      { kind: 'consistency', key, text, from: consistency.checkpoint, proof: consistency.proof },
      { kind: 'cosignature', text: read('cosigned-2.note'), witness: read('witness.key').trim() },
      { kind: 'proof', key, text: read('S1.tlog-proof'), entry: Buffer.from(extra, 'base64').toString() },
    ];
    assert.deepEqual(
      go(tasks).filter((answer) => !isOk(answer)),
      [],
    );
  });
});

/** A head file, as far as it is used here. */
interface Head {
  readonly checkpoint: string;
  readonly consistency?: { readonly checkpoint?: string; readonly proof: readonly string[] };
  readonly keys: readonly {
    readonly index: number;
    readonly entry: string;
    readonly inclusion: readonly string[];
    readonly handover?: string;
  }[];
}
