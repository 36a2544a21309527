import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { siteseal, sitesealJson, type FaultDocument } from '../kit/cli.ts';
import { temporaryFolder } from '../kit/enb.ts';

const folder = temporaryFolder();
const home = join(folder, 'home');
mkdirSync(home);
const where = { home, cwd: folder, isWarm: true };
const template = ['inventory', 'template'];

describe('siteseal inventory template', () => {
  it('prints the template, so that it can be saved', async () => {
    const { stdout, stderr, code } = await siteseal(template, where);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^"site_id","site_name",.*\n"S00001","Example Harbour",.*\n$/);
  });

  it('writes it to a new file, and to no other', async () => {
    const { document, code } = await sitesealJson([...template, '--out', 'new.csv'], where);
    const { file, csv, columns } = document as { file: string; csv: string; columns: readonly string[] };
    assert.deepEqual([code, file], [0, join(folder, 'new.csv')]);
    assert.equal(readFileSync(file, 'utf8'), csv);
    assert.ok(csv.startsWith(columns.map((name) => `"${name}"`).join(',')));
    const again = await sitesealJson([...template, '--out', 'new.csv'], where);
    const { fault } = again.document as { readonly fault: FaultDocument };
    assert.deepEqual([again.code, fault.code, fault.found], [3, 'output-unwritable', 'EEXIST']);
  });
});
