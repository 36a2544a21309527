import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { noteCrypto, treeHashes } from '../../../main/audit/index.ts';
import {
  checkpointBody,
  CompactRange,
  formatNote,
  LogCheck,
  signatureLine,
  type LogProblem,
} from '../../../main/tlog/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { flipped } from '../../kit/flips.ts';
import { logTexts } from '../../kit/log.ts';
import { change, copyOf, makeLog, note, openLogAt, verify, type LogStore } from '../../kit/log-attack.ts';

/** What a verification names: the code, and the first and last entry that are concerned. */
async function named(opened: LogStore, heads: readonly string[] = [], isTraining = false) {
  const { intact, fault } = await verify(opened, heads, isTraining);
  assert.equal(intact, fault === undefined);
  return [fault?.code, fault?.where?.entry, fault?.where?.lastEntry];
}

/** The log of `makeLog`, with its rows changed. Nothing of it is lost when it is opened again. */
async function attacked(work: (database: Database.Database) => void) {
  const { folder } = made;
  const copy = copyOf(folder);
  change(copy, work);
  return named(openLogAt(copy));
}

/** A file with a head. */
function headFile(text: string): string {
  const file = join(temporaryFolder(), 'head.txt');
  writeFileSync(file, text);
  return file;
}

const setEntry = (database: Database.Database, sequence: number, entry: string) =>
  database.prepare('UPDATE log SET entry = ? WHERE sequence = ?').run(entry, sequence);

let made: LogStore & { readonly given: string };
let texts: readonly string[];
before(() => {
  made = makeLog();
  texts = logTexts(made.store);
});

describe('someone who can write to the store', () => {
  it('leaves no trace where nothing is changed', async () => {
    assert.deepEqual(await attacked(() => undefined), [undefined, undefined, undefined]);
  });

  it('cannot edit an entry', async () => {
    const edit = (database: Database.Database) =>
      setEntry(database, 6, (texts[6] ?? '').replace('"S6"', '"S7"'));
    assert.deepEqual(await attacked(edit), ['log-altered', 5, 7]);
  });

  it('cannot delete an entry, even if all later ones move up', async () => {
    const gap = (database: Database.Database) => database.exec('DELETE FROM log WHERE sequence = 6');
    assert.deepEqual(await attacked(gap), ['log-altered', 6, undefined]);
    const noGap = (database: Database.Database) =>
      database.exec(
        'DELETE FROM log WHERE sequence = 6; UPDATE log SET sequence = sequence - 1 WHERE sequence > 6',
      );
    assert.deepEqual(await attacked(noGap), ['log-altered', 6, undefined]);
  });

  it('cannot insert an entry, before, between or after the others', async () => {
    const insert = (sequence: number) => (database: Database.Database) => {
      for (let at = 9; at >= sequence && sequence >= 0; at--)
        database.prepare('UPDATE log SET sequence = ? WHERE sequence = ?').run(at + 1, at);
      const entry = (texts[6] ?? '').replace('"sequence":6', `"sequence":${sequence}`);
      database.prepare('INSERT INTO log VALUES (?, ?)').run(sequence, entry);
    };
    assert.deepEqual(await attacked(insert(6)), ['log-altered', 7, undefined]);
    assert.deepEqual(await attacked(insert(10)), ['log-unsealed', 10, undefined]);
    assert.deepEqual(await attacked(insert(-1)), ['log-altered', -1, undefined]);
  });

  it('cannot swap two entries, even if their numbers are swapped too', async () => {
    const [five = '', six = ''] = texts.slice(5);
    const swap = (database: Database.Database) => {
      setEntry(database, 5, six);
      setEntry(database, 6, five);
    };
    assert.deepEqual(await attacked(swap), ['log-altered', 5, undefined]);
    const renumber = (database: Database.Database) => {
      setEntry(database, 5, six.replace('"sequence":6', '"sequence":5'));
      setEntry(database, 6, five.replace('"sequence":5', '"sequence":6'));
    };
    assert.deepEqual(await attacked(renumber), ['log-altered', 5, 7]);
  });

  it('cannot cut the tail', async () => {
    const cut = (database: Database.Database) => database.exec('DELETE FROM log WHERE sequence >= 9');
    assert.deepEqual(await attacked(cut), ['log-cut', 9, undefined]);
    const cutDay = (database: Database.Database) => database.exec('DELETE FROM log WHERE sequence >= 6');
    assert.deepEqual(await attacked(cutDay), ['log-cut', 6, undefined]);
    const cutAll = (database: Database.Database) => database.exec('DELETE FROM log');
    assert.deepEqual(await attacked(cutAll), ['log-cut', 0, undefined]);
  });

  it('cannot remove the seal of an old key', async () => {
    const remove = (database: Database.Database) =>
      database.exec('DELETE FROM log_checkpoint WHERE size = 5');
    assert.deepEqual(await attacked(remove), ['log-resealed', 4, undefined]);
  });

  it('cannot change a name', async () => {
    const rename = (database: Database.Database) => database.exec("UPDATE person SET name = 'someone else'");
    assert.deepEqual(await attacked(rename), ['log-name-altered', undefined, undefined]);
  });
});

