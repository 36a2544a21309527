import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  nameDigest,
  noteCrypto,
  treeHashes,
  type AuditLog,
  type LogEvent,
  type LogSurroundings,
} from '../../../main/audit/index.ts';
import { canonicalise, parseJson } from '../../../main/json/index.ts';
import { openStore, storeFault, type Store } from '../../../main/store/index.ts';
import {
  CompactRange,
  parseCheckpoint,
  parseVerifierKey,
  verifySignature,
} from '../../../main/tlog/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { allEntries, logEntries, logTexts, openLogIn } from '../../kit/log.ts';

function openAt(
  folder: string,
  surroundings: Partial<LogSurroundings> = {},
): { readonly store: Store; readonly log: AuditLog } {
  const store = openStore(folder);
  assert(store.ok);
  return { store: store.value, log: openLogIn(folder, store.value, surroundings) };
}

const event: LogEvent<'prepare-run'> = {
  action: 'prepare-run',
  subject: { operator: 'X1' },
  facts: { rows: 3, made: 2, refused: 1, results: 'ab' },
};

const actions = (log: AuditLog) => allEntries(log).map(({ action }) => action);
const clockAt = (time: string) => ({ now: () => new Date(time) });

/** The root of the tree over these entries. */
function rootOf(entries: readonly string[]): string {
  const range = new CompactRange(treeHashes);
  for (const entry of entries) range.append(treeHashes.leaf(entry));
  return range.root();
}

/** Asserts that a checkpoint covers these entries, signed by this key. */
function assertSealed(checkpoint: string | undefined, entries: readonly string[], key: string): void {
  const read = parseCheckpoint(checkpoint ?? '');
  assert(read);
  assert.deepEqual([read.size, read.root], [entries.length, rootOf(entries)]);
  const verifier = parseVerifierKey(key, noteCrypto);
  assert(verifier);
  assert.equal(verifier.name, read.origin);
  assert(verifySignature(read.note, verifier, noteCrypto));
}

/** The keys that the log names, in order. */
function keysOf(log: AuditLog): readonly string[] {
  return allEntries(log).flatMap(({ action, facts }) => (action === 'log-key' ? [String(facts['key'])] : []));
}

