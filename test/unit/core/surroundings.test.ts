import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { DataFolderMissing, systemSurroundings } from '../../../main/core/surroundings.ts';

const variables = ['SITESEAL_HOME', 'XDG_DATA_HOME', 'APPDATA', 'HOME', 'USERPROFILE'];
const kept = { platform: process.platform, env: { ...process.env } };
const home = resolve('/home/anna');

function setPlatform(platform: string): void {
  Object.defineProperty(process, 'platform', { value: platform });
}

function set(environment: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(environment)) process.env[name] = value;
}

const dataFolder = () => systemSurroundings().dataFolder;

describe('the data folder', () => {
  beforeEach(() => {
    for (const name of variables) Reflect.deleteProperty(process.env, name);
    set({ HOME: home, USERPROFILE: home });
  });
  afterEach(() => setPlatform(kept.platform));
  after(() => Object.assign(process.env, kept.env));

  const elsewhere = resolve('/elsewhere');
  const cases: readonly (readonly [platform: string, environment: Record<string, string>, folder: string])[] =
    [
      ['linux', {}, join(home, '.local', 'share', 'siteseal')],
      ['linux', { XDG_DATA_HOME: elsewhere }, join(elsewhere, 'siteseal')],
      ['linux', { XDG_DATA_HOME: 'relative' }, join(home, '.local', 'share', 'siteseal')],
      ['linux', { XDG_DATA_HOME: '' }, join(home, '.local', 'share', 'siteseal')],
      ['linux', { APPDATA: elsewhere }, join(home, '.local', 'share', 'siteseal')],
      ['darwin', {}, join(home, 'Library', 'Application Support', 'Siteseal')],
      ['win32', {}, join(home, 'AppData', 'Roaming', 'Siteseal')],
      ['win32', { APPDATA: elsewhere }, join(elsewhere, 'Siteseal')],
      ['win32', { APPDATA: 'relative' }, join(home, 'AppData', 'Roaming', 'Siteseal')],
      ['linux', { SITESEAL_HOME: elsewhere, XDG_DATA_HOME: home }, elsewhere],
      ['win32', { SITESEAL_HOME: 'relative' }, resolve('relative')],
    ];
  for (const [platform, environment, folder] of cases)
    it(`is ${folder} on ${platform} with ${JSON.stringify(environment)}`, () => {
      set(environment);
      setPlatform(platform);
      assert.equal(dataFolder(), folder);
    });

  it('is missing where SITESEAL_HOME is empty', () => {
    set({ SITESEAL_HOME: '' });
    assert.throws(
      dataFolder,
      (error) => error instanceof DataFolderMissing && error.found === 'SITESEAL_HOME=',
    );
  });

  it('is missing where the home folder is no absolute path', () => {
    set({ HOME: 'relative', USERPROFILE: 'relative' });
    assert.throws(
      dataFolder,
      (error) => error instanceof DataFolderMissing && error.found === 'HOME=relative',
    );
  });
});

describe('the links of this computer', () => {
  it('are by IPv4, or link-local; the loopback is internal', () => {
    const links = systemSurroundings().links();
    for (const { family, address } of links)
      assert(family === 'IPv4' || address.startsWith('fe80:'), address);
    const loopback = links.find(({ address }) => address === '127.0.0.1');
    assert.deepEqual([loopback?.family, loopback?.isInternal, loopback?.index], ['IPv4', true, 0]);
  });
});

it("A process is alive when it can be reached, or is somebody else's", (context) => {
  const { isAlive } = systemSurroundings();
  assert(isAlive(process.pid));
  const codes = { ESRCH: false, EPERM: true, EINVAL: false };
  for (const [code, expected] of Object.entries(codes)) {
    const { mock } = context.mock.method(process, 'kill', () => {
      throw Object.assign(new Error(code), { code });
    });
    assert.equal(isAlive(1), expected, code);
    mock.restore();
  }
});