describe('someone who has the key of the log', () => {
  it('cannot seal what older keys sealed', async () => {
    for (const left of ['size > 0', 'size <> 3']) {
      const { folder } = made;
      const copy = copyOf(folder);
      const edited = texts.map((text) => text.replace('"S2"', '"S1"'));
      const sealWith = signerIn(copy);
      const seal = (size: number) => sealWith(size, rootOf(edited.slice(0, size)).root());
      change(copy, (database) => {
        edited.forEach((text, at) => setEntry(database, at, text));
        database.exec(`DELETE FROM log_checkpoint WHERE NOT ${left}`);
        for (const size of [3, 5, 8])
          database.prepare('UPDATE log_checkpoint SET checkpoint = ? WHERE size = ?').run(seal(size), size);
        const subtrees = rootOf(edited).subtrees.join(' ');
        database.prepare('UPDATE log_head SET checkpoint = ?, subtrees = ?').run(seal(10), subtrees);
      });
      const last = left === 'size > 0' ? 2 : 4;
      assert.deepEqual(await named(openLogAt(copy)), ['log-resealed', 0, last]);
    }
  });

  it('cannot go back behind a head that has left the laptop: an old backup, or a cut tail', async () => {
    const { backup, opened } = restored();
    note(opened.log, 'S10');
    assert.deepEqual(await named(backup, [headFile(opened.log.giveHead())]), [
      'log-rolled-back',
      10,
      undefined,
    ]);
    assert.deepEqual(await named(backup), [undefined, undefined, undefined]);
  });

  it('cannot cut the tail and append to it, nor continue a copy, without two histories', async () => {
    const { backup, opened } = restored();
    note(opened.log, 'S10');
    const head = headFile(opened.log.giveHead());
    note(backup.log, 'another');
    assert.deepEqual(await named(backup, [head]), ['log-forked', 0, 10]);
    const held = headFile(opened.given);
    note(backup.log, 'and one more');
    assert.deepEqual(await named(backup, [held, head]), ['log-forked', 3, 10]);
    assert.deepEqual(await named(opened, [held, head]), [undefined, undefined, undefined]);
  });
});

describe('a head from elsewhere', () => {
  it('is refused if it is of another log, or of training', async () => {
    const other = makeLog();
    assert.deepEqual(await named(made, [headFile(other.given)]), ['log-foreign', undefined, undefined]);
    const training = makeLog({ training: true });
    assert.deepEqual(await named(made, [headFile(training.given)]), ['log-foreign', undefined, undefined]);
    assert.deepEqual(await named(training, [], true), [undefined, undefined, undefined]);
    assert.deepEqual(await named(training, [], false), ['log-training-mismatch', 0, undefined]);
  });

  it('says nothing about this log if it is of another one', async () => {
    const other = headFile(makeLog().given);
    assert.equal((await verify(made, [other])).isOfOther, true);
    assert.equal((await verify(makeLog({ training: true }), [], false)).isOfOther, undefined);
    const ahead = restored();
    note(ahead.opened.log, 'S10');
    const found = await verify(ahead.backup, [headFile(ahead.opened.log.giveHead())]);
    assert.deepEqual([found.intact, found.isOfOther], [false, undefined]);
  });

  it('must be signed by the key that counted at its size', async () => {
    const seal = signerIn(made.folder);
    const root = rootOf(texts.slice(0, 6)).root();
    assert.deepEqual((await named(made, [headFile(seal(6, root))]))[0], 'log-signature-invalid');
    const damaged = made.given.replace(/.{3}=\n$/, 'AAA=\n');
    assert.deepEqual((await named(made, [headFile(damaged)]))[0], 'log-signature-invalid');
  });

  it('is compared, and what follows it is proven by the key alone', async () => {
    const { proven, unproven } = await verify(made, [headFile(made.given)]);
    assert.deepEqual(proven.at(-2), { code: 'head-held', facts: { source: 'head.txt', size: 3 } });
    assert.deepEqual(unproven[0], { code: 'after-newest-head', facts: { from: 3, count: 7 } });
  });
});

