import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settingsText } from '../../../main/strongswan/index.ts';

describe('the settings of strongSwan', () => {
  it('are sections of quoted values', () => {
    const settings = { daemon: { load: 'a b', tries: 3, plugins: { vici: { on: true } } } };
    assert.equal(
      settingsText(settings),
      'daemon {\n  load = "a b"\n  tries = "3"\n  plugins {\n    vici {\n      on = yes\n    }\n  }\n}\n',
    );
  });

  it('keep a value on its line and in its quotes', () => {
    assert.equal(settingsText({ path: '/a" }\\ #' }), 'path = "/a\\" }\\\\ #"\n');
  });

  it('have no control characters, and only plain names', () => {
    for (const value of ['a\nb', 'a\0b', 'a\u0085b']) assert.throws(() => settingsText({ path: value }));
    for (const name of ['a b', 'a.b', 'a{', '', 'a\n']) assert.throws(() => settingsText({ [name]: 'x' }));
  });
});
