import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openLog, type AuditLog, type LogEvent } from '../../../main/audit/index.ts';
import { canonicalise, parseJson } from '../../../main/json/index.ts';
import { openStore, type Store } from '../../../main/store/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { logEntries, logTexts } from '../../kit/log.ts';

function openAt(folder: string): { readonly store: Store; readonly log: AuditLog } {
  const store = openStore(folder);
  assert(store.ok);
  let minutes = 0;
  const log = openLog(store.value, {
    actor: { name: 'räksmörgås "x"', standing: 'declared' },
    bootId: 'boot',
    training: false,
    now: () => new Date(Date.UTC(2026, 10, 15, 12, minutes++)),
    monotonic: () => 1234.5678,
  });
  return { store: store.value, log };
}

const event: LogEvent = {
  action: 'prepare-run',
  subject: { site: 'S1', enb: 'X1' },
  facts: { rows: 3, isWhole: true, codes: ['a', 'b'], made: 1.5e21 },
};

describe('the audit log', () => {
  it('has entries with sequence, times, boot, actor, and what was done to what', () => {
    const { log } = openAt(temporaryFolder());
    log.append(event);
    log.append({ ...event, facts: {} });
    assert.deepEqual(logEntries(log), [
      {
        sequence: 0,
        time: '2026-11-15T12:00:00.000Z',
        monotonic: 1235,
        bootId: 'boot',
        actor: { name: 'räksmörgås "x"', standing: 'declared' },
        training: false,
        ...event,
      },
      {
        sequence: 1,
        time: '2026-11-15T12:01:00.000Z',
        monotonic: 1235,
        bootId: 'boot',
        actor: { name: 'räksmörgås "x"', standing: 'declared' },
        training: false,
        ...event,
        facts: {},
      },
    ]);
  });

  it('holds every entry in canonical JSON', () => {
    const { store, log } = openAt(temporaryFolder());
    log.append(event);
    log.append({
      action: 'prepare-run',
      subject: { '\ud83d\ude00': 'b', '\ufb33': 'a', '': '' },
      facts: { z: -0, a: 1e-7, '\u2028': '\u2028' },
    });
    for (const entry of logTexts(store)) {
      const parsed = parseJson(Buffer.from(entry));
      assert(parsed.ok, entry);
      assert.equal(entry, canonicalise(parsed.value));
    }
    // RFC 8785 sorts by UTF-16 code units, not by code points.
    assert.match(logTexts(store)[1]!, /"subject":\{"":"","\ud83d\ude00":"b","\ufb33":"a"\}/);
  });

  it('is part of what it tells of: one transaction, undone together', () => {
    const { store, log } = openAt(temporaryFolder());
    assert.throws(() =>
      store.transaction(() => {
        log.append(event);
        throw new Error('undone');
      }),
    );
    log.append({ ...event, action: 'bundle-delivery' });
    assert.deepEqual(
      logEntries(log).map(({ sequence, action }) => [sequence, action]),
      [[0, 'bundle-delivery']],
    );
  });

  it('keeps its sequence without gaps when several processes append at once', async () => {
    const folder = temporaryFolder();
    const { log } = openAt(folder);
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
    const entries = logEntries(log);
    assert.deepEqual(
      entries.map(({ sequence }) => sequence),
      Array.from({ length: 3 * count }, (_, index) => index),
    );
    for (const writer of ['writer-1', 'writer-2', 'writer-3']) {
      const own = entries
        .filter(({ subject }) => subject['writer'] === writer)
        .map(({ facts }) => facts['index']);
      assert.deepEqual(
        own,
        Array.from({ length: count }, (_, index) => index),
      );
    }
  });
});
