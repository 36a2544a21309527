// The RA/CA, and the holder, are killed (SIGKILL) around every message. After all restarts the holder has exactly one
// certificate in force, and the journal agrees.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { StoredIssued } from '../../../main/cmp/index.ts';
import { parseCertificate, type Certificate } from '../../../main/pki/index.ts';
import { makeCmpScene, startCmpServer } from '../../kit/cmp-scene.ts';
import { temporaryFolder } from '../../kit/enb.ts';

type Kind = 'ir' | 'kur';

/** Runs the holder in a process of its own, and says how it ended. */
async function hold(folder: string, port: number, kind: Kind, point?: string): Promise<string> {
  const program = join(import.meta.dirname, '../../kit/cmp-holder.ts');
  const url = `http://127.0.0.1:${port}/.well-known/cmp`;
  const child = spawn(
    process.execPath,
    [program, folder, url, kind, ...(point === undefined ? [] : [point])],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return signal ?? (code === 0 ? 'done' : said);
}

function certificateOf(folder: string, kind: Kind): Certificate {
  const stored = JSON.parse(readFileSync(join(folder, `holder-${kind}-certificate`), 'utf8')) as StoredIssued;
  const parsed = parseCertificate(Buffer.from(stored.certificate, 'base64'));
  assert(parsed.ok);
  return parsed.value;
}

/** The certificates that are in force: not revoked, confirmed, and not replaced by one of these. */
function inForce(folder: string): readonly string[] {
  const journal = new Database(join(folder, 'journal/journal.db'), { readonly: true });
  try {
    const rows = journal
      .prepare(
        `SELECT sha256, replaces FROM certificate WHERE revoked_at IS NULL AND sha256 IN
           (SELECT certificate FROM cmp_transaction WHERE state = 'confirmed')`,
      )
      .all() as readonly { readonly sha256: string; readonly replaces: string | null }[];
    const replaced = new Set(rows.map(({ replaces }) => replaces));
    return rows.map(({ sha256 }) => sha256).filter((sha256) => !replaced.has(sha256));
  } finally {
    journal.close();
  }
}

/** How many certificates the journal has, in force or not. */
function issuedIn(folder: string): number {
  const journal = new Database(join(folder, 'journal/journal.db'), { readonly: true });
  const row = journal.prepare('SELECT count(*) AS number FROM certificate').get() as {
    readonly number: number;
  };
  journal.close();
  return row.number;
}

describe(
  'after SIGKILL around every message there is one certificate in force',
  { concurrency: true },
  () => {
    it('of the holder', async () => {
      const folder = temporaryFolder();
      makeCmpScene(folder, 1);
      const server = await startCmpServer(folder);
      try {
        for (const kind of ['ir', 'kur'] as const) {
          for (const point of ['key', 'answered', 'stored', 'confirmed'])
            assert.equal(await hold(folder, server.port, kind, point), 'SIGKILL', `${kind} ${point}`);
          assert.equal(await hold(folder, server.port, kind), 'done');
        }
      } finally {
        await server.close();
      }
      assert.deepEqual(inForce(folder), [certificateOf(folder, 'kur').sha256]);
      assert.equal(issuedIn(folder), 2);
    });

    it('of the RA/CA', async () => {
      const folder = temporaryFolder();
      makeCmpScene(folder, 1);
      for (const [number, kind] of (['ir', 'kur'] as const).entries()) {
        for (const point of ['before issued', 'after issued', 'before confirmed', 'after confirmed']) {
          const server = await startCmpServer(folder, point);
          const gone = once(server.child, 'exit');
          assert.match(await hold(folder, server.port, kind), /cmp-unreachable/, `${kind} ${point}`);
          assert.deepEqual(await gone, [null, 'SIGKILL'], `${kind} ${point}`);
          assert.equal(issuedIn(folder), number + (point === 'before issued' ? 0 : 1));
        }
        const server = await startCmpServer(folder);
        assert.equal(await hold(folder, server.port, kind), 'done');
        await server.close();
        assert.deepEqual(inForce(folder), [certificateOf(folder, kind).sha256]);
      }
    });
  },
);
