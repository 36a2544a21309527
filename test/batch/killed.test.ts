// Runs that are killed in the middle, again and again, and continued: the journal never changes its mind.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Bundle } from '../../main/bundle/index.ts';
import { openStore, type BatchBundle } from '../../main/store/index.ts';
import { makeOperator } from '../bench/operator.ts';
import { entry } from '../kit/cli.ts';
import { temporaryFolder } from '../kit/enb.ts';

const count = 2_400;
const kills = 15;
const operator = makeOperator(temporaryFolder(), { enbKey: 'P-256', configurationKey: 'P-256', enbs: count });

/** A run of the whole inventory, in so many threads. */
class KilledRun {
  readonly #workers: number;
  readonly home = temporaryFolder();
  readonly out = join(this.home, 'out');
  readonly bundles = join(this.out, 'bundles');

  constructor(workers: number) {
    this.#workers = workers;
    mkdirSync(this.bundles, { recursive: true });
  }

  /** Prepares until so many bundles are there, or to the end. */
  async prepare(mark = Infinity): Promise<number | null> {
    const args = [
      'prepare',
      operator.inventory,
      '--profile',
      operator.profile,
      '--out',
      this.out,
      '--resume',
    ];
    const child = spawn(process.execPath, [entry, ...args, '--workers', String(this.#workers), '--json'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        HOME: this.home,
        SITESEAL_HOME: join(this.home, 'data'),
        SITESEAL_PASSPHRASE: operator.passphrase,
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      },
    });
    const watcher = watch(this.bundles, () => {
      if (this.names().length >= mark) child.kill('SIGKILL');
    });
    const [code] = (await once(child, 'close')) as [number | null];
    watcher.close();
    return code;
  }

  names(): readonly string[] {
    return readdirSync(this.bundles).filter((name) => name.endsWith('.p7m'));
  }

  /** What the journal holds, by row. */
  journal(): ReadonlyMap<number, BatchBundle> {
    const store = openStore(join(this.home, 'data', 'training'));
    assert(store.ok);
    const { batch } = JSON.parse(readFileSync(join(this.out, 'run.json'), 'utf8')) as {
      readonly batch: string;
    };
    const entries = store.value.batches.bundles(batch, 1, count);
    store.value.close();
    return new Map(entries.map((one) => [one.row, one]));
  }
}

const numbersOf = ({ serialNumber, epoch, sequence, bundleId }: BatchBundle) =>
  [serialNumber, epoch, sequence, bundleId].join(' ');

for (const workers of [1, 2])
  describe(`a run in ${workers === 1 ? 'one thread' : 'two threads'} that is killed ${kills} times`, () => {
    const run = new KilledRun(workers);
    const seen = new Map<number, string>();
    const marks: number[] = [];

    /** Everything that the journal has ever held is still what it was. */
    const compare = () => {
      for (const [row, one] of run.journal()) {
        assert.equal(
          numbersOf(one),
          seen.get(row) ?? numbersOf(one),
          `row ${row}, killed at ${marks.join(', ')}`,
        );
        seen.set(row, numbersOf(one));
      }
    };

    it('keeps the numbers of every bundle', async () => {
      for (let kill = 0; kill < kills; kill++) {
        const there = run.names().length;
        // Never the last ones: it dies in the middle of its work.
        const mark = there + randomInt(1, Math.floor((count - there) / (kills - kill + 1)));
        marks.push(mark);
        assert.equal(await run.prepare(mark), null, `not killed at ${marks.join(', ')}`);
        compare();
      }
    });

    it('is completed: each eNB has one bundle, with the numbers of the journal, and nothing is left over', async () => {
      assert.equal(await run.prepare(), 0);
      compare();
      assert.equal(seen.size, count);
      const found = readdirSync(run.bundles).map((name) => {
        const bundle = new Bundle(readFileSync(join(run.bundles, name)));
        assert(bundle.signer.ok && bundle.configuration.ok, name);
        const { enb, sequence, bundleId } = bundle.configuration.value;
        return [enb.serialNumber, 0, sequence, bundleId].join(' ');
      });
      assert.deepEqual(found.sort(), [...seen.values()].sort());
      const made = [...run.journal().values()].filter(({ sha256 }) => sha256 !== undefined);
      assert.equal(made.length, count);
      assert.deepEqual(readdirSync(run.out).sort(), ['bundles', 'report.csv', 'run.json']);
    });
  });
