import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { visibleText, visibleValue } from '../../../main/faults/index.ts';

describe('text that is shown', () => {
  const shown: readonly (readonly [string, string, string])[] = [
    ['a line break', 'a\r\nb', 'a⟨U+000D⟩⟨U+000A⟩b'],
    ['an escape sequence', '\u001b[31m\u009b1m', '⟨U+001B⟩[31m⟨U+009B⟩1m'],
    ['a tab and a NUL', '\t\0', '⟨U+0009⟩⟨U+0000⟩'],
    ['bidirectional controls', 'a\u202eb\u2066c\u061cd\u200fe', 'a⟨U+202E⟩b⟨U+2066⟩c⟨U+061C⟩d⟨U+200F⟩e'],
    ['what has no width', 'a\u200bb\u2060c\ufeffd\u00ade', 'a⟨U+200B⟩b⟨U+2060⟩c⟨U+FEFF⟩d⟨U+00AD⟩e'],
    ['tag characters', 'a\u{e0041}', 'a⟨U+E0041⟩'],
    ['a no-break space', 'NF1000001\u00a0', 'NF1000001⟨U+00A0⟩'],
    ['other blanks', 'a\u2003b\u202fc\u3000d\u2800e', 'a⟨U+2003⟩b⟨U+202F⟩c⟨U+3000⟩d⟨U+2800⟩e'],
    ['line and paragraph separators', 'a\u2028b\u2029', 'a⟨U+2028⟩b⟨U+2029⟩'],
    ['fillers of Hangul', '\u3164\u115f', '⟨U+3164⟩⟨U+115F⟩'],
    ['half a character', 'a\ud800b', 'a⟨U+D800⟩b'],
    ['a noncharacter', '\ufffe\u{1ffff}', '⟨U+FFFE⟩⟨U+1FFFF⟩'],
    ['joiners and selectors that follow ASCII', 'AR1\u200c-\u200d2\ufe0f', 'AR1⟨U+200C⟩-⟨U+200D⟩2⟨U+FE0F⟩'],
  ];
  for (const [name, text, expected] of shown)
    test(`has ${name} as code points`, () => assert.equal(visibleText(text), expected));

  const ordinary: readonly (readonly [string, string])[] = [
    ['ASCII, with spaces at its ends', ' Mill 1 (north); "a" <b> '],
    ['Latin with marks, composed or not', 'Käpylä, Łódź, e\u0301'],
    ['Persian with its joiner', 'نمی\u200cخواهم'],
    ['Devanagari and Sinhala with joiners', 'क्\u200dष ශ්\u200dරී'],
    ['Arabic with its number sign', '\u0600١٢'],
    ['Hebrew', 'תל אביב'],
    ['Chinese and Japanese with their blank', '東京\u3000駅'],
    ['an ideograph with its variant', '葛\u{e0100}城'],
    ['Thai', 'สถานีฐาน'],
    ['an emoji of several', '👩\u200d🚒 ⚠\ufe0f'],
  ];
  for (const [name, text] of ordinary)
    test(`has ${name} as it is`, () => assert.equal(visibleText(text), text));

  test('shows spaces at the ends of a value, and only there', () => {
    assert.equal(visibleValue(' a b  '), '⟨U+0020⟩a b⟨U+0020⟩⟨U+0020⟩');
    assert.equal(visibleValue(''), '');
  });
});
