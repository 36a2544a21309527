import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isBlank, isChangedBySpreadsheet, lengthOf } from '../../../main/office/spreadsheets.ts';

describe('a cell that a spreadsheet has changed', () => {
  const changed = [
    ...['#NAME?', '#REF!', '#DIV/0!', '#N/A', '#BEZUG!', '#ÉTÉ!', '#', '####', '#'.repeat(99), 'Err:502'],
    `#${'A'.repeat(30)}!`,
    ...['1E+05', '+1E+05', '-1E-05', '1.2E+11', '1,25E+123', '9E+0'],
    ...[' secret', 'secret ', '\tsecret', 'secret\u00a0', '\u3000secret', 'secret\u200b', '\ufeffsecret'],
    ...['\u00a0', '\u{e0041}secret', 'secret\u{e0041}', '\u007fsecret', '\u0000secret'],
    ...['“secret”', '„secret“', '«secret»', '‘secret’', '‹secret›', '“'],
  ];
  for (const text of changed)
    it(`is seen: ${JSON.stringify(text)}`, () => assert(isChangedBySpreadsheet(Buffer.from(text))));

  const whole = [
    ...['', 'secret', 'a secret', '!', '~', 'é', '€', '𝄞', 'pässwörd', 'é secret é'],
    ...['“secret', 'secret”', '"secret"', "'secret'"],
    ...[
      '#!',
      '#name?',
      '#a',
      'NAME?',
      '#NAME-1',
      '#NAME!!',
      `#${'A'.repeat(31)}!`,
      '#1',
      '##A#',
      '#[',
      '#@A',
    ],
    ...['Err:50', 'Err:5022', 'Err:50x', 'err:502', 'Erx:502', 'Err:50:', 'Err:50/'],
    ...[
      '12E+05',
      '1E05',
      '1E+',
      '1E+5x',
      '1.E+05',
      'x1E+05',
      'E+05',
      '1e+05',
      '1:2E+05',
      '1.2',
      '+-1E+05',
      '1',
    ],
    ...['/E+05', ':E+05', '1.2E', '1EE+05'],
  ];
  for (const text of whole)
    it(`is not seen in ${JSON.stringify(text)}`, () => assert(!isChangedBySpreadsheet(Buffer.from(text))));
});

it('A stretch of bytes is blank when it has only characters that cannot be seen', () => {
  const judge = (text: string) => isBlank(Buffer.from(`x${text}x`), 1, 1 + Buffer.byteLength(text));
  for (const text of ['', ' ', '\t \u00a0\u3000', '\u200b', '\u{e0041}', ' \ufeff'])
    assert(judge(text), JSON.stringify(text));
  for (const text of ['x', '!', '~', ' x', '\u00a0é', '𝄞', '\u007f', '\u0000', '\u{e0041}é', '\u3000x'])
    assert(!judge(text), JSON.stringify(text));
});

it('The first byte of a character says how many it has', () => {
  for (const character of [
    '\u0000',
    '\u007f',
    '\u0080',
    '\u07ff',
    '\u0800',
    '\uffff',
    '\u{10000}',
    '\u{10ffff}',
  ])
    assert.equal(lengthOf(Buffer.from(character)[0]!), Buffer.byteLength(character));
});