describe('the audit log', () => {
  it('has entries with sequence, times, boot, actor, and what was done to what', () => {
    const { log } = openAt(temporaryFolder(), clockAt('2026-11-15T12:00:07.999Z'));
    log.append(event);
    const { id, nameSha256 } = log.people.current();
    assert.match(id, /^[0-9a-f]{16}$/);
    assert.deepEqual(logEntries(log), [
      {
        format: 'siteseal-log-entry/1',
        sequence: 2,
        time: '2026-11-15T12:00:07Z',
        monotonicMs: 1235,
        bootId: 'boot',
        actor: { id, nameSha256, proof: 'declared' },
        training: false,
        ...event,
      },
    ]);
  });

  it('begins with its key, and says that a process starts and stops', () => {
    const { log } = openAt(temporaryFolder());
    log.append(event);
    log.append(event);
    log.close();
    assert.deepEqual(actions(log), ['log-key', 'started', 'prepare-run', 'prepare-run', 'stopped']);
  });

  it('is not written to by a process that only reads it', () => {
    const folder = temporaryFolder();
    const first = openAt(folder);
    first.log.append(event);
    const before = logTexts(first.store);
    const reader = openAt(folder);
    reader.log.list({}, { descending: true, offset: 0, limit: 10 });
    reader.log.close();
    assert.deepEqual(logTexts(first.store), before);
  });

  it('holds every entry in canonical JSON', () => {
    const { store, log } = openAt(temporaryFolder());
    log.append(event);
    const odd = {
      action: 'prepare-run',
      subject: { '\ud83d\ude00': 'b', '\ufb33': 'a', '': '', operator: 'räksmörgås "x" \ud800' },
      facts: { z: -0, a: 1e-7, '\u2028': '\u2028', list: ['b', 'a'] },
    };
    log.append(odd as unknown as LogEvent);
    for (const entry of logTexts(store)) {
      const parsed = parseJson(Buffer.from(entry));
      assert(parsed.ok, entry);
      assert.equal(entry, canonicalise(parsed.value));
    }
    // RFC 8785 sorts by UTF-16 code units, not by code points.
    assert.match(
      logTexts(store).at(-1) ?? '',
      /"subject":\{"":"","operator":.*,"\ud83d\ude00":"b","\ufb33":"a"\}/,
    );
  });

  it('takes no entry that is larger than the format allows', () => {
    const { log } = openAt(temporaryFolder());
    const subject = { site: 'S1', serialNumber: 'X1', hwType: '1.2' };
    const faults = Array<string>(300).fill('x'.repeat(300));
    const facts = { place: 'laptop', checks: 300, failed: 300, faults } as const;
    assert.throws(() => log.append({ action: 'path-checked', subject, facts }), /too large/);
    assert.deepEqual(logEntries(log), []);
  });

  it('bounds every text, and holds no lone surrogate', () => {
    const { log } = openAt(temporaryFolder());
    log.append({ ...event, subject: { operator: `\ud800${'\ud83d\ude00'.repeat(40_000)}` } });
    const { operator = '' } = logEntries(log)[0]?.subject ?? {};
    assert(operator.isWellFormed());
    assert.match(operator, /^\ufffd\ud83d\ude00.{200,299}\u2026$/s);
    assert.equal(operator.length, 300);
  });

  it('is part of what it tells of: one transaction, undone together', () => {
    const { store, log } = openAt(temporaryFolder());
    assert.throws(() =>
      store.transaction(() => {
        log.append(event);
        throw new Error('undone');
      }),
    );
    assert.equal(log.newestHead(), undefined);
    log.append(event);
    assert.deepEqual(actions(log), ['log-key', 'started', 'prepare-run']);
    assertSealed(log.newestHead()?.checkpoint, logTexts(store), keysOf(log)[0] ?? '');
  });

  it('keeps its sequence without gaps, and its seal, when several processes append at once', async () => {
    const folder = temporaryFolder();
    const { store, log } = openAt(folder);
    const count = 40;
    const writers = [1, 2, 3].map((writer) =>
      fork(join(import.meta.dirname, 'writer.ts'), [folder, `writer-${writer}`, String(count)], {
        env: { PATH: process.env['PATH'] },
      }),
    );
    await Promise.all(writers.map((writer) => once(writer, 'message')));
    for (const writer of writers) writer.send('go');
    const ends = await Promise.all(writers.map((writer) => once(writer, 'exit')));
    assert.deepEqual(ends.flat(), [0, null, 0, null, 0, null]);
    const entries = allEntries(log);
    assert.deepEqual(
      entries.map(({ sequence }) => sequence),
      Array.from({ length: 3 * count + 7 }, (_, index) => index),
    );
    for (const writer of ['writer-1', 'writer-2', 'writer-3']) {
      const own = logEntries(log)
        .filter(({ subject }) => subject['operator'] === writer)
        .map(({ facts }) => facts['rows']);
      assert.deepEqual(
        own,
        Array.from({ length: count }, (_, index) => index),
      );
    }
    assertSealed(log.newestHead()?.checkpoint, logTexts(store), keysOf(log)[0] ?? '');
  });

  it('finds entries by text, time, site, eNB, person and action', () => {
    const { log } = openAt(temporaryFolder());
    const sent = (site: string, serialNumber: string): LogEvent => ({
      action: 'bundle-sending',
      subject: { site, serialNumber, hwType: 'HT' },
      facts: { bundleId: 'b', sequence: 1, bundleSha256: 'c' },
    });
    log.append(sent('S"1', 'AR1'));
    log.people.declare('Other');
    log.append(sent('S2', 'AR1'));
    log.append(sent('S2', 'AR-22'));
    const found = (filter: Parameters<AuditLog['count']>[0]) => {
      const page = { descending: true, offset: 0, limit: 10 };
      assert.equal(log.count(filter), log.list(filter, page).total);
      return log
        .list(filter, page)
        .rows.map(({ subject }) => `${subject['site']} ${subject['serialNumber']}`);
    };
    assert.deepEqual(found({ site: 'S"1' }), ['S"1 AR1']);
    assert.deepEqual(found({ site: 'S2' }), ['S2 AR-22', 'S2 AR1']);
    assert.deepEqual(found({ site: 'S2', serialNumber: 'AR1' }), ['S2 AR1']);
    assert.deepEqual(found({ serialNumber: 'AR' }), []);
    assert.deepEqual(found({ text: 'ar-22' }), ['S2 AR-22']);
    assert.equal(found({ person: log.people.current().id }).length, 3);
    assert.deepEqual(found({ person: 'nobody' }), []);
    assert.equal(found({ actions: ['bundle-sending'] }).length, 3);
    assert.deepEqual(found({ actions: [] }), []);
    const [first, , third] = logEntries(log);
    assert.deepEqual(found({ from: third?.time ?? '' }), ['S2 AR-22']);
    assert.deepEqual(found({ to: first?.time ?? '', actions: ['bundle-sending'] }), []);
  });
});