describe('every bit', () => {
  /** The keys and seals of this test are checked thousands of times over. */
  const known = new Map<string, boolean>();
  const crypto = {
    ...noteCrypto,
    verifyEd25519: (...parts: Parameters<typeof noteCrypto.verifyEd25519>) => {
      const name = parts.map((part) => Buffer.from(part).toString('latin1')).join('|');
      const verdict = known.get(name) ?? noteCrypto.verifyEd25519(...parts);
      known.set(name, verdict);
      return verdict;
    },
  };

  /** The problem of a log of these entries, with these checkpoints by their sizes. */
  function problemOf(
    entries: readonly string[],
    checkpoints: Readonly<Record<number, string>>,
  ): LogProblem | undefined {
    const check = new LogCheck({ hashes: treeHashes, crypto }, { training: false });
    for (const entry of entries) {
      const checkpoint = check.entry(entry) ? undefined : checkpoints[check.size];
      if (checkpoint !== undefined) check.checkpoint(checkpoint);
    }
    return check.end().problem;
  }

  it('of every entry and kept checkpoint counts', () => {
    const entries = texts.slice(0, 5);
    const sealed = Object.fromEntries(
      made.store.log.checkpoints().map(({ size, checkpoint }) => [size, checkpoint]),
    );
    assert.equal(problemOf(entries, sealed), undefined);
    for (const [at, entry] of entries.entries())
      for (const text of allFlips(entry)) {
        const problem = problemOf(entries.with(at, text), sealed);
        assert(problem && namedByEntries.has(problem.code), `${text}: ${problem?.code}`);
        assert(at >= (problem.entry ?? at) && at < (problem.before ?? at + 1), `${text}: ${problem.entry}`);
      }
    for (const size of [3, 5])
      for (const text of allFlips(sealed[size] ?? '')) {
        const problem = problemOf(entries, { ...sealed, [size]: text });
        assert(problem && namedBySeals.has(problem.code), `${text}: ${problem?.code}`);
      }
  });

  it('of the tables counts: of the state one of each byte, of the rest some', async () => {
    const copy = copyOf(made.folder);
    const opened = openLogAt(copy);
    const tables = { log: 'sequence', log_head: 'one', log_checkpoint: 'size' };
    // The test above flips every bit of entries and checkpoints.
    const strides: Readonly<Record<string, number>> = { log: 24, log_checkpoint: 12 };
    const cells: [table: string, column: string, key: string, at: number, value: string | number][] = [];
    change(copy, (database) => {
      for (const [table, key] of Object.entries(tables))
        for (const row of database
          .prepare<[], Record<string, string | number>>(`SELECT * FROM ${table}`)
          .all())
          for (const [column, value] of Object.entries(row))
            if (column !== 'one') cells.push([table, column, key, Number(row[key]), value]);
    });
    const database = new Database(join(copy, 'siteseal.db'));
    database.pragma('synchronous = OFF');
    for (const [table, column, key, at, value] of cells) {
      const set = database.prepare(
        `UPDATE ${table} SET ${column} = CAST(? AS ${typeof value === 'string' ? 'TEXT' : 'INTEGER'}) WHERE ${key} = ?`,
      );
      for (const changed of someFlips(value, strides[table] ?? 1)) {
        if (column === key && cells.some((one) => one[0] === table && one[3] === changed)) continue;
        set.run(changed, at);
        const { intact } = await verify(opened);
        assert(!intact, `${table}.${column} of ${at}: ${Buffer.from(String(changed)).toString()}`);
        set.run(value, column === key ? Number(changed) : at);
      }
    }
    database.close();
    assert.deepEqual(await named(opened), [undefined, undefined, undefined]);
  });
});

const namedByEntries: ReadonlySet<string> = new Set([
  'log-altered',
  'log-malformed',
  'log-foreign',
  'log-training-mismatch',
  'log-signature-invalid',
]);
const namedBySeals: ReadonlySet<string> = new Set([
  'log-malformed',
  'log-foreign',
  'log-signature-invalid',
  // The id of the key and the signature, where one flip damages both.
  'log-resealed',
]);

/** The text with each of its bits flipped in turn, as a store or a file would give it. */
function* allFlips(text: string): Iterable<string> {
  const bytes = Buffer.from(text);
  for (let bit = 0; bit < 8 * bytes.length; bit++) yield Buffer.from(flipped(bytes, bit)).toString();
}

/** One bit of each `stride` bytes of a text, another one each time; every low bit of a number. */
function* someFlips(value: string | number, stride: number): Iterable<Uint8Array | number> {
  if (typeof value === 'number') for (let bit = 0; bit < 5; bit++) yield value ^ (1 << bit);
  else {
    const bytes = Buffer.from(value);
    for (let byte = 0; byte < bytes.length; byte += stride)
      yield flipped(bytes, 8 * byte + ((byte / stride) % 8));
  }
}

function rootOf(entries: readonly string[]): CompactRange {
  const range = new CompactRange(treeHashes);
  for (const entry of entries) range.append(treeHashes.leaf(entry));
  return range;
}

/** Signs checkpoints with the key that lies in the folder of a log. */
function signerIn(folder: string): (size: number, root: string) => string {
  const key = createPrivateKey(readFileSync(join(folder, 'log.key')));
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const origin = made.store.log.head()?.origin ?? '';
  const verifier = { name: origin, type: 1, publicKey: new Uint8Array(spki.subarray(-32)) };
  return (size, root) => {
    const body = checkpointBody({ origin, size, root });
    return formatNote(body, [signatureLine(verifier, sign(null, Buffer.from(body), key), noteCrypto)]);
  };
}

/** A log, and a backup of it that someone restores on the last day. */
function restored(): { readonly opened: ReturnType<typeof makeLog>; readonly backup: LogStore } {
  const opened = makeLog();
  const backup = openLogAt(copyOf(opened.folder));
  backup.setClock('2026-11-17T13:00:00Z');
  return { opened, backup };
}
