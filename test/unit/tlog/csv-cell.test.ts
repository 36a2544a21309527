import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cellOfEntry, entryOfCell } from '../../../main/tlog/index.ts';

const signs = ['=', '+', '-', '@', '\uff1d', '\uff0b', '\uff0d', '\uff20'];

describe('an entry as a cell', () => {
  it('starts no formula after a comma or semicolon, and has the same value', () => {
    for (const sign of signs)
      for (const before of [',', ';', ', ', ';"', ',"", ']) {
        const entry = JSON.stringify({ a: `x${before}${sign}1`, b: [sign, sign] });
        const cell = cellOfEntry(entry);
        assert.doesNotMatch(cell, /[,;][ "]*[-=+@\uff1d\uff0b\uff0d\uff20]/);
        assert.deepEqual(JSON.parse(cell), JSON.parse(entry));
      }
  });

  it('gives back the exact entry, also where the entry has escapes or speaks of them', () => {
    for (const text of [
      '',
      ',=',
      '\\u003d',
      '\\,=',
      '\\\\,=\\u003d',
      '\u0001;-"',
      ';\\\\u003d',
      ',\uff20',
      'a=b-c',
    ])
      for (const entry of [JSON.stringify({ text }), JSON.stringify({ [text]: [text, text] })])
        assert.equal(entryOfCell(cellOfEntry(entry)), entry);
  });

  it('is the entry itself where nothing could start a formula', () => {
    const entry = '{"action":"started","facts":{"a":"x=1-2"}}';
    assert.equal(cellOfEntry(entry), entry);
  });
});