describe("the log's keys", () => {
  const nextDay = clockAt('2026-11-16T00:00:00Z');

  it('lie in a file that only this user can read', () => {
    const folder = temporaryFolder();
    openAt(folder).log.append(event);
    assert.equal(statSync(join(folder, 'log.key')).mode & 0o777, 0o600);
    assert.equal(existsSync(join(folder, 'log.key.next')), false);
  });

  it('change with the day: the old key signs the new one out, and is erased', () => {
    const folder = temporaryFolder();
    openAt(folder).log.append(event);
    const oldKey = readFileSync(join(folder, 'log.key'), 'utf8');
    const { store, log } = openAt(folder, nextDay);
    log.append(event);
    const texts = logTexts(store);
    const [first = '', second = ''] = keysOf(log);
    assert.notEqual(first, second);
    const [handover, ...others] = store.log.checkpoints();
    assert.equal(others.length, 0);
    assert(handover);
    assert.match(texts[handover.size - 1] ?? '', /^\{"action":"log-key"/);
    assertSealed(handover.checkpoint, texts.slice(0, handover.size), first);
    assertSealed(log.newestHead()?.checkpoint, texts, second);
    for (const name of readdirSync(folder))
      assert(!readFileSync(join(folder, name)).includes(oldKey.split('\n')[1] ?? ''), name);
  });

  it('stay as they are when the transaction that changes them is undone', () => {
    const folder = temporaryFolder();
    openAt(folder).log.append(event);
    const key = readFileSync(join(folder, 'log.key'), 'utf8');
    const { store, log } = openAt(folder, nextDay);
    assert.throws(() =>
      store.transaction(() => {
        log.append(event);
        throw new Error('undone');
      }),
    );
    assert.equal(readFileSync(join(folder, 'log.key'), 'utf8'), key);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('log.key')),
      ['log.key'],
    );
    log.append(event);
    assertSealed(log.newestHead()?.checkpoint, logTexts(store), keysOf(log)[1] ?? '');
  });

  it('are found again after a crash between the change in the store and the change of the file', () => {
    const folder = temporaryFolder();
    const { log } = openAt(folder);
    log.append(event);
    // As the crash leaves it: the file in use is the old one still, the one that counts lies beside it.
    renameSync(join(folder, 'log.key'), join(folder, 'log.key.next'));
    writeFileSync(join(folder, 'log.key'), readFileSync(join(folder, 'log.key.next')).toReversed());
    const again = openAt(folder);
    again.log.append(event);
    assert.equal(keysOf(again.log).length, 1);
    assertSealed(again.log.newestHead()?.checkpoint, logTexts(again.store), keysOf(again.log)[0] ?? '');
    assert.equal(existsSync(join(folder, 'log.key.next')), false);
  });

  it('whose file cannot be read or written make the store unusable, and nothing is appended', () => {
    const folder = temporaryFolder();
    openAt(folder).log.append(event);
    rmSync(join(folder, 'log.key'));
    mkdirSync(join(folder, 'log.key'));
    const { store, log } = openAt(folder);
    const before = logTexts(store);
    try {
      log.append(event);
      assert.fail('appended');
    } catch (error) {
      const { fault } = storeFault(error);
      assert.deepEqual([fault.code, fault.where?.file], ['store-unusable', join(folder, 'log.key')]);
    }
    assert.deepEqual(logTexts(store), before);
  });

  it('are replaced when the file is lost, and the log says so', () => {
    const folder = temporaryFolder();
    openAt(folder).log.append(event);
    rmSync(join(folder, 'log.key'));
    const { store, log } = openAt(folder);
    log.append(event);
    const reasons = allEntries(log).flatMap(({ action, facts }) =>
      action === 'log-key' ? [facts['reason']] : [],
    );
    assert.deepEqual(reasons, ['first', 'lost']);
    const [last] = store.log.checkpoints();
    assertSealed(last?.checkpoint, logTexts(store).slice(0, last?.size), keysOf(log)[0] ?? '');
    assertSealed(log.newestHead()?.checkpoint, logTexts(store), keysOf(log)[1] ?? '');
  });
});

