import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import fs, { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it, mock } from 'node:test';
import { syncBuiltinESMExports } from 'node:module';
import { noteCrypto, treeHashes } from '../../../main/audit/index.ts';
import { exportLog, saveHead, takeCosigned, verifyLogFile } from '../../../main/core/index.ts';
import { DamagedLog, openStore, storeFault } from '../../../main/store/index.ts';
import {
  formatHeadFile,
  checkpointBody,
  CompactRange,
  consistencyPath,
  exportRows,
  formatNote,
  formatVerifierKey,
  inclusionPath,
  LogCheck,
  ProofMaker,
  signatureLine,
  splitAt,
} from '../../../main/tlog/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { allEntries, logTexts } from '../../kit/log.ts';
import { change, copyOf, makeLog, note, openLogAt, verify, type LogStore } from '../../kit/log-attack.ts';

/** The log of `makeLog`, with its rows changed, opened again on its last day. */
function changed(work: (database: Database.Database) => void): LogStore {
  const folder = copyOf(makeLog().folder);
  change(folder, work);
  const opened = openLogAt(folder);
  opened.setClock('2026-11-17T13:00:00Z');
  return opened;
}

function rangeOf(entries: readonly string[]): CompactRange {
  const range = new CompactRange(treeHashes);
  for (const entry of entries) range.append(treeHashes.leaf(entry));
  return range;
}

const entriesIn = (database: Database.Database) =>
  database.prepare<[], string>('SELECT entry FROM log ORDER BY sequence').pluck().all();

/** The state of the log. */
const made = (database: Database.Database) =>
  database.prepare('SELECT checkpoint, origin FROM log_head').get() as { checkpoint: string; origin: string };

/** A key that someone makes under the name of a log. */
function forgedKey(origin: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const verifier = { name: origin, type: 1, publicKey: new Uint8Array(spki.subarray(-32)) };
  const seal = (range: CompactRange) => {
    const body = checkpointBody({ origin, size: range.size, root: range.root() });
    return formatNote(body, [signatureLine(verifier, sign(null, Buffer.from(body), privateKey), noteCrypto)]);
  };
  return { text: formatVerifierKey(verifier, noteCrypto), seal };
}

/** Writes a file into a new folder. */
function file(name: string, text: string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}

const isDamage = (error: unknown) => error instanceof DamagedLog;

