import assert from 'node:assert/strict';
import fs, { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ProofHeader, ProofLine } from '../../../main/audit/export/proof.ts';
import { noteCrypto, treeHashes, type LogSurroundings } from '../../../main/audit/index.ts';
import {
  exportLog,
  saveHead,
  verifyLogFile,
  type LogExportFormat,
  type LogExportRequest,
} from '../../../main/core/index.ts';
import { openStore } from '../../../main/store/index.ts';
import { LogCheck, parseTlogProof, rootByInclusion, type LogFinding } from '../../../main/tlog/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { allEntries, logTexts, openLogIn } from '../../kit/log.ts';

const enb = (site: string) => ({ site, serialNumber: `ENB-${site}`, hwType: 'type-1' });
const bundle = { bundleId: 'b', sequence: 3, bundleSha256: 'd' };

/** A log with two keys, two people and two sites, and a folder for exports. */
function scene(surroundings: Partial<LogSurroundings> = {}) {
  const folder = temporaryFolder();
  const store = openStore(folder);
  assert(store.ok);
  let now = Date.UTC(2026, 10, 15, 23, 50);
  const log = openLogIn(folder, store.value, { now: () => new Date((now += 60_000)), ...surroundings });
  log.people.declare('Ann');
  for (const site of ['S1', 'S2', 'S1']) {
    log.append({ action: 'bundle-sending', subject: enb(site), facts: bundle });
    log.append({
      action: 'bundle-delivery',
      subject: enb(site),
      facts: { ...bundle, state: site === 'S1' ? 'receipt' : 'sending' },
    });
  }
  now += 86_400_000;
  log.people.declare('Bob');
  log.append({ action: 'bundle-sending', subject: enb('S1'), facts: bundle });
  const opened = { store: store.value, log };
  const out = join(temporaryFolder(), 'log');
  const write = (format: LogExportFormat, request: Partial<LogExportRequest> = {}) =>
    exportLog(opened, { format, filter: {}, out, now: new Date(now), ...request });
  const person = (name: string) => log.people.all().find((one) => one.name === name)?.id ?? '';
  return { folder, log, store: store.value, out, write, person };
}

/** Verifies an export in JSON Lines, as anyone can. */
function verify(out: string): LogFinding {
  const check = new LogCheck({ hashes: treeHashes, crypto: noteCrypto });
  const list = lines(out);
  const [header, ...proof] = lines(`${out}.proof`).map(
    (line) => JSON.parse(line) as ProofLine & Partial<ProofHeader>,
  );
  assert.equal(header?.listed, list.length);
  for (const { listed, entry, skipped, hashes, checkpoint, person } of proof) {
    for (let left = listed ?? 0; left > 0; left--) check.entry(list.shift() ?? '');
    if (entry !== undefined) check.entry(entry);
    if (skipped !== undefined) check.skip(skipped, hashes ?? []);
    if (checkpoint !== undefined) check.checkpoint(checkpoint);
    if (person !== undefined) check.person(person.id, person.name, person.salt);
  }
  assert.deepEqual(list, []);
  return check.end();
}

const lines = (file: string) => readFileSync(file, 'utf8').split('\n').slice(0, -1);
const namesIn = (out: string) => readdirSync(join(out, '..')).sort();