describe('a head that leaves the computer', () => {
  it('is kept, covers everything, and begins an empty log', () => {
    const { store, log } = openAt(temporaryFolder());
    const head = log.giveHead();
    assertSealed(head, logTexts(store), keysOf(log)[0] ?? '');
    assert.deepEqual(
      store.log.checkpoints().map(({ checkpoint, kind }) => [checkpoint, kind]),
      [[head, 'given']],
    );
    assert.equal(log.giveHead(), head);
  });

  it('stays as a witness has cosigned it when it is given again', () => {
    const { store, log } = openAt(temporaryFolder());
    const { size } = parseCheckpoint(log.giveHead()) ?? { size: 0 };
    store.log.replaceCheckpoint({ size, checkpoint: 'cosigned', kind: 'given' });
    log.giveHead();
    assert.deepEqual(
      store.log.checkpoints().map(({ checkpoint }) => checkpoint),
      ['cosigned'],
    );
  });

  it('covers what its own transaction appended before', () => {
    const { store, log } = openAt(temporaryFolder());
    const head = store.transaction(() => {
      log.append(event);
      return log.giveHead();
    });
    assertSealed(head, logTexts(store), keysOf(log)[0] ?? '');
  });

  it('never takes the place of a checkpoint with which a key ended', () => {
    const folder = temporaryFolder();
    openAt(folder).log.append(event);
    const { store, log } = openAt(folder, clockAt('2026-11-16T00:00:00Z'));
    store.transaction(() => log.append(event));
    const before = store.log.checkpoints();
    log.giveHead();
    assert.deepEqual(store.log.checkpoints().slice(0, 1), before);
  });
});

describe('a log whose process ended without a word', () => {
  const tails = (log: AuditLog) =>
    allEntries(log).flatMap(({ action, facts }) => (action === 'recovered' ? [facts['tail']] : []));

  it('is whole if the computer went on running', () => {
    const folder = temporaryFolder();
    openAt(folder, { process: 17 }).log.append(event);
    const { log } = openAt(folder, { isAlive: (process) => process !== 17 });
    log.append(event);
    assert.deepEqual(tails(log), ['certain']);
    assert.deepEqual(actions(log).slice(-3), ['recovered', 'started', 'prepare-run']);
    openAt(folder, { isAlive: (process) => process !== 17 }).log.append(event);
    assert.deepEqual(tails(log), ['certain']);
  });

  it('has an uncertain tail if the computer stopped', () => {
    const folder = temporaryFolder();
    openAt(folder).log.append(event);
    const { log } = openAt(folder, { bootId: 'another' });
    log.append(event);
    assert.deepEqual(tails(log), ['uncertain']);
  });

  it('is not recovered while the process lives, or after it said that it stopped', () => {
    const folder = temporaryFolder();
    const first = openAt(folder);
    first.log.append(event);
    const second = openAt(folder);
    second.log.append(event);
    first.log.close();
    second.log.close();
    const { log } = openAt(folder, { bootId: 'another' });
    log.append(event);
    assert.deepEqual(tails(log), []);
  });
});