describe('someone who can write to the store, but has no key', () => {
  it('cannot have the program seal an edited entry with the next one', async () => {
    const opened = changed((database) => {
      const edited = entriesIn(database).map((text) => text.replace('"S9"', '"S1"'));
      database.prepare('UPDATE log SET entry = ? WHERE sequence = 9').run(edited[9]);
      database.prepare('UPDATE log_head SET subtrees = ?').run(rangeOf(edited).subtrees.join(' '));
    });
    assert.throws(() => note(opened.log, 'S10'), isDamage);
    assert.throws(() => opened.log.giveHead(), isDamage);
    assert.equal((await verify(opened)).fault?.code, 'log-altered');
  });

  it('cannot have the program seal a checkpoint that nobody signed', async () => {
    const opened = changed((database) => {
      const edited = entriesIn(database).map((text) => text.replace('"S9"', '"S1"'));
      const range = rangeOf(edited);
      const { checkpoint, origin } = made(database);
      const body = checkpointBody({ origin, size: range.size, root: range.root() });
      database.prepare('UPDATE log SET entry = ? WHERE sequence = 9').run(edited[9]);
      database
        .prepare('UPDATE log_head SET subtrees = ?, checkpoint = ?')
        .run(range.subtrees.join(' '), body + checkpoint.slice(checkpoint.indexOf('\n\n') + 1));
    });
    assert.throws(() => note(opened.log, 'S10'), isDamage);
    assert.equal((await verify(opened)).fault?.code, 'log-signature-invalid');
  });

  it('cannot change the state while the program runs, nor have it give a head of another size', async () => {
    const opened = makeLog();
    change(opened.folder, (database) => {
      const edited = entriesIn(database).map((text) => text.replace('"S9"', '"S1"'));
      database.prepare('UPDATE log SET entry = ? WHERE sequence = 9').run(edited[9]);
      database.prepare('UPDATE log_head SET subtrees = ?').run(rangeOf(edited).subtrees.join(' '));
    });
    assert.throws(() => note(opened.log, 'S10'), isDamage);
    const other = makeLog();
    change(other.folder, (database) => database.exec('UPDATE log_head SET size = 9'));
    other.log.giveHead();
    note(other.log, 'S10');
    assert.equal((await verify(other)).intact, true);
  });

  it('cannot cut the tail and have the program go on', async () => {
    const opened = changed((database) => database.exec('DELETE FROM log WHERE sequence = 9'));
    assert.throws(() => note(opened.log, 'S10'), isDamage);
    assert.equal((await verify(opened)).fault?.code, 'log-cut');
  });

  it('makes appends fail by name where the state is damaged, and not as a bug', () => {
    for (const damage of [
      "UPDATE log_head SET checkpoint = 'x'",
      "UPDATE log_head SET key = 'x'",
      'DELETE FROM log_head',
      'INSERT INTO log SELECT 10, entry FROM log WHERE sequence = 9',
    ]) {
      const opened = changed((database) => database.exec(damage));
      assert.throws(
        () => note(opened.log, 'S10'),
        (error) => storeFault(error).fault.code === 'store-unusable',
        damage,
      );
      assert.equal(allEntries(opened.log).length >= 10, true);
    }
  });

  it('cannot show entries that are not verified, whatever their numbers', async () => {
    for (const number of ['9007199254740991', '9223372036854775807', '-9223372036854775808']) {
      const opened = changed((database) =>
        database.exec(`INSERT INTO log SELECT ${number}, entry FROM log WHERE sequence = 9`),
      );
      const { fault } = await verify(opened);
      assert.equal(fault?.code, number.startsWith('-') ? 'log-altered' : 'log-unsealed', number);
    }
  });

  it('cannot change why a checkpoint is kept', async () => {
    for (const [from, to] of [
      ['given', 'handover'],
      ['handover', 'given'],
    ]) {
      const opened = changed((database) =>
        database.prepare('UPDATE log_checkpoint SET kind = ? WHERE kind = ?').run(to, from),
      );
      assert.equal((await verify(opened)).fault?.code, 'log-malformed');
    }
  });

  it('cannot take a name apart into salt and name', async () => {
    const opened = changed((database) =>
      database.exec("UPDATE person SET salt = CAST(salt || x'6f' AS BLOB), name = substr(name, 2)"),
    );
    assert.equal((await verify(opened)).fault?.code, 'log-name-altered');
  });

  it('cannot have a huge row read into memory', async () => {
    const opened = changed((database) =>
      database.exec("UPDATE log SET entry = replace(hex(zeroblob(20000000)), '00', 'aa') WHERE sequence = 6"),
    );
    const [row] = opened.store.log.read(6, 7);
    assert.equal((row?.entry.length ?? 0) < 100_000, true);
    assert.equal((await verify(opened)).fault?.code, 'log-malformed');
  });
});

describe('a known head', () => {
  it('shows that sealed entries were declared to be of a version without proofs', () => {
    const made = makeLog();
    const real = logTexts(made.store);
    const origin = made.store.log.head()?.origin ?? '';
    const key = forgedKey(origin);
    const [own = ''] = real;
    const as = (at: number, action: string, facts: string) =>
      own
        .replace('"log-key"', `"${action}"`)
        .replace(/"facts":\{[^}]*\}/, `"facts":{${facts}}`)
        .replace('"sequence":0', `"sequence":${at}`);
    const entries = [
      as(0, 'confirmed', ''),
      ...real.slice(1, 3),
      as(3, 'log-migrated', '"entries":3'),
      as(4, 'log-key', `"epoch":1,"key":"${key.text}","reason":"first"`),
    ];
    const problemWith = (text: string) => {
      const check = new LogCheck(
        { hashes: treeHashes, crypto: noteCrypto },
        { origin, training: false, heads: [{ source: 'office', text }] },
      );
      for (const entry of entries) assert.equal(check.entry(entry), undefined);
      assert.equal(check.checkpoint(key.seal(rangeOf(entries))), undefined);
      return check.end().problem?.code;
    };
    assert.equal(problemWith(made.given), 'log-forked');
    assert.equal(problemWith(key.seal(rangeOf(entries.slice(0, 3)))), 'log-signature-invalid');
  });

  it('shows that someone else made the log, also where it lies among entries that are not given', async () => {
    const made = makeLog();
    const [first = '', ...rest] = logTexts(made.store);
    const origin = made.store.log.head()?.origin ?? '';
    const key = forgedKey(origin);
    const entries = [
      first.replace(/"key":"[^"]*"/, `"key":"${key.text}"`),
      ...rest.slice(0, 3).map((text) => text.replace('"S', '"T')),
    ];
    const range = rangeOf(entries);
    const hidden = entries.slice(1).map((entry) => treeHashes.leaf(entry));
    const levels = splitAt(1, 4);
    assert.deepEqual(levels, [0, 1]);
    const [one = '', two = '', three = ''] = hidden;
    const out = file('log', `${entries[0]}\n`);
    const lines = [
      { format: 'siteseal-log-proof/1', origin, training: false, listed: 1, filter: { site: 'S2' } },
      { listed: 1 },
      { skipped: 3, hashes: [one, treeHashes.node(two, three)] },
      { checkpoint: key.seal(range) },
    ];
    writeFileSync(`${out}.proof`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const verdict = async (heads: readonly string[]) => {
      const found = await verifyLogFile(out, { heads, isTraining: false });
      assert(found.ok);
      return found.value.fault?.code;
    };
    assert.equal(await verdict([]), undefined);
    assert.equal(await verdict([file('head', made.given)]), 'log-signature-invalid');
  });
});

