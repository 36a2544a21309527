// The audit log as the page asks for it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { bundleFor, makeScene } from '../../kit/bundle.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { jobCore } from '../../kit/job-core.ts';

const scene = makeScene();
const bundle = await bundleFor(scene);

/** A laptop whose log has entries, and a folder that its user can choose. */
async function laptop(context: TestContext) {
  const { port, core } = await jobCore(context, scene, [bundle], {});
  const folder = temporaryFolder();
  return {
    port,
    folder,
    chosen: core.registerFile(folder),
    at: (path: string) => core.registerFile(path),
  };
}

suite('the log in the window', () => {
  test('shows entries in words, with labels for what else they say, and finds them by what they are about', async (context) => {
    const { port } = await laptop(context);
    const all = await port.ask('log.list', {});
    const opened = all.rows.find(({ action }) => action === 'bundle-opened');
    assert(opened);
    assert.deepEqual([opened.site, opened.serialNumber, opened.kind], ['S00001', 'LAB0001', 'delivery']);
    assert.match(opened.sentence, /LAB0001/);
    assert.match(opened.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    for (const { label } of opened.facts) assert.match(label, /^[A-Z]/);
    const found = async (filter: Parameters<typeof port.ask<'log.list'>>[1]['filter']) =>
      (await port.ask('log.list', { filter })).rows.map(({ action }) => action);
    assert.deepEqual(await found({ site: 'S00001' }), ['bundle-opened']);
    assert.deepEqual(await found({ serialNumber: 'LAB0001', kind: 'delivery' }), ['bundle-opened']);
    assert.deepEqual(await found({ kind: 'trust' }), ['vendor-root-trusted']);
    assert.deepEqual(await found({ person: 'nobody' }), []);
    assert.equal((await found({ person: opened.personId })).length, all.total);
  });

  test('is verified, and notes that only if a person asked', async (context) => {
    const { port } = await laptop(context);
    assert.equal((await port.ask('log.get', {})).verdict, undefined);
    const before = (await port.ask('log.list', {})).total;
    await port.ask('log.verify', { byPerson: false });
    const { verdict } = await port.ask('log.get', {});
    assert(verdict);
    assert.deepEqual([verdict.intact, verdict.entries, verdict.fault], [true, before, undefined]);
    assert(verdict.proven.length > 0 && verdict.unproven.length > 0);
    assert.equal((await port.ask('log.list', {})).total, before);
    await port.ask('log.verify', {});
    assert.equal((await port.ask('log.list', {})).rows[0]?.action, 'log-verified');
  });

  test('is compared with heads from elsewhere, and saves its own', async (context) => {
    const here = await laptop(context);
    const { fileName } = await here.port.ask('log.saveHead', { folder: here.chosen });
    await here.port.ask('log.verify', { heads: [here.at(join(here.folder, fileName))] });
    const held = await here.port.ask('log.get', {});
    assert(held.verdict?.proven.some((sentence) => sentence.includes(fileName)));
    const other = await laptop(context);
    const given = await other.port.ask('log.saveHead', { folder: other.chosen });
    await here.port.ask('log.verify', { heads: [here.at(join(other.folder, given.fileName))] });
    const { verdict } = await here.port.ask('log.get', {});
    assert.deepEqual([verdict?.intact, verdict?.fault?.code], [false, 'log-foreign']);
  });

  test('is exported with its proof into a folder, and says what it wrote', async (context) => {
    const { port, chosen, folder } = await laptop(context);
    await port.ask('log.export', { format: 'csv', filter: { kind: 'delivery' }, folder: chosen });
    const { exported, exporting } = await port.ask('log.get', {});
    assert.equal(exporting, undefined);
    assert(exported);
    assert.deepEqual(exported.files.toSorted(), readdirSync(folder).sort());
    assert.match(exported.files[0] ?? '', /^siteseal-log-\d{8}T\d{6}Z\.csv$/);
    const [, ...rows] = readFileSync(join(folder, exported.files[0] ?? ''), 'utf8')
      .trimEnd()
      .split('\r\n');
    assert.equal(rows.length, exported.entries);
    assert.equal((await port.ask('log.list', {})).rows[0]?.action, 'log-exported');
  });

  test('says why an export failed', async (context) => {
    const { port, chosen, folder } = await laptop(context);
    await port.ask('log.export', { format: 'proof', filter: { site: 'elsewhere' }, folder: chosen });
    const { exported } = await port.ask('log.get', {});
    assert.equal(exported?.fault?.code, 'log-export-empty');
    assert.deepEqual(readdirSync(folder), []);
  });

  test('gives the head for paper, the same until something is appended', async (context) => {
    const { port } = await laptop(context);
    const head = await port.ask('log.head', {});
    assert.match(head.text, new RegExp(`^siteseal\\.invalid/log/[0-9a-f]{16}\n${head.size}\n`));
    assert.deepEqual(await port.ask('log.head', {}), head);
    assert.equal((await port.ask('log.get', {})).origin, head.text.split('\n', 1)[0]);
  });

  test('shows the name that its user declares, and forgets it for good', async (context) => {
    const { port } = await laptop(context);
    assert.equal((await port.ask('log.get', {})).isNameDeclared, false);
    await port.ask('log.declareName', { name: ' Ann Example ' });
    const named = await port.ask('log.get', {});
    const person = named.people.find(({ isCurrent }) => isCurrent);
    assert.deepEqual([person?.name, named.isNameDeclared], ['Ann Example', true]);
    assert.equal((await port.ask('log.list', {})).rows[0]?.person, 'Ann Example');
    await port.ask('log.eraseName', { person: person?.id ?? '' });
    const { rows } = await port.ask('log.list', { filter: { person: person?.id ?? '' } });
    assert(rows.length > 0);
    assert(rows.every((row) => row.person === undefined));
    assert.equal((await port.refusal('log.eraseName', { person: person?.id ?? '' })).code, 'not-found');
  });
});
