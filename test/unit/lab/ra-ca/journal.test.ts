import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import type { JournalCertificate, JournalEntry, JournalTransaction } from '../../../../main/cmp/index.ts';
import { labCertificates, SqliteJournal } from '../../../../main/lab/index.ts';
import { identity, labOptions } from '../../../kit/bundle.ts';
import { temporaryFolder } from '../../../kit/enb.ts';
import { generateKey, issueCertificate } from '../../../kit/issue-certificate.ts';

const now = new Date('2026-11-29T12:00:00.250Z');
const key = generateKey('P-256');
const holder = 'reference:72656631';
const spki = '11'.repeat(32);

function makeCertificate(facts: Partial<JournalCertificate> = {}): JournalCertificate {
  const certificate = issueCertificate(labCertificates.enb(identity, labOptions), key);
  return { certificate, holder, spkiSha256: spki, ...facts };
}

let count = 0;
function makeTransaction(facts: Partial<JournalTransaction> = {}): JournalTransaction {
  const id = (++count).toString(16).padStart(32, '0');
  const nonces = { nonce: '22'.repeat(16), peerNonce: '33'.repeat(16) };
  return { id, type: 'ir', holder, protection: 'pbm', state: 'issued', ...nonces, ...facts };
}

const opened: SqliteJournal[] = [];
afterEach(() => {
  for (const journal of opened.splice(0)) journal.close();
});

function open(folder = temporaryFolder()): SqliteJournal {
  const journal = SqliteJournal.open(folder, () => now);
  assert(journal.ok, JSON.stringify(journal));
  opened.push(journal.value);
  return journal.value;
}

function write(journal: SqliteJournal, entry: JournalEntry): void {
  assert.deepEqual(journal.write(entry), { ok: true, value: undefined });
}

/** Writes in a child process and says so after each write, until it is killed. */
const writer = (folder: string) => `
  import { SqliteJournal } from '${pathToFileURL(join(import.meta.dirname, '../../../../main/lab/index.ts')).href}';
  import { parseCertificate } from '${pathToFileURL(join(import.meta.dirname, '../../../../main/pki/index.ts')).href}';
  const journal = SqliteJournal.open(${JSON.stringify(folder)}, () => new Date()).value;
  const certificate = parseCertificate(Buffer.from('${Buffer.from(makeCertificate().certificate.der).toString('base64')}', 'base64')).value;
  for (let count = 1; ; count++) {
    const id = count.toString(16).padStart(32, '0');
    const own = { ...certificate, sha256: id, serialNumber: id };
    const written = journal.write({
      transaction: { id, type: 'ir', protection: 'pbm', holder: id, state: 'issued', nonce: id, peerNonce: id, certificate: id, request: new Uint8Array(3000) },
      binding: { holder: id, spkiSha256: id },
      issued: { certificate: own, holder: id, spkiSha256: id },
      refused: 'one',
    });
    if (!written.ok) throw new Error(written.fault.code);
    process.stdout.write(id + '\\n');
  }
`;