describe('the proof of an export', () => {
  async function exported() {
    const made = makeLog();
    made.log.people.declare('Mallory Anna');
    note(made.log, 'S11');
    const out = join(temporaryFolder(), 'log');
    const result = await exportLog(made, { format: 'jsonl', filter: {}, out, now: new Date() });
    assert(result.ok);
    const lines = readFileSync(`${out}.proof`, 'utf8').trimEnd().split('\n');
    const verdict = async (changedLines: readonly string[]) => {
      writeFileSync(`${out}.proof`, `${changedLines.join('\n')}\n`);
      const found = await verifyLogFile(out, { heads: [], isTraining: false });
      assert(found.ok);
      return found.value.fault?.code;
    };
    return { lines, verdict };
  }

  it('has no name that nothing proves, before the entries or before the last checkpoint', async () => {
    const { lines, verdict } = await exported();
    assert.equal(await verdict(lines), undefined);
    const person = lines.findIndex((line) => line.startsWith('{"person"'));
    const forged = lines[person]?.replace(/"name":"[^"]*"/, '"name":"Eve"') ?? '';
    assert.equal(await verdict(lines.toSpliced(1, 0, forged)), 'log-malformed');
    const early = lines.toSpliced(person, 1).toSpliced(-2, 0, lines[person] ?? '');
    assert.equal(await verdict(early), 'log-malformed');
  });

  it('cannot take a name apart into salt and name', async () => {
    const { lines, verdict } = await exported();
    const parted = lines.map((line) =>
      line.replace(
        /"name":"Mallory Anna","salt":"([0-9a-f]+)"/,
        (_, salt: string) => `"name":"Anna","salt":"${salt}${Buffer.from('Mallory ').toString('hex')}"`,
      ),
    );
    assert.notDeepEqual(parted, lines);
    assert.equal(await verdict(parted), 'log-malformed');
  });
});

describe('a head file', () => {
  it('proves no key that only it names, though it continues a known head', async () => {
    const made = makeLog();
    const known = file('known', made.log.giveHead());
    const texts = logTexts(made.store);
    const origin = made.store.log.head()?.origin ?? '';
    const key = forgedKey(origin);
    const entry = (texts[7] ?? '')
      .replace(/"key":"[^"]*"/, `"key":"${key.text}"`)
      .replace('"epoch":3', '"epoch":4')
      .replace('"sequence":7', '"sequence":10');
    const leaves = [...texts, entry].map((text) => treeHashes.leaf(text));
    const proofs = new ProofMaker(treeHashes, [consistencyPath(10, 11), inclusionPath(10, 11)]);
    for (const leaf of leaves) proofs.append(leaf);
    const [proof = [], inclusion = []] = proofs.proofs();
    const forged = formatHeadFile({
      training: false,
      checkpoint: key.seal(rangeOf([...texts, entry])),
      consistency: { from: 10, proof },
      keys: [{ index: 10, entry, inclusion }],
    });
    const unprovenIn = async (path: string) => {
      const found = await verifyLogFile(path, { heads: [known], isTraining: false });
      assert(found.ok && found.value.intact, JSON.stringify(found));
      return found.value.unproven.map(({ code }) => code);
    };
    assert.deepEqual(await unprovenIn(file('forged', Buffer.from(forged).toString())), ['keys-unproven']);
    const own = join(temporaryFolder(), 'own');
    note(made.log, 'S10');
    assert.equal((await saveHead(made, own, { since: 10 })).ok, true);
    assert.deepEqual(await unprovenIn(own), []);
  });
});