describe('a log whose head is damaged', () => {
  const damaged = (change: string) => {
    const folder = temporaryFolder();
    const { store, log } = openAt(folder);
    log.append(event);
    log.close();
    const before = logTexts(store);
    const database = new Database(join(folder, 'siteseal.db'));
    database.exec(`DROP TRIGGER log_is_append_only_update; ${change}`);
    database.close();
    return { ...openAt(folder), before };
  };
  const zeros = '0'.repeat(64);

  for (const [what, change] of Object.entries({
    'a tree that does not fit': "UPDATE log_head SET subtrees = 'x'",
    'another tree': `UPDATE log_head SET subtrees = '${zeros}'`,
  })) {
    it(`makes the tree again from the entries that the checkpoint seals: ${what}`, () => {
      const { store, log, before } = damaged(change);
      log.append(event);
      assert.deepEqual(logTexts(store).slice(0, before.length), before);
      assertSealed(log.newestHead()?.checkpoint, logTexts(store), keysOf(log)[0] ?? '');
    });
  }

  for (const [what, change] of Object.entries({
    'no entry that fits': `UPDATE log_head SET subtrees = '${zeros}'; UPDATE log SET entry = '{}'`,
    'another checkpoint':
      "UPDATE log_head SET checkpoint = replace(checkpoint, char(10) || '4', char(10) || '3')",
    'no checkpoint': "UPDATE log_head SET checkpoint = ''",
  })) {
    it(`is not sealed again: ${what}`, () => {
      const { store, log } = damaged(change);
      const before = [logTexts(store), store.log.head()];
      try {
        log.append(event);
        assert.fail('appended');
      } catch (error) {
        assert.deepEqual(storeFault(error).fault, { code: 'store-unusable', rule: 'log-as-sealed' });
      }
      assert.deepEqual([logTexts(store), store.log.head()], before);
    });
  }
});

describe('a clock that goes back', () => {
  it('is an entry before the one that shows it', () => {
    const folder = temporaryFolder();
    openAt(folder, clockAt('2026-11-15T12:00:00Z')).log.append(event);
    const { log } = openAt(folder, clockAt('2026-11-15T11:59:59Z'));
    log.append(event);
    const backwards = allEntries(log).filter(({ action }) => action === 'clock-set-back');
    assert.deepEqual(
      backwards.map(({ time, facts }) => [time, facts]),
      [['2026-11-15T11:59:59Z', { from: '2026-11-15T12:00:00Z', to: '2026-11-15T11:59:59Z' }]],
    );
    assert.deepEqual(actions(log).slice(-3), ['clock-set-back', 'started', 'prepare-run']);
  });
});