describe('the journal of an RA/CA', () => {
  it('knows nothing at first', () => {
    const journal = open();
    assert.equal(journal.transaction('00'), undefined);
    assert.equal(journal.boundKey(holder), undefined);
    assert.equal(journal.certificate('00'), undefined);
    assert.equal(journal.newest(holder, spki), undefined);
    assert.equal(journal.replacement('00'), undefined);
    assert.equal(journal.bySerial('00'), undefined);
    assert.deepEqual(journal.revoked(), []);
  });

  it('keeps what it is given, also after it was closed', () => {
    const folder = temporaryFolder();
    const journal = open(folder);
    const issued = makeCertificate();
    const { sha256, serialNumber } = issued.certificate;
    const first = makeTransaction({ certificate: sha256 });
    const second = makeTransaction({ state: 'waiting', request: Buffer.from('request'), polls: 2 });
    write(journal, { transaction: first, binding: { holder, spkiSha256: spki }, issued });
    write(journal, { transaction: second });
    journal.close();
    const again = open(folder);
    assert.deepEqual(again.transaction(first.id), first);
    assert.deepEqual(again.transaction(second.id), second);
    assert.equal(again.boundKey(holder), spki);
    for (const found of [
      again.certificate(sha256),
      again.bySerial(serialNumber),
      again.newest(holder, spki),
    ]) {
      assert.deepEqual(found, issued);
    }
  });

  it('replaces a transaction as a whole', () => {
    const journal = open();
    const waiting = makeTransaction({ state: 'waiting', request: Buffer.from('request'), polls: 1 });
    write(journal, { transaction: waiting });
    const { id } = waiting;
    const confirmed = makeTransaction({ id, state: 'confirmed', nonce: '33' });
    write(journal, { transaction: confirmed });
    assert.deepEqual(journal.transaction(id), confirmed);
  });

  it('finds the newest certificate for a holder and key, and of those that replace another', () => {
    const journal = open();
    const old = makeCertificate();
    const replaces = old.certificate.sha256;
    const others = [{}, { spkiSha256: '44' }, { holder: 'enb:1.2.3:A' }, { replaces }, { replaces }].map(
      makeCertificate,
    );
    for (const issued of [old, ...others]) write(journal, { transaction: makeTransaction(), issued });
    assert.deepEqual(journal.newest(holder, spki), others[4]);
    assert.deepEqual(journal.newest(holder, '44'), others[1]);
    assert.deepEqual(journal.replacement(replaces), others[4]);
    assert.equal(journal.replacement('44'), undefined);
  });

  it('lists revoked certificates in the order of issue', () => {
    const journal = open();
    const all = [makeCertificate(), makeCertificate(), makeCertificate()];
    for (const issued of all) write(journal, { transaction: makeTransaction(), issued });
    for (const [reason, one] of [all[2], all[0]].entries()) {
      assert(one);
      const revoked = { certificate: one.certificate.sha256, at: now, reason };
      write(journal, { transaction: makeTransaction(), revoked });
      assert.deepEqual(journal.certificate(one.certificate.sha256)?.revoked, { at: now, reason });
    }
    assert.deepEqual(journal.revoked(), [
      { serialNumber: all[0]?.certificate.serialNumber, at: now, reason: 1 },
      { serialNumber: all[2]?.certificate.serialNumber, at: now, reason: 0 },
    ]);
  });

  it('never binds a holder to another key, and then keeps nothing of the entry', () => {
    const journal = open();
    const bind = (spkiSha256: string) => {
      const transaction = makeTransaction();
      return { entry: { transaction, binding: { holder, spkiSha256 } }, transaction };
    };
    write(journal, bind(spki).entry);
    write(journal, bind(spki).entry);
    const { entry, transaction } = bind('55');
    assert.throws(() => journal.write(entry), /bound to another key/);
    assert.equal(journal.transaction(transaction.id), undefined);
    assert.equal(journal.boundKey(holder), spki);
  });

  it('numbers CRLs upwards, also when the clock goes back or a new journal starts', () => {
    const folder = temporaryFolder();
    const journal = open(folder);
    const first = journal.nextCrlNumber();
    assert.equal(first, now.getTime());
    assert.equal(journal.nextCrlNumber(), first + 1);
    journal.close();
    assert.equal(open(folder).nextCrlNumber(), first + 2);
  });

  it('is readable by its user only', { skip: process.platform === 'win32' }, () => {
    const folder = temporaryFolder();
    open(folder);
    assert.equal(statSync(join(folder, 'journal.db')).mode & 0o777, 0o600);
  });

  it('refuses when the disk is full, keeps nothing of the entry, and works again when there is space', (context) => {
    const databases = new Set<Database.Database>();
    type Pragma = (this: Database.Database, ...args: unknown[]) => unknown;
    const pragma = Reflect.get(Database.prototype, 'pragma') as Pragma;
    context.mock.method(Database.prototype, 'pragma', function (this: Database.Database, ...args: unknown[]) {
      databases.add(this);
      return pragma.apply(this, args);
    });
    const folder = temporaryFolder();
    const journal = open(folder);
    const [database] = databases;
    assert(database);
    const request = Buffer.alloc(20_000);
    const entry = () => ({
      transaction: makeTransaction({ request }),
      binding: { holder: `reference:${count}`, spkiSha256: spki },
      issued: makeCertificate(),
    });
    const before = entry();
    write(journal, before);
    database.pragma(`max_page_count = ${Number(database.pragma('page_count', { simple: true }))}`);
    const refused = entry();
    const result = journal.write(refused);
    assert(!result.ok);
    assert.deepEqual(result.fault, {
      code: 'store-unusable',
      found: 'SQLITE_FULL',
      where: { file: join(folder, 'journal.db') },
    });
    assert.equal(journal.transaction(refused.transaction.id), undefined);
    assert.equal(journal.boundKey(refused.binding.holder), undefined);
    assert.equal(journal.certificate(refused.issued.certificate.sha256), undefined);
    assert.deepEqual(journal.transaction(before.transaction.id), before.transaction);
    database.pragma('max_page_count = 100000');
    write(journal, refused);
    assert.deepEqual(journal.certificate(refused.issued.certificate.sha256), refused.issued);
  });

  it('has everything that it reported as written, and no half of anything, after its process was killed', async () => {
    for (const after of [1, 7, 40]) {
      const folder = temporaryFolder();
      const child = spawn(process.execPath, ['--input-type=module', '--eval', writer(folder)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let written = '';
      for await (const chunk of child.stdout.setEncoding('utf8')) {
        written += chunk as string;
        if (written.split('\n').length > after) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      const reported = written.split('\n').slice(0, -1).length;
      assert(reported >= after);
      const database = new Database(join(folder, 'journal.db'));
      const ids = (sql: string) => database.prepare<[], string>(sql).pluck().all();
      const all = ids('SELECT id FROM cmp_transaction ORDER BY id');
      for (const sql of [
        'SELECT sha256 FROM certificate ORDER BY sha256',
        'SELECT holder FROM binding ORDER BY holder',
        'SELECT cmp_transaction FROM refusal ORDER BY 1',
      ]) {
        assert.deepEqual(ids(sql), all);
      }
      assert.deepEqual(ids('PRAGMA integrity_check'), ['ok']);
      database.close();
      assert(all.length === reported || all.length === reported + 1, `${reported} of ${all.length}`);
    }
  });

  it('is for one process alone, and the refusal names it', async () => {
    const folder = temporaryFolder();
    const child = spawn(process.execPath, ['--input-type=module', '--eval', writer(folder)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.stdout.resume();
    const second = SqliteJournal.open(folder, () => now);
    child.kill('SIGKILL');
    await once(child, 'close');
    assert(!second.ok);
    assert.equal(second.fault.code, 'store-in-use');
    assert.equal(second.fault.where?.file, join(folder, 'journal.db'));
    if (process.platform === 'linux')
      assert.match(second.fault.found ?? '', RegExp(`^process ${child.pid}\\b`));
    open(folder);
  });

  it('refuses a journal of a later version, and one that is damaged', () => {
    const folder = temporaryFolder();
    open(folder).close();
    const database = new Database(join(folder, 'journal.db'));
    database.pragma('user_version = 99');
    database.close();
    const later = SqliteJournal.open(folder, () => now);
    assert.equal(!later.ok && later.fault.code, 'store-newer');
    const damaged = temporaryFolder();
    writeFileSync(join(damaged, 'journal.db'), 'not a database'.repeat(100));
    const unusable = SqliteJournal.open(damaged, () => now);
    assert.deepEqual(!unusable.ok && [unusable.fault.code, unusable.fault.found], [
      'store-unusable',
      'SQLITE_NOTADB',
    ]);
  });
});
