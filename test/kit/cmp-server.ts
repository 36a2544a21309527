// An RA/CA in a separate process, as `siteseal lab ra-ca` runs it: its journal on disk, over HTTP. Says its port in
// JSON. With a point such as `before issued` or `after confirmed`, it kills itself when its journal writes that state.
// usage: cmp-server.ts FOLDER [POINT]
import { createPrivateKey } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Authority } from '../../main/cmp/index.ts';
import { parseCertificates } from '../../main/cms/index.ts';
import { LabIssuer, RaCaServer, SqliteJournal } from '../../main/lab/index.ts';
import { signerOf } from './bundle.ts';
import { must } from './cmp-scene.ts';
import { registrationsIn } from './registrations.ts';

const [folder = '', point] = process.argv.slice(2);
const now = () => new Date();

const journalFolder = join(folder, 'journal');
mkdirSync(journalFolder, { recursive: true });
const journal = must(SqliteJournal.open(journalFolder, now));
const write = journal.write.bind(journal);
journal.write = (entry) => {
  dieAt(`before ${entry.transaction.state}`);
  const written = write(entry);
  dieAt(`after ${entry.transaction.state}`);
  return written;
};
const root = pair('root');
const ca = pair('ca');
const issuer = await LabIssuer.open(ca, [root.certificate], {
  now,
  validity: 90 * 24 * 3_600_000,
  nextCrlNumber: () => journal.nextCrlNumber(),
});
const authority = new Authority({
  issuer,
  journal,
  registry: must(registrationsIn(readFileSync(join(folder, 'registrations.json')))),
  signer: signerOf(pair('ra'), ca),
  vendorRoots: [pair('vendor-root').certificate],
  vendorIntermediates: [],
  now,
});
const { port } = await new RaCaServer(authority, (error) => {
  throw error;
}).listen('127.0.0.1', 0);
process.stdout.write(`${JSON.stringify({ port })}\n`);

function dieAt(here: string): void {
  if (here === point) process.kill(process.pid, 'SIGKILL');
}

function pair(name: string) {
  const [certificate] = must(parseCertificates(readFileSync(join(folder, `${name}.pem`))));
  if (!certificate) throw new Error(`${name}.pem is empty`);
  return { certificate, key: createPrivateKey(readFileSync(join(folder, `${name}.key`))) };
}

process.once('SIGTERM', () => {
  journal.close();
  process.exit();
});
