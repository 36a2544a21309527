import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  readAnnouncements,
  readQuestion,
  writeAnnouncement,
  writeQuestion,
} from '../../../main/device/dns-message.ts';
import { identity } from '../../kit/bundle.ts';

const id = 0x1234;
const announcement = { port: 8443, ...identity };
const unicast = { id, isUnicast: true };
const good = writeAnnouncement(announcement, unicast);

const service = '\x0d_siteseal-enb\x04_tcp\x05local\x00';
const instance = `\x03ENB${service}`;
const number16 = (value: number) => String.fromCharCode(value >> 8, value & 0xff);

/** A record of the internet that holds for 10 seconds. */
function record(name: string, type: number, data: string, { class_ = 1, seconds = 10 } = {}): string {
  const numbers = [type, class_, 0, seconds, data.length].map(number16).join('');
  return `${name}${numbers}${data}`;
}

function message(flags: number, records: readonly string[], count = records.length): Uint8Array {
  const header = [id, flags, 0, count, 0, 0].map(number16).join('');
  return Buffer.from(header + records.join(''), 'latin1');
}

const pointer = record(service, 12, instance);
const place = record(instance, 33, `\0\0\0\0${number16(8443)}\x03enb\x05local\0`);
const text = (...strings: readonly string[]) =>
  record(instance, 16, strings.map((one) => String.fromCharCode(one.length) + one).join(''));

const read = (...records: readonly string[]) => readAnnouncements(message(0x8400, records), id);

describe('an announcement', () => {
  it('is read as it was written', () => {
    assert.deepEqual(readAnnouncements(good, id), [announcement]);
  });

  it('tells the longest serial number whole, though a label is shorter', () => {
    const longest = { ...announcement, serialNumber: 'A'.repeat(64) };
    assert.deepEqual(readAnnouncements(writeAnnouncement(longest, unicast), id), [longest]);
  });

  it('to all has the id 0, as multicast DNS has it', () => {
    const toAll = writeAnnouncement(announcement, { id, isUnicast: false });
    assert.deepEqual(readAnnouncements(toAll, 0), [announcement]);
  });

  it('is read without regard to the case of names, and with pointers in them', () => {
    const name = service.toUpperCase().replace('\x0D_', '\x0d_');
    const toService = '\xc0\x0c';
    const records = [record(name, 12, `\x03enb${toService}`), place, text('serial=AR1')];
    assert.deepEqual(read(...records), [{ port: 8443, serialNumber: 'AR1' }]);
  });

  it('without a text is from an eNB that reports nothing about itself', () => {
    assert.deepEqual(read(pointer, place), [{ port: 8443 }]);
  });

  const hostileTexts: readonly (readonly [what: string, text: string])[] = [
    ['a serial number with a line end', 'serial=A\nB'],
    ['a serial number that is a path', 'serial=../A'],
    ['a serial number that is too long', `serial=${'A'.repeat(65)}`],
    ['an empty serial number', 'serial='],
    ['a hardware type that is no OID', 'hwType=1.3.x'],
    ['a hardware type with a leading zero', 'hwType=1.03'],
  ];
  for (const [what, hostile] of hostileTexts) {
    it(`does not tell ${what}`, () => {
      assert.deepEqual(read(pointer, place, text(hostile)), [{ port: 8443 }]);
    });
  }

  const none: readonly (readonly [what: string, bytes: Uint8Array])[] = [
    ['no octet', Buffer.alloc(0)],
    ['half a header', good.subarray(0, 6)],
    ['a question', message(0, [pointer, place])],
    ['a response that reports an error', message(0x8403, [pointer, place])],
    ['another operation', message(0xa800, [pointer, place])],
    ['no place for the instance', message(0x8400, [pointer])],
    ['port 0', message(0x8400, [pointer, record(instance, 33, '\0\0\0\0\0\0\0')])],
    ['a place that is too short', message(0x8400, [pointer, record(instance, 33, '\0\0\0\0\x20')])],
    [
      'a place with something after it',
      message(0x8400, [pointer, record(instance, 33, '\0\0\0\0\x20\x01\0x')]),
    ],
    ['another class', message(0x8400, [record(service, 12, instance, { class_: 3 }), place])],
    ['a farewell', message(0x8400, [record(service, 12, instance, { seconds: 0 }), place])],
    ['another service', message(0x8400, [record('\x04_tcp\x05local\0', 12, instance), place])],
    ['more records than there are', message(0x8400, [pointer, place], 3)],
    [
      '65 records',
      message(
        0x8400,
        Array.from({ length: 65 }, () => pointer),
      ),
    ],
    ['65,535 records that are not there', message(0x8400, [pointer, place], 0xffff)],
    ['a name that points at itself', message(0x8400, [`\xc0\x0c${pointer.slice(service.length)}`])],
    ['a name that points forward', message(0x8400, [`\xc0\x20${pointer.slice(service.length)}`, place])],
    ['a name that ends in half a pointer', message(0x8400, ['\x01A\xc0'])],
    ['a label of a kind that is reserved', message(0x8400, [`\x40${pointer}`])],
    [
      'a name of more than 255 octets',
      message(0x8400, [record(`${'\x3f'.padEnd(64, 'a').repeat(4)}\0`, 12, instance)]),
    ],
    ['more than 9,000 octets', Buffer.concat([good, Buffer.alloc(9_000)])],
  ];
  for (const [what, bytes] of none) {
    it(`is none with ${what}`, () => assert.deepEqual(readAnnouncements(bytes, id), []));
  }

  it('is none with the id of another question', () => {
    assert.deepEqual(readAnnouncements(good, id + 1), []);
  });

  it('cut short anywhere, or with any byte changed, never does more than tell another port or text', () => {
    for (let length = 0; length < good.length; length++) {
      assert.deepEqual(readAnnouncements(good.subarray(0, length), id), []);
    }
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (place, octet) => {
        const changed = Buffer.from(good);
        changed[place] = octet;
        for (const { port, serialNumber = 'A' } of readAnnouncements(changed, id)) {
          assert(port > 0 && port < 65_536);
          assert.match(serialNumber, /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a question', () => {
  it('is read as it was written', () => {
    assert.deepEqual(readQuestion(writeQuestion(id)), { id, isUnicast: false });
  });

  it('may want to be answered directly', () => {
    const bytes = Buffer.from(writeQuestion(id));
    bytes.writeUInt16BE(0x8001, bytes.length - 2);
    assert.deepEqual(readQuestion(bytes), { id, isUnicast: true });
  });

  it('is none when it is an answer, is for another service, or is cut short', () => {
    const another = Buffer.from(writeQuestion(id));
    another.write('x', 14, 'latin1');
    for (const bytes of [good, another, writeQuestion(id).subarray(0, 20)]) {
      assert.equal(readQuestion(bytes), undefined);
    }
  });
});
