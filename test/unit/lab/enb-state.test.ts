import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { EnbStateFile, type EnbState } from '../../../main/lab/enb-state.ts';
import { bundleFor, makeScene } from '../../kit/bundle.ts';
import { enbOptions, makeReferenceEnb, temporaryFolder } from '../../kit/enb.ts';
import { asOrdinaryUser } from '../../kit/ordinary-user.ts';
import { ReferenceEnb } from '../../../main/lab/index.ts';

const empty: EnbState = {
  format: 'siteseal-lab-enb/1',
  receiptNumber: 0,
  signerTimes: {},
  crls: [],
  revokingCrls: [],
};

function open(folder: string): EnbStateFile {
  const opened = EnbStateFile.open(folder);
  assert(opened.ok, JSON.stringify(opened));
  return opened.value;
}

describe('the state of an eNB', () => {
  it('is empty in a new folder, which is made for this user alone', () => {
    const folder = join(temporaryFolder(), 'a', 'b');
    assert.deepEqual(open(folder).get(), empty);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('is what was last set, for whoever opens it next, and readable for this user alone', () => {
    const folder = temporaryFolder();
    const file = open(folder);
    for (let receiptNumber = 1; receiptNumber < 5; receiptNumber++) file.set({ ...empty, receiptNumber });
    assert.deepEqual(file.get(), { ...empty, receiptNumber: 4 });
    assert.deepEqual(open(folder).get(), file.get());
    assert.deepEqual(readdirSync(folder), ['state.json']);
    assert.equal(statSync(join(folder, 'state.json')).mode & 0o777, 0o600);
  });

  it('is never what lies half written beside it', () => {
    const folder = temporaryFolder();
    open(folder).set({ ...empty, receiptNumber: 3 });
    const whole = JSON.stringify({ ...empty, receiptNumber: 9 });
    for (const part of ['', whole.slice(0, 20), whole]) {
      writeFileSync(join(folder, 'state.json.part'), part);
      assert.equal(open(folder).get().receiptNumber, 3);
    }
    open(folder).set({ ...empty, receiptNumber: 4 });
    assert.deepEqual(readdirSync(folder), ['state.json']);
  });

  it('is empty when nothing but a part was ever written', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'state.json.part'), JSON.stringify({ ...empty, receiptNumber: 9 }));
    assert.deepEqual(open(folder).get(), empty);
  });

  it('stays what it was, in memory too, when it cannot be written', () => {
    const folder = temporaryFolder();
    const file = open(folder);
    file.set({ ...empty, receiptNumber: 3 });
    mkdirSync(join(folder, 'state.json.part'));
    assert.throws(() => file.set({ ...empty, receiptNumber: 4 }), { code: 'EISDIR' });
    assert.equal(file.get().receiptNumber, 3);
    assert.equal(open(folder).get().receiptNumber, 3);
  });
});

describe('an eNB does not guess at a state that is none:', async () => {
  const scene = makeScene();
  const options = enbOptions(scene);
  makeReferenceEnb(scene, options).takeBundle(await bundleFor(scene));
  const good = readFileSync(join(options.folder, 'state.json'), 'utf8');
  const damages: readonly (readonly [what: string, text: string])[] = [
    ['an empty file', ''],
    ['zeroes, as a file system may leave them', '\0'.repeat(good.length)],
    ['the first half of one', good.slice(0, good.length / 2)],
    ['one without its end', good.slice(0, -1)],
    ['one and a half', good + good.slice(0, 9)],
    ['that of another program', good.replace('siteseal-lab-enb/1', 'siteseal-lab-enb/2')],
    ['one with a member that is unknown', good.replace('"crls"', '"lists":[],"crls"')],
    ['one with a sequence number that is none', good.replace('"sequence":7', '"sequence":"7"')],
    ['one with a receipt number below zero', good.replace('"receiptNumber":0', '"receiptNumber":-1')],
    ['one with a bundle that is no base64', good.replace('"bundle":"', '"bundle":"?')],
  ];
  for (const [what, text] of damages) {
    it(what, () => {
      assert.notEqual(text, good);
      const folder = temporaryFolder();
      const file = join(folder, 'state.json');
      writeFileSync(file, text);
      const started = ReferenceEnb.start({ ...options, folder });
      assert(!started.ok);
      const { code, where, because } = started.fault;
      assert.deepEqual([code, where, because?.code], ['store-unusable', { file }, 'json-malformed']);
      assert.equal(readFileSync(file, 'utf8'), text);
    });
  }

  it('a folder', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'state.json'));
    const opened = EnbStateFile.open(folder);
    assert(!opened.ok);
    assert.deepEqual([opened.fault.code, opened.fault.found], ['store-unusable', 'EISDIR']);
  });

  it('a file in the place of the folder', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const opened = EnbStateFile.open(file);
    assert(!opened.ok);
    assert.deepEqual([opened.fault.code, opened.fault.found], ['store-unusable', 'EEXIST']);
  });

  it('a folder that cannot be made', { skip: process.platform !== 'linux' }, () => {
    const opened = EnbStateFile.open('/proc/siteseal');
    assert(!opened.ok);
    assert.deepEqual([opened.fault.code, opened.fault.found], ['store-unusable', 'ENOENT']);
  });

  it('one that it may not read', { skip: process.platform === 'win32' }, () => {
    const { folder, opened } = asOrdinaryUser(() => {
      const folder = temporaryFolder();
      open(folder).set(empty);
      chmodSync(join(folder, 'state.json'), 0);
      return { folder, opened: EnbStateFile.open(folder) };
    });
    assert(!opened.ok);
    assert.deepEqual([opened.fault.code, opened.fault.found], ['store-unusable', 'EACCES']);
    rmSync(folder, { recursive: true });
  });
});