describe('a file that has no end', () => {
  it('is not read into memory as the header of a CSV', async () => {
    let read = 0;
    function* endless() {
      yield Buffer.from('entry\n');
      for (; read < 1_000; read++) yield Buffer.alloc(65_536, 'a\n');
    }
    await assert.rejects(exportRows(Readable.from(endless()), 'csv').next(), { reason: 'too-long' });
    assert.equal(read < 100, true);
  });
});

describe('a log', () => {
  it('refuses a note with more cosignatures than it could read again', async () => {
    const made = makeLog();
    const cosigned = (from: number) =>
      file(
        'note',
        made.given +
          Array.from({ length: 40 }, (_, at) => {
            const name = `witness.example/${from + at}`;
            const bytes = Buffer.concat([
              createHash('sha256').update(name).digest().subarray(0, 4),
              randomBytes(72),
            ]);
            return `\u2014 ${name} ${bytes.toString('base64')}\n`;
          }).join(''),
      );
    assert.equal((await takeCosigned(made, cosigned(0))).ok, true);
    const second = await takeCosigned(made, cosigned(100));
    assert.equal(!second.ok && second.fault.code, 'log-malformed');
    assert.equal((await verify(made)).intact, true);
  });

  it('keeps what was committed although the old key cannot be erased yet', async () => {
    const made = makeLog();
    made.setClock('2026-11-18T12:00:00Z');
    const rename = fs.renameSync;
    const method = mock.method(fs, 'renameSync', (from: string, to: string) => {
      if (from.endsWith('log.key.next')) throw Object.assign(new Error('busy'), { code: 'EBUSY' });
      rename(from, to);
    });
    syncBuiltinESMExports();
    try {
      note(made.log, 'S12');
    } finally {
      method.mock.restore();
      syncBuiltinESMExports();
    }
    note(made.log, 'S13');
    assert.equal((await verify(made)).intact, true);
    assert.equal(fs.existsSync(join(made.folder, 'log.key.next')), false);
  });

  it('that is damaged is listed, filtered and refused by name, and not as a bug', async () => {
    for (const [damage, code] of [
      ['UPDATE log SET entry = substr(entry, 2) WHERE sequence = 6', 'log-malformed'],
      ["UPDATE log SET entry = replace(entry, 'actor', 'actoR') WHERE sequence = 7", 'log-malformed'],
      ["UPDATE log_checkpoint SET checkpoint = 'x' WHERE size = 5", 'log-malformed'],
      ['DELETE FROM log WHERE sequence = 4', 'log-altered'],
    ] as const) {
      const opened = changed((database) => database.exec(damage));
      const filter = { from: '2026-11-16T12:00:00Z', to: '2026-11-16T12:00:01Z' };
      assert.equal(opened.log.list({}, { descending: true, offset: 0, limit: 100 }).rows.length >= 9, true);
      assert.equal(opened.log.count(filter) >= 2, true, damage);
      const out = join(temporaryFolder(), 'log');
      const head = await saveHead(opened, out);
      const expected = damage.includes('log_checkpoint') ? code : 'log-altered';
      assert.equal(!head.ok && head.fault.code, expected, damage);
      const exported = await exportLog(opened, { format: 'csv', filter: {}, out, now: new Date() });
      // What can be read is exported as it is, for whoever verifies it.
      if (damage.includes('entry =')) assert.equal(!exported.ok && exported.fault.code, code, damage);
    }
  });

  it('of a version without proofs stays as it is if it is damaged, and says so', () => {
    for (const text of ['{"action":', '{"action":"started"}', 'null']) {
      const folder = temporaryFolder();
      const store = openStore(folder);
      assert(store.ok);
      store.value.close();
      change(folder, (database) => database.prepare('INSERT INTO log_without_proof VALUES (0, ?)').run(text));
      assert.throws(() => openLogAt(folder), isDamage, text);
      change(folder, (database) =>
        assert.equal(database.prepare('SELECT entry FROM log_without_proof').pluck().get(), text),
      );
    }
  });

  it('names its own file, and not the export, when its key cannot be read', async () => {
    const made = makeLog();
    const reopened = openLogAt(copyOf(made.folder));
    const key = join(reopened.folder, 'log.key');
    rmSync(key);
    mkdirSync(key);
    const out = join(temporaryFolder(), 'log');
    const result = await exportLog(reopened, { format: 'jsonl', filter: {}, out, now: new Date() });
    assert.equal(!result.ok && result.fault.code, 'store-unusable');
    assert.equal(!result.ok && result.fault.where?.file, key);
  });
});
