import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lineFormats, ReadableRow, type LogEntry } from '../../../../main/audit/index.ts';
import { logActions } from '../../../../main/faults/index.ts';
import { canonicalise } from '../../../../main/json/index.ts';
import { readCsv } from '../../../../main/office/csv.ts';
import { entryOfCell } from '../../../../main/tlog/index.ts';

const source = { origin: 'siteseal.invalid/log/0123456789abcdef', version: '1.2.3' };
const named = new Map([['00112233445566aa', 'Jörg | O=Neil']]);

/** An entry as the log has it. */
function entryOf(part: Partial<LogEntry>): string {
  const entry = {
    action: 'bundle-sending',
    actor: { id: '00112233445566aa', nameSha256: 'ab'.repeat(32), proof: 'declared' },
    bootId: 'boot',
    facts: {},
    format: 'siteseal-log-entry/1',
    monotonicMs: 5,
    sequence: 7,
    subject: {},
    time: '2026-11-15T12:00:00Z',
    training: false,
    ...part,
  };
  return canonicalise(entry as never);
}

function lineOf(format: keyof typeof lineFormats, entry: string, names: ReadonlyMap<string, string> = named) {
  return lineFormats[format].line(new ReadableRow({ sequence: 7, entry }, names), source);
}

const sending = entryOf({
  subject: { serialNumber: 'ENB1', site: 'S;=1|\\' },
  facts: { bundleId: 'b', bundleSha256: 'd', sequence: 3 },
});

