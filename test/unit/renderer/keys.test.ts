import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands, isCommand, keysOf, shortcuts } from '../../../preload/contract/commands.ts';
import { commandOf, shownKeys, type Press } from '../../../renderer/src/app/keys.ts';

function press(key: string, more: Partial<Press> = {}): Press {
  return { key, code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more };
}

const ctrl = { ctrlKey: true };

test('each shortcut leads to its own command, in any case of its letter', () => {
  for (const [pressed, command] of [
    [press('F1'), 'help'],
    [press('Enter', ctrl), 'primary'],
    [press('f', ctrl), 'search'],
    [press('F', ctrl), 'search'],
    [press('o', ctrl), 'open-bundles'],
    [press('p', ctrl), 'print'],
    [press('ArrowLeft', { altKey: true }), 'back'],
    [press('1', ctrl), 'go-site'],
    [press('2', ctrl), 'go-office'],
    [press('3', ctrl), 'go-log'],
    [press('4', ctrl), 'go-setup'],
    [press('&', { ...ctrl, code: 'Digit1' }), 'go-site'],
  ] as const)
    assert.equal(commandOf(pressed, false, false), command, JSON.stringify(pressed));
});

test('keys with one more or one less are no shortcut', () => {
  for (const pressed of [
    press('f'),
    press('Enter'),
    press('1'),
    press('ArrowLeft'),
    press('Escape'),
    press('5', ctrl),
    press('F1', { shiftKey: true }),
    press('f', { ...ctrl, shiftKey: true }),
    press('f', { metaKey: true }),
    // AltGr on Windows
    press('2', { ...ctrl, altKey: true, code: 'Digit2' }),
  ])
    assert.equal(commandOf(pressed, false, false), undefined, JSON.stringify(pressed));
});

test('on macOS the command key replaces Ctrl, and Alt with an arrow still moves by a word', () => {
  assert.equal(commandOf(press('f', { metaKey: true }), false, true), 'search');
  assert.equal(commandOf(press('f', ctrl), false, true), undefined);
  assert.equal(commandOf(press('[', { metaKey: true }), false, true), 'back');
  assert.equal(commandOf(press('ArrowLeft', { altKey: true }), false, true), undefined);
});

test('while the user types, going back does nothing, and the rest works', () => {
  assert.equal(commandOf(press('ArrowLeft', { altKey: true }), true, false), undefined);
  assert.equal(commandOf(press('F1'), true, false), 'help');
  assert.equal(commandOf(press('Enter', ctrl), true, false), 'primary');
});

test('no two commands have the same keys', () => {
  for (const isMac of [false, true]) {
    const keys = commands.flatMap((command) => keysOf(command, isMac) ?? []);
    assert.equal(new Set(keys).size, shortcuts.length);
  }
});

test('the help shows the keys one by one, with the names of the system', () => {
  assert.deepEqual(shownKeys('search', false), ['Ctrl', 'F']);
  assert.deepEqual(shownKeys('search', true), ['⌘', 'F']);
  assert.deepEqual(shownKeys('back', false), ['Alt', '←']);
  assert.deepEqual(shownKeys('licences', false), []);
});

test('only the words of the list are commands', () => {
  assert.ok(commands.every(isCommand));
  for (const other of ['', 'quit', 'toString', '__proto__', 0, null, undefined, ['help']])
    assert.equal(isCommand(other), false, String(other));
});