describe('the people of the log', () => {
  it('are the user account until someone declares a name', () => {
    const { log } = openAt(temporaryFolder(), { userName: 'räksmörgås' });
    log.append(event);
    assert.equal(log.people.isDeclared(), false);
    log.people.declare('Åsa "A" Öberg');
    log.people.declare('Åsa "A" Öberg');
    log.append(event);
    assert.equal(log.people.isDeclared(), true);
    assert.deepEqual(
      logEntries(log).map(({ actor }) => log.people.nameOf(actor.id)),
      ['räksmörgås', 'Åsa "A" Öberg'],
    );
    assert.equal(actions(log).filter((action) => action === 'name-declared').length, 1);
    for (const { id, name = '', salt } of log.people.all()) {
      const digests = allEntries(log).filter(({ actor }) => actor.id === id);
      assert(digests.every(({ actor }) => actor.nameSha256 === nameDigest(salt, name)));
    }
  });

  it('lose their name for good when it is erased, and the log stays as it is', () => {
    const folder = temporaryFolder();
    const { store, log } = openAt(folder, { userName: 'account' });
    const name = 'Wilhelmina Unlikely-Name';
    log.people.declare(name);
    for (let index = 0; index < 50; index++) log.people.declare(`${name} ${index}`);
    log.people.declare(name);
    log.append(event);
    const before = logTexts(store);
    for (const { id, name: one } of log.people.all()) if (one?.startsWith(name)) log.people.erase(id);
    assert.deepEqual(logTexts(store).slice(0, before.length), before);
    assert.equal(actions(log).filter((action) => action === 'name-erased').length, 51);
    for (const file of readdirSync(folder)) assert(!readFileSync(join(folder, file)).includes(name), file);
    assert.equal(log.people.isDeclared(), false);
    log.append(event);
    assert.equal(log.people.nameOf(logEntries(log).at(-1)?.actor.id ?? ''), 'account');
  });
});

describe('a log of a version without proofs', () => {
  const old = [0, 1, 2].map((sequence) => ({
    action: 'prepare-run',
    actor: { name: 'Old Name', standing: 'declared' },
    bootId: 'old',
    facts: { made: 1, refused: 0, rows: 1 },
    monotonic: 5,
    sequence,
    subject: { operator: 'X' },
    time: `2026-01-01T00:00:0${sequence}.123Z`,
    training: false,
  }));

  function oldStore(): string {
    const folder = temporaryFolder();
    openAt(folder).store.close();
    const database = new Database(join(folder, 'siteseal.db'));
    const insert = database.prepare('INSERT INTO log_without_proof VALUES (?, ?)');
    for (const entry of old) insert.run(entry.sequence, canonicalise(entry));
    database.close();
    return folder;
  }

  it('is taken in with the day it is opened, in the new format, and says from where on it is proven', () => {
    const folder = oldStore();
    const { store, log } = openAt(folder);
    assert.deepEqual(actions(log), ['prepare-run', 'prepare-run', 'prepare-run', 'log-migrated', 'log-key']);
    const [first, , , migrated] = allEntries(log);
    assert(first && migrated);
    assert.equal(first.time, '2026-01-01T00:00:00Z');
    assert.deepEqual(migrated.facts, { entries: 3 });
    assert.equal(log.people.nameOf(first.actor.id), 'Old Name');
    assertSealed(log.newestHead()?.checkpoint, logTexts(store), keysOf(log)[0] ?? '');
    const again = openAt(folder);
    assert.equal(allEntries(again.log).length, 5);
  });

  it('keeps to the size that the format allows: it gives a list that is too long by its length', () => {
    const folder = temporaryFolder();
    openAt(folder).store.close();
    const database = new Database(join(folder, 'siteseal.db'));
    const serialNumbers = Array.from({ length: 500 }, (_, index) => `AR${index}`.padEnd(200, 'x'));
    const entry = {
      ...old[0],
      action: 'drive-written',
      facts: { bundles: 500, serialNumbers, written: 500 },
    };
    database.prepare('INSERT INTO log_without_proof VALUES (0, ?)').run(JSON.stringify(entry));
    database.close();
    const [taken] = allEntries(openAt(folder).log);
    assert.deepEqual(taken?.facts, { bundles: 500, serialNumbers: 500, written: 500 });
  });

  it('keeps no name of a person outside of the table of people', () => {
    const folder = oldStore();
    const { log } = openAt(folder);
    for (const { id } of log.people.all()) log.people.erase(id);
    for (const file of readdirSync(folder))
      assert(!readFileSync(join(folder, file)).includes('Old Name'), file);
  });
});