describe('the log as CSV', () => {
  const cells = (text: string) =>
    [...readCsv(Buffer.from(text), 0x2c)].map((row) => {
      assert(row.isWellFormed);
      return row.cells.map(String);
    });

  it('has a header, columns that people read, and the exact entry', () => {
    const [header = [], row = []] = cells(lineFormats.csv.header + lineOf('csv', sending));
    assert.deepEqual(header, [
      'sequence',
      'time',
      'person',
      'person_id',
      'action',
      'kind',
      'site',
      'serial_number',
      'sentence',
      'entry',
    ]);
    assert.deepEqual(row.slice(0, 8), [
      '7',
      '2026-11-15T12:00:00Z',
      'Jörg | O=Neil',
      '00112233445566aa',
      'bundle-sending',
      'delivery',
      "S;'=1|\\",
      'ENB1',
    ]);
    assert.equal(entryOfCell(row[9] ?? ''), sending);
  });

  it('starts no formula, whether commas or semicolons separate the cells', () => {
    for (const site of ['=1+1', 'a;=cmd', 'a,"@x', '-1', ';\u202e=1']) {
      const line = lineOf('csv', entryOf({ subject: { site, serialNumber: site } }));
      assert.doesNotMatch(line, /(?:^|[,;])[ "]*[-=+@]/m);
      const [row = []] = cells(line);
      assert.equal(row.length, 10);
    }
  });

  it('leaves the person empty once the name is erased', () => {
    const [row = []] = cells(lineOf('csv', sending, new Map()));
    assert.deepEqual(row.slice(2, 4), ['', '00112233445566aa']);
  });
});

describe('the log as JSON Lines', () => {
  it('has the exact entries', () => {
    assert.equal(lineOf('jsonl', sending), `${sending}\n`);
  });
});

describe('the log as CEF', () => {
  /** A CEF line as a reader takes it apart. */
  function parse(line: string) {
    const [, syslog = '', rest = ''] = /^(<\d+>1 \S+ \S+ \S+ \S+ \S+ -) CEF:(.*)\n$/.exec(line) ?? [];
    const fields = rest.split(/(?<!\\)(?:\\\\)*\|/);
    const extension = rest.slice(rest.search(/rt=/));
    const found = [...extension.matchAll(/(?:^| )(\w+)=((?:\\.|[^\\=])*?)(?= \w+=|$)/g)];
    const values = found.map(([, key, value = '']) => [key, value.replace(/\\(.)/g, '$1')]);
    return { syslog, fields, values: Object.fromEntries(values) as Record<string, string> };
  }

  it('is a line of RFC 5424 with header, extensions and the exact entry', () => {
    const { syslog, fields, values } = parse(lineOf('cef', sending));
    assert.equal(syslog, '<110>1 2026-11-15T12:00:00Z - siteseal - bundle-sending -');
    assert.deepEqual(fields.slice(0, 5), ['0', 'Siteseal', 'Siteseal', '1.2.3', 'bundle-sending']);
    assert.equal(fields[6], '3');
    const { msg, rawEvent, ...others } = values;
    assert.match(msg ?? '', /ENB1/);
    assert.equal(rawEvent, sending);
    assert.deepEqual(others, {
      rt: String(Date.UTC(2026, 10, 15, 12)),
      externalId: '7',
      cat: 'delivery',
      outcome: 'success',
      suid: '00112233445566aa',
      suser: 'Jörg | O=Neil',
      cs1Label: 'site',
      cs1: 'S;=1|\\',
      cs2Label: 'serialNumber',
      cs2: 'ENB1',
      deviceExternalId: source.origin,
    });
  });

  it('escapes bars in its header', () => {
    const line = lineOf('cef', sending);
    assert.match(line, /\|[^|]*S;=1\\\|\\\\[^|]*\|3\|rt=/);
  });

  it('is a warning where something failed', () => {
    const failed = entryOf({ action: 'key-unlock-failed', facts: { fault: 'passphrase-wrong' } });
    const { syslog, fields, values } = parse(lineOf('cef', failed));
    assert.match(syslog, /^<108>/);
    assert.deepEqual([fields[6], values['outcome']], ['6', 'failure']);
  });

  it('has no name of a person whose name is erased', () => {
    const { values } = parse(lineOf('cef', sending, new Map()));
    assert.deepEqual([values['suser'], values['suid']], [undefined, '00112233445566aa']);
  });
});

describe('the log as OCSF', () => {
  type Event = Record<string, unknown> & { readonly metadata: Record<string, unknown> };
  const eventOf = (entry: string, names = named) => JSON.parse(lineOf('ocsf', entry, names)) as Event;

  /** What OCSF 1.7.0 requires of each class beside what it requires of all. */
  const required: Readonly<Record<number, readonly string[]>> = {
    0: [],
    3002: ['user', 'service'],
    3004: ['entity', 'actor'],
    5019: ['device'],
    6002: ['app'],
    6003: ['actor', 'api', 'src_endpoint'],
  };

  it('has for every action a class with what the class requires', () => {
    for (const action of [...Object.keys(logActions), 'of-a-newer-version']) {
      const event = eventOf(entryOf({ action }));
      const uid = Number(event['class_uid']);
      assert(required[uid], action);
      for (const name of ['activity_id', 'category_uid', 'severity_id', 'time', 'type_uid', ...required[uid]])
        assert(Object.hasOwn(event, name), `${action} has no ${name}`);
      assert.equal(event['type_uid'], uid * 100 + Number(event['activity_id']));
      assert.equal(event['category_uid'], Math.floor(uid / 1000));
    }
  });

  it('names the entry by its index, and has it exactly', () => {
    const event = eventOf(sending);
    assert.deepEqual(
      [
        event['class_uid'],
        event.metadata['version'],
        event.metadata['original_event_uid'],
        event['raw_data'],
      ],
      [5019, '1.7.0', '7', sending],
    );
    assert.deepEqual(event['device'], {
      type: 'eNB',
      type_id: 99,
      uid: 'ENB1',
      hw_info: { serial_number: 'ENB1' },
      location: { desc: 'S;=1|\\' },
    });
    assert.deepEqual(event['actor'], {
      user: { uid: '00112233445566aa', name: 'Jörg | O=Neil' },
      app_name: 'Siteseal',
    });
  });

  it('says that a name is erased', () => {
    const { actor, unmapped } = eventOf(sending, new Map()) as Record<string, Record<string, unknown>>;
    assert.deepEqual([actor?.['user'], unmapped?.['isNameErased']], [{ uid: '00112233445566aa' }, true]);
  });
});
