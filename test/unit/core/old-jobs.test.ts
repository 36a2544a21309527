import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createCore } from '../../../main/core/index.ts';
import { migrations } from '../../../main/store/schema.ts';
import { authorisationFor, bundleFor, makeScene, now } from '../../kit/bundle.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { surroundingsIn } from '../../kit/operator.ts';

const scene = makeScene();
const { vendor } = scene;
const renewed = makeScene({ vendor, authorisation: authorisationFor(['LAB0001'], undefined, 3) });

/** The data folder of the version that kept no epochs, with jobs for one eNB: id, sequence number, bundle. */
function oldLaptop(
  ...jobs: readonly (readonly [id: string, sequence: number, bundle: Uint8Array])[]
): string {
  const folder = join(temporaryFolder(), 'data');
  mkdirSync(folder);
  const database = new Database(join(folder, 'siteseal.db'));
  for (const migration of migrations.slice(0, 5)) database.exec(migration);
  database.pragma('user_version = 5');
  database.exec("INSERT INTO vendor_root VALUES ('root', x'00', '[]', '', NULL)");
  const add = database.prepare(`
    INSERT INTO job VALUES (@id, 'S', '', '1.2.3', 'X', '', @sequence, '', '2035-01-01T00:00:00Z', @bundle, @id,
      'root', '')`);
  for (const [id, sequence, bundle] of jobs) add.run({ id, sequence, bundle });
  database.close();
  return folder;
}

describe('the jobs of a version that kept no epochs', () => {
  it('get the epochs of their bundles when the store is opened, and are superseded at once', async () => {
    const folder = oldLaptop(
      ['first', 8, await bundleFor(scene)],
      ['renewed', 1, await bundleFor(renewed)],
      ['garbage', 9, new TextEncoder().encode('no bundle')],
    );
    const core = createCore(surroundingsIn(folder));
    const opened = core.stores.open(false);
    assert(opened.ok);
    const { jobs } = opened.value.store;
    assert.deepEqual(
      ['first', 'renewed', 'garbage'].map((id) => [jobs.get(id)?.epoch, jobs.newer(id, now)]),
      [
        [0, 'renewed'],
        [3, undefined],
        [0, 'renewed'],
      ],
    );
    assert.deepEqual(jobs.withoutEpoch(), []);
    core.stores.close();
  });

  it('keep a store closed that cannot be written to, and get them the next time', async () => {
    const folder = oldLaptop(['first', 8, await bundleFor(scene)]);
    const core = createCore(surroundingsIn(folder));
    const database = new Database(join(folder, 'siteseal.db'));
    database.exec(`CREATE TRIGGER no BEFORE UPDATE ON job BEGIN SELECT RAISE(ABORT, 'no'); END`);
    assert.throws(() => core.stores.open(false), /no/);
    database.exec('DROP TRIGGER no');
    const opened = core.stores.open(false);
    assert.equal(opened.ok && opened.value.store.jobs.get('first')?.epoch, 0);
    core.stores.close();
    database.close();
  });
});