describe('an export of the log', () => {
  it('has the whole log as it was, which its proof proves, across a change of keys', async () => {
    const { write, out, store, log } = scene();
    const all = logTexts(store);
    const exported = await write('jsonl');
    assert(exported.ok);
    const { entries, size, files, isFiltered } = exported.value;
    assert.deepEqual(
      [entries, size, files, isFiltered],
      [all.length, all.length, [out, `${out}.proof`], false],
    );
    assert.deepEqual(lines(out), all);
    const finding = verify(out);
    assert.equal(finding.problem, undefined);
    assert.deepEqual(
      finding.proven.map(({ code }) => code),
      ['sealed', 'keys-chained', 'names-match'],
    );
    const { action, facts } = allEntries(log).at(-1) ?? {};
    assert.deepEqual([action, facts], ['log-exported', { entries, format: 'jsonl', size }]);
  });

  it('has what matches, alone or together, and its proof proves that part', async () => {
    const { write, out, store, person } = scene();
    const filters = [
      { site: 'S2' },
      { serialNumber: 'ENB-S1' },
      { person: person('Bob') },
      { from: '2026-11-16T00:00:00Z', to: '2026-11-17T00:05:00Z' },
      { site: 'S1', person: person('Ann'), from: '2026-11-15T00:00:00Z' },
      { site: 'S1', serialNumber: 'ENB-S2' },
    ];
    for (const filter of filters) {
      const expected = [...store.log.read(0, 1_000, filter)].map(({ entry }) => entry);
      const exported = await write('jsonl', { filter });
      assert(exported.ok);
      assert.deepEqual([exported.value.entries, exported.value.isFiltered], [expected.length, true]);
      assert.deepEqual(lines(out), expected);
      const finding = verify(out);
      assert.equal(finding.problem, undefined);
      assert(finding.proven.some(({ code }) => code === 'sealed-part'));
      assert(finding.unproven.some(({ code }) => code === 'filtered'));
    }
  });

  it('verifies in every format, whatever signs its texts have', async () => {
    const { write, out, log, store } = scene();
    log.people.declare('Cy; =Lee | \\ "x"');
    for (const site of ['S;=1', 'a,"-1', '\\u003d;=', 'x\u202e=rawEvent=1 rawEvent=', '\n\r\t|'])
      log.append({ action: 'bundle-sending', subject: enb(site), facts: bundle });
    const head = `${out}.head`;
    assert((await saveHead({ store, log }, head)).ok);
    for (const format of ['csv', 'jsonl', 'ocsf', 'cef', 'proof'] as const) {
      const named = `${out}.${format === 'proof' ? 'tlog-proof' : format}`;
      assert((await write(format, { filter: { site: 'S;=1' }, out: named })).ok);
      const heads = format === 'proof' ? [head] : [];
      const verified = await verifyLogFile(named, { heads, isTraining: false });
      assert(verified.ok);
      assert.deepEqual([verified.value.intact, verified.value.fault], [true, undefined], format);
    }
  });

  it('of one entry is not called false because the head to compare is older than its key', async () => {
    let now = Date.UTC(2026, 10, 15);
    const { write, out, log, store } = scene({ now: () => new Date(now) });
    const head = `${out}.head`;
    assert((await saveHead({ store, log }, head)).ok);
    now += 86_400_000;
    log.append({ action: 'bundle-sending', subject: enb('S9'), facts: bundle });
    assert((await write('proof', { filter: { site: 'S9' } })).ok);
    const verified = await verifyLogFile(out, { heads: [head], isTraining: false });
    assert.equal(!verified.ok && verified.fault.code, 'log-key-missing');
  });

  it('has no name that is erased, and counts it', async () => {
    const { write, out, log, person } = scene();
    log.people.erase(person('Ann'));
    const exported = await write('csv');
    assert(exported.ok && exported.value.erasedNames > 0);
    for (const file of exported.value.files) assert.doesNotMatch(readFileSync(file, 'utf8'), /Ann/);
    assert.match(
      readFileSync(`${out}.proof`, 'utf8'),
      /\{"person":\{"id":"[0-9a-f]{16}","name":"Bob","salt":/,
    );
  });

  it('leaves the files of an earlier export as they were if it is stopped', async () => {
    const { write, out, log } = scene();
    writeFileSync(out, 'earlier');
    writeFileSync(`${out}.proof`, 'earlier proof');
    for (const format of ['csv', 'pdf', 'proof'] as const) {
      const before = log.count({});
      const stop = new AbortController();
      let passes = 0;
      const pause = () => {
        if (++passes === 15) stop.abort();
        return Promise.resolve(stop.signal.aborted ? ({ code: 'cancelled' } as const) : undefined);
      };
      const exported = await write(format, { filter: { site: 'S1' }, pause });
      assert(!exported.ok);
      assert.equal(exported.fault.code, 'cancelled');
      assert.equal(log.count({}), before);
    }
    assert.deepEqual(namesIn(out), ['log', 'log.proof']);
    assert.deepEqual([lines(out), readFileSync(`${out}.proof`, 'utf8')], [[], 'earlier proof']);
  });

  it('leaves nothing behind on a full disk, and says so', async (context) => {
    const { write, out, log } = scene();
    const before = log.count({});
    for (const format of ['csv', 'proof'] as const) {
      context.mock.method(fs, 'write', (_file: number, _bytes: Buffer, done: (error: Error) => void) =>
        done(Object.assign(new Error('no room'), { code: 'ENOSPC' })),
      );
      syncBuiltinESMExports();
      const exported = await write(format, { filter: { site: 'S1' } });
      context.mock.restoreAll();
      syncBuiltinESMExports();
      assert(!exported.ok);
      assert.deepEqual(exported.fault, { code: 'output-unwritable', where: { file: out }, found: 'ENOSPC' });
      assert.deepEqual(namesIn(out), []);
    }
    assert.equal(log.count({}), before);
  });

  it('never shows a list with the proof of an earlier one', async (context) => {
    const { write, out } = scene();
    assert((await write('jsonl')).ok);
    const { renameSync: rename } = fs;
    const seen: (readonly [list: boolean, proof: boolean])[] = [];
    context.mock.method(fs, 'renameSync', (from: string, to: string) => {
      seen.push([existsSync(out), existsSync(`${out}.proof`)]);
      rename(from, to);
    });
    syncBuiltinESMExports();
    const exported = await write('jsonl', { filter: { site: 'S1' } });
    context.mock.restoreAll();
    syncBuiltinESMExports();
    assert(exported.ok);
    assert.deepEqual(seen, [
      [false, true],
      [false, true],
    ]);
    assert.equal(verify(out).problem, undefined);
  });

  it('is refused as a PDF if it has more than 10,000 entries', async () => {
    const { write, store, log, out } = scene();
    store.transaction(() => {
      for (let left = 10_000; left > 0; left--)
        log.append({ action: 'bundle-sending', subject: enb('S3'), facts: bundle });
    });
    const refused = await write('pdf');
    assert(!refused.ok);
    assert.deepEqual([refused.fault.code, refused.fault.expected], ['log-export-too-large', '10000']);
    assert.deepEqual(namesIn(out), []);
    const narrow = await write('pdf', { filter: { site: 'S1' } });
    assert(narrow.ok);
    assert.deepEqual(namesIn(out), ['log']);
    assert.match(readFileSync(out, 'latin1'), /^%PDF-/);
  });
});

describe('the proof of a site', () => {
  it('is of its newest proven delivery, as C2SP tlog-proof', async () => {
    const { write, out, store, log } = scene();
    assert((await write('proof', { filter: { site: 'S1' } })).ok);
    const proof = parseTlogProof(readFileSync(out, 'utf8'));
    assert(proof);
    const entry = Buffer.from(proof.extra ?? []).toString();
    const deliveries = logTexts(store).filter((text) => /"state":"receipt"/.test(text));
    assert.equal(entry, deliveries.at(-1));
    const { index, inclusion, head } = proof;
    const leaf = treeHashes.leaf(entry);
    assert.equal(rootByInclusion(treeHashes, { index, size: head.size, leaf, proof: inclusion }), head.root);
    assert.deepEqual(allEntries(log).at(-1)?.facts, {
      entries: 1,
      filtered: true,
      format: 'proof',
      size: head.size,
    });
    assert.deepEqual(namesIn(out), ['log']);
  });

  it('is of the newest entry where no delivery is proven', async () => {
    const { write, out } = scene();
    assert((await write('proof', { filter: { site: 'S2' } })).ok);
    const extra = parseTlogProof(readFileSync(out, 'utf8'))?.extra ?? [];
    assert.match(Buffer.from(extra).toString(), /"state":"sending"/);
  });

  it('is under the newest checkpoint that a witness cosigned, if that covers the entry', async () => {
    const { write, out, store, log } = scene();
    const given = log.giveHead();
    const { size } = log.newestHead() ?? {};
    assert(size);
    const cosigned = `${given}\u2014 witness.example ${Buffer.alloc(76).toString('base64')}\n`;
    store.log.replaceCheckpoint({ size, checkpoint: cosigned, kind: 'given' });
    log.append({ action: 'bundle-sending', subject: enb('S2'), facts: bundle });
    for (const [site, expected] of [
      ['S1', cosigned],
      ['S2', undefined],
    ] as const) {
      assert((await write('proof', { filter: { site } })).ok);
      const proof = parseTlogProof(readFileSync(out, 'utf8'));
      assert(proof);
      assert.equal(proof.checkpoint === cosigned, expected !== undefined);
      const { index, inclusion, head } = proof;
      const leaf = treeHashes.leaf(Buffer.from(proof.extra ?? []));
      assert.equal(
        rootByInclusion(treeHashes, { index, size: head.size, leaf, proof: inclusion }),
        head.root,
      );
    }
    assert((await write('jsonl')).ok);
    assert(readFileSync(`${out}.proof`, 'utf8').includes(JSON.stringify({ checkpoint: cosigned })));
    assert.equal(verify(out).problem, undefined);
  });

  it('needs a site, which has an entry', async () => {
    const { write, out } = scene();
    const [none, unknown] = [await write('proof'), await write('proof', { filter: { site: 'S9' } })];
    assert(!none.ok && !unknown.ok);
    assert.deepEqual([none.fault.code, none.fault.rule], ['usage-invalid', 'proof-of-site']);
    assert.equal(unknown.fault.code, 'log-export-empty');
    assert.deepEqual(namesIn(out), []);
  });
});
